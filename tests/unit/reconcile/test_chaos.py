"""A small and exact version of `bench/chaos.py`: what is measured there holds, and the measure itself can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos import DAY, OTHERS, SCENARIOS, Measured, Scenario, Told, Trouble, incidents, measure, row, weighed
from chalicelib.reconcile.channel_status import DAMPING, Damping

LONG = Scenario("long", (Trouble(every=24, lasts=240),))
SHORT = Scenario("short", (Trouble(every=3, lasts=2),))
UNDAMPED = Damping((1, 1), (1, 1), 1)


def test_it_is_the_same_every_time() -> None:
    assert measure(LONG, days=3) == measure(LONG, days=3)


def test_nothing_fails_and_nothing_is_said() -> None:
    assert measure(Scenario("calm"), days=3) == Measured(3 * DAY, 3 * DAY, 0, 0, (), (), 0, 0, 0, 0)


def test_what_lasts_is_told_once_within_a_quarter_of_an_hour_and_healed_within_ten_minutes() -> None:
    found = measure(LONG, channels=2, days=5)
    assert found.incidents >= 10
    assert (found.missed, found.false) == (0, 0)
    # Three of the last four observations, five minutes apart: between ten and fifteen minutes after it began, or sooner
    # where lesser trouble was there already; twice good heals.
    assert max(found.detected) <= 15
    assert max(found.recovered) <= 10
    assert (found.alerts - found.early, found.repeated) == (found.incidents, 0)


def test_hiccups_alarm_nobody_where_the_last_look_alone_would() -> None:
    damped, undamped = measure(SHORT, days=3), measure(SHORT, UNDAMPED, days=3)
    assert damped.alerts == damped.incidents == 1  # several in a row that cut mail off for twenty minutes
    assert undamped.alerts >= 10


def test_false_readings_alarm_nobody_where_the_last_look_alone_would() -> None:
    quiet = SCENARIOS[0]
    assert measure(quiet, channels=2, days=10).false == 0
    assert measure(quiet, UNDAMPED, channels=2, days=10).false >= 5


def test_absent_evidence_delays_and_does_not_mislead() -> None:
    found = measure(Scenario("absent", LONG.troubles, absent=0.3), channels=2, days=5)
    assert (found.missed, found.false) == (0, 0)
    blind = measure(Scenario("blind", absent=1.0), days=2)
    assert (blind.right, blind.alerts) == (0, 0)  # nothing is known, and nothing is claimed


@pytest.mark.parametrize(
    ("true", "shown", "expected"),
    [
        ("2" * 30, "0" * 30, (1, 1)),  # missed
        ("0" * 40, "0" * 10 + "2" * 30, (0, 0)),
        ("0" * 5 + "2" * 30 + "0" * 5, "0" * 20 + "2" * 20, (1, 0)),
        ("2" * 10 + "0" * 30, "0" * 40, (0, 0)),  # too short to be owed a word
    ],
)
def test_the_measure_counts_what_it_says(true: str, shown: str, expected: tuple[int, int]) -> None:
    told = Told(bytes(map(int, true)), bytes(map(int, shown)), ())
    found = weighed([told])
    assert (found.incidents, found.missed) == expected
    assert found.right == sum(a == b for a, b in zip(true, shown, strict=True))


def test_an_alarm_without_trouble_is_false_and_what_comes_again_soon_is_one_incident() -> None:
    calm = bytes(100)
    assert weighed([Told(calm, calm, (50,))]).false == 1
    broken = bytes([2] * 100)
    told = weighed([Told(broken, broken, (10, 50))])
    assert (told.alerts, told.early, told.repeated, told.false) == (2, 0, 1, 0)
    brief = bytes([2] * 10 + [0] * 90)
    assert weighed([Told(brief, brief, (9,))]).early == 1
    assert incidents(bytes([2] * 5 + [0] * 10 + [2] * 5 + [0] * 20 + [2] * 5)) == [(0, 20), (40, 45)]


def test_the_documented_numbers_are_the_measured_ones() -> None:
    """One row stands for the tables of docs/channel-health.md: whoever changes the counts measures again."""
    documented = (Path(__file__).parents[3] / "docs" / "channel-health.md").read_text()
    (name,) = [name for name, damping in OTHERS if damping == DAMPING]
    assert row(name, measure(SCENARIOS[-1])) in documented


def test_a_row_of_the_table_says_it_in_words() -> None:
    found = Measured(200, 199, 2, 0, (10, 14), (7,), 3, 1, 0, 1)
    assert row("name", found) == "| name | 99.50 % | 2 | 0 | 12 (95 %: 10) | 7 (95 %: 7) | 3 | 1 | 0 | 1 |"
