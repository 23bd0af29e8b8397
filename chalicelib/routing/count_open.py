"""How many open conversations each user has: kept with every change, since assignment goes by it (S56). Pure."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.model.conversation import Conversation, ConversationStatus


def counted(before: Conversation, after: Conversation, existing: Collection[str]) -> dict[str, int]:
    """By how much users' counters change; of the users in `existing` alone."""
    differences: dict[str, int] = {}
    for conversation, by_one in ((before, -1), (after, 1)):
        user_id = conversation.assignee_id
        if conversation.status is ConversationStatus.OPEN and user_id is not None and user_id in existing:
            differences[user_id] = differences.get(user_id, 0) + by_one
    return {user_id: difference for user_id, difference in differences.items() if difference}
