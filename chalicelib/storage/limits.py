"""The counters behind `model/limits.py`: spent in the transaction that writes what is to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import TooManyRequests
from chalicelib.model.limits import Budget, Spending
from chalicelib.storage import automatic_keys, keys, table
from chalicelib.storage.tables import CountRow

KEPT = timedelta(days=2)  # longer than any window


def spend(writes: table.Transaction, spendings: Sequence[Spending], now: datetime) -> None:
    """Count as part of a transaction, which fails with `LostRace` when one of the budgets is used up."""
    for each in spendings:
        counted: list[Action] = [
            CountRow.times.add(each.amount),
            CountRow.kind.set(CountRow),  # the first update makes the row
            CountRow.expires_at.set(now + KEPT),
        ]
        left = each.budget.most - each.amount
        room: Condition = CountRow.times <= left
        writes.update(CountRow, _key(each, now), counted, room if left < 0 else room | CountRow.times.does_not_exist())


def used_up(spendings: Sequence[Spending], now: datetime) -> Budget | None:
    """The first of the budgets that has no room for this, or None: for who lost a race, and wants to know why."""
    rows = table.get_many([_key(each, now) for each in spendings], consistent=True)
    for each in spendings:
        row = rows.get(_key(each, now))
        times = row.times if isinstance(row, CountRow) else 0
        if times > each.budget.most - each.amount:
            return each.budget
    return None


def require_room(
    spendings: Sequence[Spending], now: datetime, detail: str, *, code: str | None = None, pointer: str | None = None
) -> None:
    """Raise `TooManyRequests` if one of the budgets has no room for this: for who lost a race, and says so.

    In `detail`, `{most}` is how much there may be in the budget's time.
    """
    spent = used_up(spendings, now)
    if spent is not None:
        told = detail.format(most=spent.most)
        raise TooManyRequests(told, retry_after=spent.seconds_left(now), code=code, pointer=pointer)


def _key(spending: Spending, now: datetime) -> keys.Key:
    window = spending.budget.window_of(now)
    return automatic_keys.limit(spending.budget.name, window, spending.account_id, spending.address)
