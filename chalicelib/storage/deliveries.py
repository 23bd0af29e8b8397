"""Deliveries, read: above all those that did not become a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.model.delivery import Delivery, Verdict
from chalicelib.model.delivery_ids import locate_delivery
from chalicelib.model.page import Page
from chalicelib.storage import keys, table
from chalicelib.storage.tables import DeliveryRow, Row


def delivery_of(row: Row) -> Delivery:
    """A delivery from its row."""
    return table.to_value(Delivery, row)


def get_delivery(account_id: str, delivery_id: str) -> Delivery | None:
    """One delivery of the account, or None; also for an id that is none."""
    try:
        raw_id, door = locate_delivery(delivery_id)
    except ValueError:
        return None
    if not raw_id:
        return None
    row = table.get(DeliveryRow, keys.delivery(raw_id, door), consistent=True)
    if row is None or row.account_id != account_id or row.id != delivery_id:
        return None
    return delivery_of(row)


def page_of_unfiled(
    account_id: str, verdict: Verdict | None, years: Sequence[int], *, limit: int, cursor: str | None
) -> Page[Delivery]:
    """Deliveries that did not become a conversation, newest first; `years` newest first, too."""
    if verdict is None:
        order, partitions = table.BY_PERSON, [keys.deliveries_unfiled(account_id, year) for year in years]
    else:
        order, partitions = (
            table.BY_LIST,
            [keys.deliveries_of_verdict(account_id, verdict.value, year) for year in years],
        )
    return table.page(order, partitions, limit=limit, cursor=cursor, read=delivery_of)
