"""One row an account that all see who add inboxes, and who take a plan that has no further ones: so one of them loses.

Adding and restoring count in it, unless it is closed; a smaller plan closes it, unless something was counted since the
inboxes were looked at. Not the account's own row: its version is for those who edit its settings.
"""

from __future__ import annotations

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.storage import keys, table
from chalicelib.storage.tables import InboxRoomRow


def take(writes: table.Transaction, account_id: str) -> None:
    """An inbox is added or restored, as part of a transaction, which fails when the plan has no room any more."""
    counted: list[Action] = [InboxRoomRow.kind.set(InboxRoomRow), InboxRoomRow.taken.add(1)]
    writes.update(InboxRoomRow, keys.inbox_room(account_id), counted, InboxRoomRow.closed.does_not_exist())


def seen(account_id: str) -> int:
    """How often inboxes were added or restored so far: to be asked before they are looked at. Consistent."""
    row = table.get(InboxRoomRow, keys.inbox_room(account_id), consistent=True)
    return int(row.taken or 0) if row else 0


def close(writes: table.Transaction, account_id: str, taken: int) -> None:
    """The plan has no further inboxes from now on, as part of a transaction; fails when more than `taken` came."""
    condition: Condition = InboxRoomRow.taken == taken
    if not taken:
        condition = InboxRoomRow.taken.does_not_exist() | condition
    shut: list[Action] = [InboxRoomRow.kind.set(InboxRoomRow), InboxRoomRow.closed.set(True)]
    writes.update(InboxRoomRow, keys.inbox_room(account_id), shut, condition)


def reopen(writes: table.Transaction, account_id: str) -> None:
    """The plan has further inboxes again, as part of a transaction."""
    opened: list[Action] = [InboxRoomRow.kind.set(InboxRoomRow), InboxRoomRow.closed.remove()]
    writes.update(InboxRoomRow, keys.inbox_room(account_id), opened, table.ABSENT | table.PRESENT)
