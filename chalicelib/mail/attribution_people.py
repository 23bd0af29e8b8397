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
_MAX_FILLERS: Final = 6


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
    if after_date:
        piece = piece[_AFTER_DATE.match(piece).end() :]  # type: ignore[union-attr]
    piece = piece.strip(" ,;:<([\t")
    return _without_fillers(piece)


@cache
def _fillers(words: Vocabulary) -> tuple[str, ...]:
    return tuple(sorted(words.between | frozenset(words.wrote) | words.opens, key=len, reverse=True))


def _date(text: str, dates: list[re.Match[str]], address: re.Match[str] | None) -> str | None:
    """From the first to the last date-like piece on one side of the address."""
    if not dates:
        return None
    before = [m for m in dates if address is None or m.start() < address.start()]
    if before:
        return _without_fillers(text[: before[-1].end()]) or None
    start = text.rfind(" ", 0, dates[0].start()) + 1
    return text[start : dates[-1].end()].strip(" ,;:<\"'()") or None


def _without_fillers(piece: str) -> str:
    """Without the words that an attribution begins with."""
    words = vocabulary()
    for _ in range(_MAX_FILLERS):
        low = folded(piece)
        starts = (w for w in _fillers(words) if low.startswith(w) and not low[len(w) : len(w) + 1].isalpha())
        filler = next(starts, None)
        if filler is None or len(filler) >= len(piece):
            break
        piece = piece[len(filler) :].strip(" ,;:\t")
    return piece
