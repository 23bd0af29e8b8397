"""The subject of an answer: exactly one "Re:", whatever prefixes the subject has in whatever languages. Pure.

"AW: SV: Re[2]: x" becomes "Re: x". Words for forwards stay, and so do tags: "[External] WG: AW: x" becomes
"Re: [External] WG: x". What is no prefix of a language we know is part of the subject. Limits: subjects that came by
mail are at most 10,000 characters (`mail/bounds.py`).
"""

from __future__ import annotations

import re

from chalicelib.mail.clean import clean_line
from chalicelib.mail.subject_prefixes import prefix_of

REPLY = "Re:"
_WORD = re.compile(r"[^\[\]()*:：]{1,60}(?:\[\d{1,4}\]|\(\d{1,4}\))?\s*[:：]$")
_FORWARDED = re.compile(r"\s*\(fwd\)\s*$", re.IGNORECASE)  # old mail programs write it at the end


def answer_subject(subject: str) -> str:
    """The subject of an answer to a mail with this subject."""
    rest = clean_line(subject)
    end = _FORWARDED.search(rest[-20:])
    tail = rest[len(rest) - len(end[0]) :] if end else ""
    rest = rest.removesuffix(tail)
    kept = ""
    while (prefix := prefix_of(rest)).end:
        head, rest = rest[: prefix.end], rest[prefix.end :].lstrip()
        word = _WORD.search(head)
        if not prefix.reply or word is None:
            kept += head + " "
        elif head[: word.start()].strip():
            kept += head[: word.start()].strip() + " "
    return f"{REPLY} {kept}{rest}".rstrip() + tail
