"""Who has a conversation, and how many open ones each user has: parts of the transactions that change it (S56)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.account import User
from chalicelib.model.conversation import Conversation
from chalicelib.storage import keys, table
from chalicelib.storage.conversation_keys import index_keys
from chalicelib.storage.tables import ConversationRow, UserRow
from chalicelib.storage.updates import set_or_remove


def hand_over(after: Conversation) -> list[Action]:
    """What changes in a conversation's row with its assignee alone; its place in the lists is as before."""
    return [
        set_or_remove(ConversationRow.assignee_id, after.assignee_id),
        ConversationRow.assigned_because.set(msgspec.to_builtins(after.assigned_because)),
        ConversationRow.version.set(after.version),
        ConversationRow.person_pk.set(index_keys(after)["person_pk"]),
    ]


def count(writes: table.Transaction, account_id: str, counted: Mapping[str, int], assigned_at: str | None) -> None:
    """Change users' counters by so much; who gains a conversation was assigned it at that time, unless it is None."""
    for user_id, by in counted.items():
        actions: list[Action] = [UserRow.open_conversations.set(UserRow.open_conversations + by)]
        if by > 0 and assigned_at is not None:
            actions.append(UserRow.last_assigned_at.set(assigned_at))
        writes.update(UserRow, keys.user(account_id, user_id), actions)


def count_chosen(writes: table.Transaction, chosen: User, assigned_at: str) -> None:
    """Count one more for a user who was chosen for having the fewest: whoever was given another one meanwhile, or
    another seat, may not be the right choice any more."""
    writes.update(
        UserRow,
        keys.user(chosen.account_id, chosen.id),
        [
            UserRow.open_conversations.set(UserRow.open_conversations + 1),
            UserRow.last_assigned_at.set(assigned_at),
        ],
        (UserRow.open_conversations == chosen.open_conversations) & (UserRow.seat == str(chosen.seat)),
    )
