"""Drafts: one of a user and a conversation, or a user and an inbox for the next one that will begin there.

That a conversation has one stands in its row too, in the same transaction, so that lists tell it without a read.
"""

from __future__ import annotations

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.draft import Draft
from chalicelib.storage import keys, table, writing_keys
from chalicelib.storage.tables import ConversationRow, DraftRow


def find_draft(account_id: str, user_id: str, about_id: str) -> Draft | None:
    """A user's draft, or None."""
    row = table.get(DraftRow, writing_keys.draft(account_id, user_id, about_id), consistent=True)
    return msgspec.json.decode(row.content, type=Draft) if row else None


def keep_draft(draft: Draft, *, of_conversation: bool) -> None:
    """Write a draft over the one before. `LostRace` when its conversation is not there."""
    writes = table.Transaction()
    writes.put(draft_row(draft), None)
    if of_conversation:
        actions: list[Action] = [ConversationRow.drafting.add({draft.user_id})]
        writes.update(ConversationRow, keys.conversation(draft.account_id, draft.about_id), actions)
    writes.commit("keep a draft")


def drop_draft(account_id: str, user_id: str, about_id: str, *, of_conversation: bool) -> None:
    """Remove a draft, if it is there."""
    writes = table.Transaction()
    writes.delete(DraftRow, writing_keys.draft(account_id, user_id, about_id))
    if of_conversation:
        actions: list[Action] = [ConversationRow.drafting.delete({user_id})]
        writes.update(ConversationRow, keys.conversation(account_id, about_id), actions)
    writes.commit("drop a draft")


def draft_row(draft: Draft) -> DraftRow:
    """A draft's row."""
    key = writing_keys.draft(draft.account_id, draft.user_id, draft.about_id)
    return DraftRow(*key, account_id=draft.account_id, content=msgspec.json.encode(draft).decode())
