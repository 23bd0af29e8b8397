"""What a person newly wrote in a mail, and what of the text a reader folds away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from chalicelib.mail.model import Fold


class QuoteSpan(Protocol):
    """A stretch of the text that the HTML marked as a quote or a signature: `text[start:end]`."""

    start: int
    end: int
    kind: str


class Reply(Struct, frozen=True):
    """The newly written text, and the stretches of the whole text that it leaves out."""

    text: str
    folds: tuple[Fold, ...] = ()


def split_reply(
    text: str, quote_spans: Sequence[QuoteSpan] = (), *, subject: str = "", is_reply: bool = True
) -> Reply:
    """Fold the quoted lines at the end of `text`; everything else is newly written."""
    lines = text.splitlines(keepends=True)
    keep = len(lines)
    while keep and (not lines[keep - 1].strip() or lines[keep - 1].startswith(">")):
        keep -= 1
    start = sum(map(len, lines[:keep]))
    if not keep or start == len(text):
        return Reply(text.strip())
    kind: Literal["quote"] = "quote"
    return Reply(text[:start].strip(), (Fold(start, len(text), kind),))
