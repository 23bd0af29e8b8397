"""Budgets: their windows, their names, and that each path that sends mail has some."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.model import limits
from chalicelib.model.limits import Budget, Window
from chalicelib.storage import automatic_keys


@pytest.mark.parametrize(
    ("window", "at", "name"),
    [
        (Window.HOUR, datetime(2026, 3, 2, 8, 59, 59, tzinfo=UTC), "2026-03-02T08"),
        (Window.HOUR, datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02T09"),
        (Window.DAY, datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC), "2026-03-02"),
        (Window.DAY, datetime(2026, 3, 3, tzinfo=UTC), "2026-03-03"),
    ],
)
def test_a_window_is_an_hour_or_a_day_of_utc(window: Window, at: datetime, name: str) -> None:
    assert Budget("any", 1, window).window_of(at) == name


def test_no_two_budgets_share_a_counter() -> None:
    spendings = [
        *limits.answers("acc", 3, free=False),
        *limits.proofs("acc", "a@x.example"),
        *limits.acknowledgements("acc", "a@x.example"),
        *limits.notices("acc", "a@x.example"),
    ]
    counters = [automatic_keys.limit(each.budget.name, "now", each.account_id, each.address) for each in spendings]
    assert len(set(counters)) == len(counters) == 9


def test_every_automatic_path_is_bounded_by_account_and_by_address() -> None:
    for spendings in (limits.acknowledgements("acc", "a@x.example"), limits.notices("acc", "a@x.example")):
        assert {(each.account_id is not None, each.address is not None) for each in spendings} == {
            (True, True),
            (False, True),
            (True, False),
        }
        assert all(0 < each.budget.most < 10_000 for each in spendings)
