"""Dates of mails."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.dates import read_date

MOMENTS = st.datetimes(
    datetime(1900, 1, 1),
    datetime(2200, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
).map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS)
def test_what_the_standard_library_writes(moment: datetime) -> None:
    assert datetime.fromisoformat(read_date(format_datetime(moment)) or "") == moment
    assert datetime.fromisoformat(read_date(moment.isoformat()) or "") == moment


@given(st.text(max_size=60) | st.text("0123456789 :/.-+JanFeb,TZ", max_size=60))
def test_any_text_gives_a_date_with_zone_or_none(text: str) -> None:
    date = read_date(text)
    assert date is None or datetime.fromisoformat(date).tzinfo is not None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("", None),
        ("Mon, 05 Jan 2026 10:00:00 -0000", "2026-01-05T10:00:00+00:00"),
        ("5 Jan 2026 10:00 +0100", "2026-01-05T10:00:00+01:00"),
        ("Mon,05 Jan 2026 10:00:00+0100", "2026-01-05T10:00:00+01:00"),
        ("Mon,  5  Jan  2026  10:00:00  +0100", "2026-01-05T10:00:00+01:00"),
        ("Mon, 05 January 2026 10:00:00 GMT", "2026-01-05T10:00:00+00:00"),
        ("Mon, 05 Jan 99 10:00:00 PST", "1999-01-05T10:00:00-08:00"),
        ("Mon, 05 Jan 126 10:00:00 +0000", "2026-01-05T10:00:00+00:00"),
        ("Jan 5, 2026 at 3:04 PM", "2026-01-05T15:04:00+00:00"),
        ("Mon Jan 5 10:00:00 CET 2026", "2026-01-05T10:00:00+01:00"),
        ("Mon Jan 5 10:00:00 2026 +0100", "2026-01-05T10:00:00+01:00"),
        ("2026/1/5 10:00", "2026-01-05T10:00:00+00:00"),
        ("2026-01-05", "2026-01-05T00:00:00+00:00"),
        ("20/1/2026 10:00:00", "2026-01-20T10:00:00+00:00"),
        ("5.1.26 10.30 Uhr", "2026-01-05T10:30:00+00:00"),
        ("Mon, 05 Jan 2026 12:00 AM", "2026-01-05T00:00:00+00:00"),
        ("Mon, 05 Jan 2026 12:30 p.m.", "2026-01-05T12:30:00+00:00"),
        ("Mon, 05 Jan 2026 10:00:00 +05:30", "2026-01-05T10:00:00+05:30"),
        ("Mon, 05 Jan 2026 10:00:00 +9999", "2026-01-05T10:00:00+00:00"),
        ("Mon, 05 Jan 2026 10:00:00 UTC+1", "2026-01-05T10:00:00+01:00"),
        ("Mon, 05 Jan 2026 25:00:00 +0000", None),
        ("Mon, 00 Jan 2026 10:00:00 +0000", None),
        ("10:00:00", None),
        ("1" * 5000, None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert read_date(text) == date
