"""Working hours on the wall clock, over changes of daylight saving time, and holidays (S61)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.account import (
    Availability,
    Holiday,
    Role,
    Seat,
    Shift,
    User,
    UserStatus,
    Weekday,
    WorkingHours,
)
from chalicelib.routing.availability import as_of, began, is_available, is_within, takes_conversations

BERLIN = WorkingHours(
    "Europe/Berlin",
    (
        Shift(Weekday.MONDAY, "09:00", "17:00"),
        Shift(Weekday.SUNDAY, "01:30", "03:30"),
        Shift(Weekday.FRIDAY, "22:00", "24:00"),
    ),
    (Holiday("2026-12-24", "2026-12-28"),),
)


def user(**settings: Any) -> User:
    usual: dict[str, Any] = {"availability": Availability.AVAILABLE, "seat": Seat.SERVICE, "working_hours": BERLIN}
    fields = {**usual, **settings}
    return User(account_id="a", id="u", email="e", name="U", role=Role.MEMBER, created_at="t", **fields)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T07:59:59+00:00", False),  # Monday, winter: 08:59:59
        ("2026-03-02T08:00:00+00:00", True),
        ("2026-03-02T15:59:59+00:00", True),
        ("2026-03-02T16:00:00+00:00", False),
        ("2026-03-03T10:00:00+00:00", False),  # Tuesday
        ("2026-07-06T07:00:00+00:00", True),  # Monday, summer: 09:00
        ("2026-07-06T15:00:00+00:00", False),
        ("2026-03-29T00:30:00+00:00", True),  # clocks go forward: 01:30, and then
        ("2026-03-29T00:59:59+00:00", True),
        ("2026-03-29T01:00:00+00:00", True),  # it is 03:00
        ("2026-03-29T01:30:00+00:00", False),  # an hour shorter
        ("2026-10-24T23:30:00+00:00", True),  # clocks go back: 01:30
        ("2026-10-25T00:30:00+00:00", True),  # 02:30
        ("2026-10-25T01:30:00+00:00", True),  # 02:30 again
        ("2026-10-25T02:29:59+00:00", True),
        ("2026-10-25T02:30:00+00:00", False),  # an hour longer
        ("2026-03-06T22:59:59+00:00", True),  # Friday until midnight
        ("2026-03-06T23:00:00+00:00", False),
        ("2026-12-21T10:00:00+00:00", True),
        ("2026-12-28T10:00:00+00:00", False),  # a holiday's last day
        ("2027-01-04T10:00:00+00:00", True),
        ("2026-03-02T09:30:00-05:00", True),  # the same moment, however it is written
    ],
)
def test_S61_working_hours_follow_the_wall_clock(moment: str, expected: bool) -> None:
    assert is_within(BERLIN, datetime.fromisoformat(moment)) is expected


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_S61_all_day_every_day_is_always_and_a_moment_is_of_one_half_of_the_day(naive: datetime, zone: str) -> None:
    moment = naive.replace(tzinfo=UTC)
    days = tuple(Shift(day, "00:00", "24:00") for day in Weekday)
    assert is_within(WorkingHours(zone, days), moment)
    assert not is_within(WorkingHours(zone), moment)
    morning = WorkingHours(zone, tuple(Shift(day, "00:00", "12:00") for day in Weekday))
    evening = WorkingHours(zone, tuple(Shift(day, "12:00", "24:00") for day in Weekday))
    assert is_within(morning, moment) is not is_within(evening, moment)
    today = moment.astimezone(ZoneInfo(zone)).date().isoformat()
    assert not is_within(WorkingHours(zone, days, (Holiday(today, today),)), moment)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, True),
        ({"availability": Availability.AWAY}, False),
        ({"seat": Seat.FREE}, False),
        ({"status": UserStatus.INVITED}, False),
        ({"working_hours": None}, True),
    ],
)
def test_S20_S61_who_takes_conversations_within_hours(settings: dict[str, object], expected: bool) -> None:
    within = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
    assert takes_conversations(user(**settings), within) is expected


def test_S61_outside_of_hours_a_user_is_seen_as_away_and_an_invited_one_not_at_all() -> None:
    late = datetime.fromisoformat("2026-03-02T20:00:00+00:00")
    assert not is_available(user(), late)
    seen = as_of([user(), user(working_hours=None), user(status=UserStatus.INVITED)], late)
    assert [each.availability for each in seen] == [Availability.AWAY, Availability.AVAILABLE]


def test_S61_hours_begin_once() -> None:
    nine = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
    minute = timedelta(minutes=1)
    assert began([user()], nine - minute, nine)
    assert not began([user()], nine, nine + minute)
    assert not began([user(availability=Availability.AWAY)], nine - minute, nine)
    assert not began([], nine - minute, nine)
