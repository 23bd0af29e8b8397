"""What has been kept long enough to be looked at: closed conversations and unfiled mail of an account, oldest first,
and the deliveries behind raw mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace
from chalicelib.model.account import Account
from chalicelib.model.conversation import Conversation
from chalicelib.model.delivery import Delivery
from chalicelib.model.message_ids import locate_message
from chalicelib.storage import keys, table
from chalicelib.storage.conversations import conversation_of
from chalicelib.storage.deliveries import delivery_of
from chalicelib.storage.tables import AccountRow, DeliveryRow, MessageRow, RawMailRow, Row

PAGE = 100


def closed_conversations(account_id: str, inbox_id: str, years: Sequence[int]) -> Iterator[Conversation]:
    """The closed conversations of an inbox by their last message, oldest first; `years` ascending."""
    cursor = None
    partitions = [keys.closed_conversations(account_id, inbox_id, year) for year in years]
    while True:
        page = table.page(
            table.BY_LIST, partitions, limit=PAGE, cursor=cursor, read=conversation_of, newest_first=False
        )
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def unfiled_deliveries(account_id: str, years: Sequence[int]) -> Iterator[Delivery]:
    """What became no conversation, oldest first; `years` ascending."""
    cursor = None
    partitions = [keys.deliveries_unfiled(account_id, year) for year in years]
    while True:
        page = table.page(table.BY_PERSON, partitions, limit=PAGE, cursor=cursor, read=delivery_of, newest_first=False)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def deliveries_of(raw_ids: Iterable[str]) -> dict[str, list[Delivery]]:
    """The deliveries of raw mails: a request for each hundred, and one for each mail that several recipients got."""
    wanted = {keys.raw_mail(raw_id): raw_id for raw_id in raw_ids}
    found: dict[str, list[Delivery]] = {}
    for rows in _in_batches(list(wanted)):
        for row in rows:
            if isinstance(row, DeliveryRow):
                found[wanted[row.key]] = [delivery_of(row)]
            elif isinstance(row, RawMailRow):
                several = table.query_all(Row, row.pk, "DELIVERY#", consistent=True)
                found[wanted[row.key]] = [delivery_of(each) for each in several if isinstance(each, DeliveryRow)]
    return found


def accounts(account_ids: Iterable[str]) -> dict[str, Account]:
    """These accounts by id; a request for each hundred."""
    wanted = [keys.account(each) for each in sorted(set(account_ids))]
    rows = (row for batch in _in_batches(wanted) for row in batch)
    return {row.id: table.to_value(Account, row) for row in rows if isinstance(row, AccountRow)}


def forget_raw(delivery: Delivery) -> None:
    """Let the message of a filed delivery say that its raw form is not kept any more."""
    if delivery.account_id is None or delivery.message_id is None:
        return
    conversation_id, created_at = locate_message(delivery.message_id)
    key = keys.message(delivery.account_id, conversation_id, created_at, delivery.message_id)
    gone: list[Action] = [MessageRow.raw_key.remove()]
    writes = table.Transaction()
    writes.update(MessageRow, key, gone)
    try:
        writes.commit("forget a raw mail")
    except LostRace:
        return  # the message is gone, too


def _in_batches(wanted: list[keys.Key]) -> Iterator[Iterable[Row]]:
    for start in range(0, len(wanted), PAGE):
        yield table.get_many(wanted[start : start + PAGE]).values()
