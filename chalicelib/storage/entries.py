"""What enters a conversation other than by mail: answers, comments, events. Each with its effects, in one transaction.

A write is conditional on the conversation, and on the answer it tells of, being as they were read; whoever loses a
race gets `LostRace`, reads again and decides anew.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Conversation
from chalicelib.model.entry import Entry
from chalicelib.storage import idempotency, keys, limits, table
from chalicelib.storage.contacts import contact_rows
from chalicelib.storage.conversation_keys import index_keys
from chalicelib.storage.messages import keep_long_body, message_row
from chalicelib.storage.sending import write_progress
from chalicelib.storage.tables import ConversationRow, UserRow


def add_entry(entry: Entry, now: datetime) -> None:
    """Write an entry and all that comes with it, or nothing."""
    writes = table.Transaction()
    writes.put(message_row(entry.message, *keep_long_body(entry.message)))
    if entry.starts:
        key = keys.conversation(entry.after.account_id, entry.after.id)
        writes.put(table.to_row(ConversationRow, key, entry.after, **index_keys(entry.after)))
    else:
        _change_conversation(writes, entry.before, entry.after)
    for row in contact_rows(entry.contact) if entry.contact else ():
        writes.put(row)
    for user_id, by in entry.counted.items():
        counting: list[Action] = [UserRow.open_conversations.set(UserRow.open_conversations + by)]
        if by > 0:
            counting.append(UserRow.last_assigned_at.set(entry.message.created_at))
        writes.update(UserRow, keys.user(entry.before.account_id, user_id), counting)
    idempotency.note_made(writes, entry.before.account_id, entry.request, entry.message.id, now)
    limits.spend(writes, entry.quota, now)
    if entry.progress is not None:
        write_progress(writes, entry.progress)
    token = hashlib.sha256(msgspec.msgpack.encode(entry)).hexdigest()[:36]
    writes.commit("add to a conversation", token)


def _change_conversation(writes: table.Transaction, before: Conversation, after: Conversation) -> None:
    actions: list[Action] = [
        ConversationRow.message_count.set(ConversationRow.message_count + 1),
        ConversationRow.last_message_at.set(after.last_message_at),
        ConversationRow.preview.set(after.preview),
        ConversationRow.status.set(after.status.value),
        ConversationRow.assigned_because.set(msgspec.to_builtins(after.assigned_because)),
        ConversationRow.version.set(after.version),
    ]
    for attribute, value in (
        (ConversationRow.assignee_id, after.assignee_id),
        (ConversationRow.closed_at, after.closed_at),
    ):
        actions.append(attribute.remove() if value is None else attribute.set(value))
    added = set(after.participants) - set(before.participants)
    if added:
        actions.append(ConversationRow.participants.add(added))
    actions += [getattr(ConversationRow, name).set(value) for name, value in index_keys(after).items()]
    # Mail that joins an open conversation changes no version, but the time of the last message.
    condition = (ConversationRow.version == before.version) & (
        ConversationRow.last_message_at == before.last_message_at
    )
    writes.update(ConversationRow, keys.conversation(before.account_id, before.id), actions, condition)
