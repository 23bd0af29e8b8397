"""Dates of mails: RFC 5322 §3.3, its obsolete forms, and what broken programs write. Result: ISO 8601 with offset.

The text is taken apart into words; a word's form tells what it is, so that order, commas, doubled blanks and comments
do not matter. Without a zone, or with one nobody knows, the time counts as UTC (RFC 5322 §3.3 for `-0000`, §4.3 for
the rest). Years of two digits follow RFC 5322 §4.3. What gives no day of the calendar gives None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv enero ene janeiro gennaio gen januari",
            "feb february februar février fevrier févr fevr fév fev febrero fevereiro febbraio februari",
            "mar march märz maerz mär mrz mars marzo março marco maart mrt",
            "apr april avril avr abril abr aprile",
            "may mai mayo maio maggio mag mei",
            "jun june juni juin junio junho giugno giu",
            "jul july juli juillet juil julio julho luglio lug",
            "aug august août aout aoû agosto ago augustus",
            "sep sept september septembre septiembre setembro settembre set",
            "oct october oktober okt octobre octubre outubro out ottobre ott",
            "nov november novembre noviembre novembro",
            "dec december dezember dez décembre decembre déc diciembre dic dezembro dicembre",
        ),
        1,
    )
    for name in names.split()
}
_ZONES: Final = {
    **dict.fromkeys(["z", "ut", "utc", "gmt", "wet"], 0),
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
    "akst": -540,
    "akdt": -480,
    "hst": -600,
    "ast": -240,
    "adt": -180,
    "nst": -210,
    "ndt": -150,
    "brt": -180,
    "bst": 60,
    "west": 60,
    "cet": 60,
    "met": 60,
    "mez": 60,
    "cest": 120,
    "mest": 120,
    "mesz": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "trt": 180,
    "sast": 120,
    "ist": 330,
    "sgt": 480,
    "hkt": 480,
    "awst": 480,
    "jst": 540,
    "kst": 540,
    "acst": 570,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
}
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T_ ]\s{0,3}(?=\d))?")
_SLASHED: Final = re.compile(r"\b(\d{1,4})([/.])(\d{1,2})\2(\d{1,4})\b")
_TIME: Final = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?(?!\d)\s?([AaPp]\.?[Mm]\b)?")
_OFFSET: Final = re.compile(r"(?:(?:UTC|GMT)\s?)?([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_COMMENT: Final = re.compile(r"\([^()]{0,100}\)?")


def read_date(text: str) -> str | None:
    """The moment that a Date field names, as `2026-01-05T10:00:00+01:00`; None if it names none."""
    text = _COMMENT.sub(" ", text[:300]).strip()
    time, before, after = _time(text)
    day = _day(before, after)
    if day is None:
        return None
    minutes = _offset(after)
    try:
        zone = UTC if minutes == 0 else timezone(timedelta(minutes=minutes))
        return datetime(*day, *time, tzinfo=zone).isoformat()
    except (ValueError, OverflowError):
        return None


def _time(text: str) -> tuple[tuple[int, int, int], str, str]:
    """Hour, minute, second; the text before the time and the text after it."""
    dates = [m for m in (_SLASHED.search(text),) if m]
    start = dates[0].end() if dates and dates[0][2] == "." else 0  # 5.1.26 is no time
    found = _TIME.search(text, start)
    if not found:
        return (0, 0, 0), text, ""
    hour, minute, second = int(found[1]), int(found[2]), min(int(found[3] or 0), 59)  # :60 is a leap second
    if found[4]:
        hour = hour % 12 + (12 if found[4][0] in "Pp" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    return (hour, minute, second), text[: found.start()], text[found.end() :]


def _day(before: str, after: str) -> tuple[int, int, int] | None:
    """Year, month and day, mostly before the time; asctime puts the year after it."""
    if iso := _ISO.search(before):
        return int(iso[1]), int(iso[2]), int(iso[3])
    if slashed := _SLASHED.search(before + " " + after):
        return _from_slashed(slashed)
    words = [w.lower() for w in _WORD.findall(before)]
    year_after = re.search(r"(?<![\d+:-])(\d{4})(?!\d)", after)
    month = next((_MONTHS[w] for w in words if w in _MONTHS), None)
    if month is None:
        words += [w.lower() for w in _WORD.findall(after)]
        month = next((_MONTHS[w] for w in words if w in _MONTHS), None)
    numbers = [w for w in words if w.isascii() and w.isdigit()]
    if month is None or not numbers:
        return None
    if len(numbers) == 1 and year_after:
        numbers.append(year_after[1])
    if len(numbers) < 2:
        return None
    first, second = numbers[:2]
    day, year = (second, first) if len(first) == 4 else (first, second)
    return _year(year), month, int(day)


def _from_slashed(found: re.Match[str]) -> tuple[int, int, int]:
    """`5/1/2026`, `5.1.26`, `2026/1/5`. With slashes the month comes first (US) unless that is no month."""
    a, b, c = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) == 4:
        return a, b, c
    month, day = (a, b) if found[2] == "/" and a <= 12 else (b, a)
    return _year(found[4]), month, day


def _year(text: str) -> int:
    year = int(text[:5])
    if len(text) <= 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year


def _offset(text: str) -> int:
    """Minutes east of UTC."""
    if found := _OFFSET.search(text):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return (minutes if found[1] == "+" else -minutes) if minutes < 24 * 60 else 0
    return next((_ZONES[w.lower()] for w in _WORD.findall(text) if w.lower() in _ZONES), 0)
