"""Stamps and ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from chalicelib import clock

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9998, 12, 31), timezones=st.timezones())
FORM = re.compile(r"[a-z]+_[a-z2-7]{16}")


def test_now_has_a_time_zone() -> None:
    assert clock.now().tzinfo is UTC


def test_a_stamp() -> None:
    berlin = timezone(timedelta(hours=1))
    assert clock.stamp(datetime(2026, 3, 2, 9, 0, 0, 123999, berlin)) == "2026-03-02T08:00:00.123Z"


@given(MOMENTS, MOMENTS)
def test_stamps_sort_as_times_do(one: datetime, two: datetime) -> None:
    def milliseconds(moment: datetime) -> int:
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert (clock.stamp(one) < clock.stamp(two)) == (milliseconds(one) < milliseconds(two))
    assert len(clock.stamp(one)) == 24


def test_new_ids_are_new() -> None:
    made = {clock.new_id("cnv") for _ in range(1000)}
    assert len(made) == 1000
    assert all(FORM.fullmatch(each) for each in made)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_derived_ids_are_alike_for_the_same_parts_alone(one: list[str], two: list[str]) -> None:
    if any("\0" in part for part in (*one, *two)) or (not one and two == [""]) or (not two and one == [""]):
        return
    assert (clock.derived_id("cnv", *one) == clock.derived_id("cnv", *two)) == (one == two)
    assert FORM.fullmatch(clock.derived_id("cnv", *one))
