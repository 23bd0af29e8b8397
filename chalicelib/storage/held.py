"""What came while a channel was off (S87, S90): counted and listed by channel, oldest first, and shown to nobody else.

The counter is written with the delivery, in its transaction, so that it is right without ever counting.
"""

from __future__ import annotations

from pynamodb.expressions.update import Action

from chalicelib.model.delivery import Delivery, Verdict
from chalicelib.model.page import Page
from chalicelib.storage import keys, table
from chalicelib.storage.tables import CountRow, Row


def list_keys(delivery: Delivery) -> dict[str, str]:
    """The index keys by which held mail of a channel is listed; none for any other delivery."""
    if not is_held(delivery) or delivery.account_id is None or delivery.channel_id is None:
        return {}
    return {
        "contact_pk": keys.held_of_channel(delivery.account_id, delivery.channel_id),
        "contact_sk": keys.list_position(delivery.received_at, delivery.id),
    }


def is_held(delivery: Delivery | None) -> bool:
    """Whether a delivery waits for its channel to be on, and for an admin to release it."""
    return delivery is not None and delivery.verdict is Verdict.CHANNEL_OFF


def recount(writes: table.Transaction, before: Delivery | None, after: Delivery | None) -> None:
    """Keep the counters right in the transaction that turns a delivery from one into another (None: none is there)."""
    old = before if is_held(before) else None
    new = after if is_held(after) else None
    if old is not None and new is not None and old.channel_id == new.channel_id:
        return
    if old is not None:
        _count(writes, old, -1)
    if new is not None:
        _count(writes, new, 1)


def _count(writes: table.Transaction, delivery: Delivery, by: int) -> None:
    if delivery.account_id is None or delivery.channel_id is None:
        return
    actions: list[Action] = [CountRow.times.add(by), CountRow.kind.set(CountRow)]  # the first update makes the row
    key = keys.count_of_held(delivery.account_id, delivery.channel_id)
    writes.update(CountRow, key, actions, table.ABSENT | table.PRESENT)


def how_many(account_id: str, channel_id: str) -> int:
    """How many mails a channel holds; one request."""
    row = table.get(CountRow, keys.count_of_held(account_id, channel_id), consistent=True)
    return max(int(row.times), 0) if row else 0  # a mail held by an older release was not counted, but may be released


def page(account_id: str, channel_id: str, *, limit: int, cursor: str | None) -> Page[Delivery]:
    """What a channel holds, oldest first: the order in which it is released."""
    return table.page(
        table.BY_CONTACT,
        [keys.held_of_channel(account_id, channel_id)],
        limit=limit,
        cursor=cursor,
        read=_delivery_of,
        newest_first=False,
    )


def _delivery_of(row: Row) -> Delivery:
    return table.to_value(Delivery, row)
