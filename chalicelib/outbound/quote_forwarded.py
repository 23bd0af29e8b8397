"""A message that is sent on to somebody else: below the words that go with it, with the block that mail programs write.

Format: the line, the fields and the order of Gmail's forwards, which readers of forwards know (`mail/forwarded.py`).
Blind copies are never among the fields. The HTML is cleaned; it shows images of the mail itself, if they are sent
along, and none from elsewhere, since those would tell a stranger's server who reads it. Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.mail.clean import clean_line
from chalicelib.mail.html import clean
from chalicelib.mail.model import Address
from chalicelib.mail.subject_prefixes import prefix_of
from chalicelib.outbound.choose_sender import one_line
from chalicelib.outbound.written_text import html_of_text

FORWARD = "Fwd:"
_IMAGE = re.compile(r"<img(?: [^>]*)?>")
_LABELS = {
    "de": ("Weitergeleitete Nachricht", "Von", "Datum", "Betreff", "An", "Cc"),
    "en": ("Forwarded message", "From", "Date", "Subject", "To", "Cc"),
}


class Forwarded(Struct, frozen=True):
    """The message that is sent on: who wrote it when, to whom, and all that can be read of it."""

    author: Address | None
    written_at: datetime
    subject: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    text: str
    html: str | None = None


def forward_subject(subject: str) -> str:
    """The subject of a mail that sends on one with this subject: it says so once, in whatever language."""
    line = clean_line(subject)
    found = prefix_of(line)
    return line if found.forward and not found.reply else f"{FORWARD} {line}".rstrip()


def forwarded_text(forwarded: Forwarded, locale: str) -> str:
    """The block and the text as it was written."""
    return "\n".join(_head(forwarded, locale)) + "\n\n" + forwarded.text.rstrip()


def forwarded_html(forwarded: Forwarded, locale: str) -> str:
    """The same in HTML."""
    head = "<br>\n".join(html.escape(line, quote=False) for line in _head(forwarded, locale))
    body = html_of_text(forwarded.text) if forwarded.html is None else _IMAGE.sub(_own, clean(forwarded.html))
    return f"<div>{head}</div>\n<br>\n<div>{body}</div>"


def _head(forwarded: Forwarded, locale: str) -> list[str]:
    title, author, date, subject, to, cc = _LABELS.get(locale, _LABELS["en"])
    moment = forwarded.written_at
    written = f"{moment:%d.%m.%Y %H:%M}" if locale == "de" else f"{moment:%Y-%m-%d} at {moment:%H:%M}"
    fields = (
        (author, _people([forwarded.author] if forwarded.author else [])),
        (date, written),
        (subject, clean_line(forwarded.subject)),
        (to, _people(forwarded.to)),
        (cc, _people(forwarded.cc)),
    )
    return [f"---------- {title} ---------", *(f"{name}: {value}" for name, value in fields if value)]


def _people(addresses: Sequence[Address]) -> str:
    named = ((one_line(each.name or ""), one_line(each.address)) for each in addresses)
    return ", ".join(f"{name} <{address}>" if name else f"<{address}>" for name, address in named)


def _own(image: re.Match[str]) -> str:
    return image[0] if ' src="cid:' in image[0] else ""
