"""Message ids (RFC 5322 §3.6.4) of Message-ID, In-Reply-To and References.

Ids stand without angle brackets and without blanks. Read besides the grammar: missing brackets, commas and semicolons
between ids, ids folded in the middle, quoted-printable remains (`=3D`, a `=` at a fold), encoded words, and
In-Reply-To with prose around the id (RFC 822 allowed it). Ids are bounded in number and length, since anybody can
write them.
"""

from __future__ import annotations

import re
from typing import Final

from . import encoded_words
from .bounds import MAX_ID_CHARS, MAX_IDS
from .clean import clean_line

_BRACKETED: Final = re.compile(r"<([^<>]*)>")
_BLANK: Final = re.compile(r"[\s\"'<>]+")
_BARE: Final = re.compile(r"[^\s<>,;\"'()]+@[^\s<>,;\"'()]+")


def read_ids(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All ids in the unfolded text of References or In-Reply-To, in order, each once; and defect codes."""
    if "=?" in text:
        text = encoded_words.decode(text)
    found = [_cleaned(inner) for inner in _BRACKETED.findall(text)]
    rest = _BRACKETED.sub(" ", text)
    if "@" in rest:
        found += [_cleaned(bare) for bare in _BARE.findall(rest)] if not any(found) or "<" not in text else []
    if not any(found):
        words = text.replace(",", " ").strip("<> \t").split()
        found = [_cleaned(words[0])] if len(words) == 1 else []
    ids = list(dict.fromkeys(one for one in found if one and len(one) <= MAX_ID_CHARS))
    if len(ids) > MAX_IDS:  # the oldest names the conversation, the newest the mail answered
        return (ids[0], *ids[-(MAX_IDS - 1) :]), ("too_many_references",)
    return tuple(ids), ()


def read_id(text: str) -> str | None:
    """The id of a Message-ID field, without brackets; None if there is none."""
    inner = _BRACKETED.search(text)
    one = _cleaned(inner[1] if inner else text.strip().strip("<>"))
    return one if one and len(one) <= MAX_ID_CHARS else None


def _cleaned(one: str) -> str:
    one = clean_line(one)
    if "=" in one:  # a quoted-printable body pasted into a header
        one = re.sub(r"=\s+", "", one)
        if "=3D" in one or "=40" in one:
            one = one.replace("=3D", "=").replace("=40", "@")
    return _BLANK.sub("", one)
