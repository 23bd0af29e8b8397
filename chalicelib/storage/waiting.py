"""Conversations that nobody got because nobody was available: one small partition for each account.

A row is written with such a conversation and goes when the conversation was offered again, or turned out to be
assigned or closed by hand meanwhile.
"""

from __future__ import annotations

from msgspec.structs import replace

from chalicelib.model.account import User
from chalicelib.model.conversation import Conversation, Reason
from chalicelib.storage import assignments, keys, table
from chalicelib.storage.faults import translated
from chalicelib.storage.people_keys import waiting_lists, waiting_of
from chalicelib.storage.tables import ConversationRow, WaitingRow

WAITING = "WAITING#"


def waiting_row(conversation: Conversation) -> WaitingRow:
    """The row that says that a conversation waits."""
    key = keys.waiting(conversation.account_id, conversation.id)
    return WaitingRow(
        *key,
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        list_pk=waiting_of(conversation.account_id),
        list_sk=keys.list_position(conversation.account_id, conversation.id),
    )


def list_waiting(account_id: str, limit: int) -> list[str]:
    """The ids of up to `limit` conversations that wait."""
    rows = table.query_all(WaitingRow, keys.waiting(account_id, "").pk, WAITING, consistent=True)
    return [row.conversation_id for row in rows[:limit]]


def waiting_accounts() -> list[str]:
    """The accounts with conversations that wait."""
    found: dict[str, None] = {}
    for partition in waiting_lists():
        with translated("list who waits"):
            found.update((row.account_id, None) for row in WaitingRow.by_list.query(partition))
    return list(found)


def assign_waiting(before: Conversation, assignee: User, because: Reason, at: str) -> None:
    """Give a waiting conversation to a user; the user's counter and the row follow. `LostRace` if anything changed."""
    after = replace(before, assignee_id=assignee.id, assigned_because=because, version=before.version + 1)
    writes = table.Transaction()
    writes.update(
        ConversationRow,
        keys.conversation(before.account_id, before.id),
        assignments.hand_over(after),
        (ConversationRow.version == before.version) & ConversationRow.assignee_id.does_not_exist(),
    )
    assignments.count_chosen(writes, assignee, at)
    writes.delete(WaitingRow, keys.waiting(before.account_id, before.id))
    writes.commit("assign a waiting conversation")


def forget(account_id: str, conversation_id: str) -> None:
    """A conversation waits no longer."""
    writes = table.Transaction()
    writes.delete(WaitingRow, keys.waiting(account_id, conversation_id))
    writes.commit("forget a waiting conversation")
