"""Who and when, read out of an attribution: "On 28/10/2021 12:46, "Kim Doe" <kim@example.com> wrote:".

The address is found by its form; the name is what stands before it, without the date and the words that
languages put between ("heeft", "użytkownik", "um … schrieb"); the date is what is left of it, as written.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from .attribution import ADDRESS, DATE
from .header_people import read_people
from .languages import Vocabulary, folded, vocabulary
from .model import Address

_AFTER_DATE: Final = re.compile(
    r"[\s:.,\d\-–—]*(?:(?:[AaPp]\.?\s?[Mm]\.?|Uhr|(?:GMT|UTC|[A-Z]{3,4}(?=[\s,+-]))?\s?(?:[+-]\d{1,2}:?\d{0,2})?|GMT|UTC|\([A-Z]{2,5}\))[\s,.]+)*"
)
_QUOTED_NAME: Final = re.compile(r"[\"“„«]([^\"“”„«»]{1,120})[\"”“»]\s*[<(\[]{0,2}$")
_MAX_NAME: Final = 120


def read_attribution(text: str) -> tuple[Address | None, str | None]:
    """The person and the date, as written; None for what is not told."""
    text = read_plain(text)
    found = ADDRESS.search(text)
    dates = list(DATE.finditer(text))
    date = _date(text, dates, found)
    if not found:
        return None, date
    before = text[: found.start()]
    last = max((match.end() for match in dates if match.end() <= found.start()), default=0)
    quoted = _QUOTED_NAME.search(before)
    name = quoted[1] if quoted else _name(before[last:], bool(last))
    people = read_people(f"{name[-_MAX_NAME:]} <{found[0]}>")
    return (people[0] if people else None), date


def read_plain(text: str) -> str:
    """Without the doubled address of links ("a@b <mailto:a@b>") and HTML entities."""
    return text.replace("mailto:", "").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')


def _name(piece: str, after_date: bool) -> str:
    words = vocabulary()
    if after_date:
        piece = piece[_AFTER_DATE.match(piece).end() :]  # type: ignore[union-attr]
    piece = piece.strip(" ,;:<([\t")
    for _ in range(6):
        low = folded(piece)
        filler = next(
            (w for w in _fillers(words) if low.startswith(w) and not low[len(w) : len(w) + 1].isalpha()), None
        )
        if filler is None or len(filler) >= len(piece):
            break
        piece = piece[len(filler) :].strip(" ,;:\t")
    return piece


@cache
def _fillers(words: Vocabulary) -> tuple[str, ...]:
    return tuple(sorted(words.between | frozenset(words.wrote) | words.opens, key=len, reverse=True))


def _date(text: str, dates: list[re.Match[str]], address: re.Match[str] | None) -> str | None:
    """From the first to the last date-like piece on one side of the address."""
    if not dates:
        return None
    side = [
        m for m in dates if address is None or (m.start() < address.start()) == (dates[0].start() < address.start())
    ]
    start = text.rfind(" ", 0, side[0].start()) + 1
    return text[start : side[-1].end()].strip(" ,;:<\"'") or None
