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
from chalicelib.model.draft import Draft
from chalicelib.model.entry import Entry, Progress
from chalicelib.model.limits import Spending
from chalicelib.model.ticket import Pipeline, TicketChange
from chalicelib.storage import idempotency, keys, limits, table, writing_keys
from chalicelib.storage.assignments import count
from chalicelib.storage.contacts import contact_rows
from chalicelib.storage.conversation_keys import index_keys, list_actions
from chalicelib.storage.drafts import draft_row
from chalicelib.storage.mentions import mention_rows
from chalicelib.storage.messages import keep_long_body, message_row
from chalicelib.storage.sending import write_progress
from chalicelib.storage.tables import ConversationRow, DraftRow
from chalicelib.storage.tickets import mirrored, require_pipeline, write_change
from chalicelib.storage.updates import set_or_remove
from chalicelib.storage.uploads import end_upload


def add_entry(entry: Entry, now: datetime) -> None:
    """Write an entry and all that comes with it, or nothing."""
    writes = table.Transaction()
    for each in (entry, *entry.beside):
        _write(writes, each, now)
    token = hashlib.sha256(msgspec.msgpack.encode(entry)).hexdigest()[:36]
    writes.commit("add to a conversation", token)


def _write(writes: table.Transaction, entry: Entry, now: datetime) -> None:
    for message in (*entry.events, entry.message):
        writes.put(message_row(message, *keep_long_body(message)))
    for mention in mention_rows(entry.message):
        writes.put(mention)
    if entry.starts:
        key = keys.conversation(entry.after.account_id, entry.after.id)
        writes.put(table.to_row(ConversationRow, key, entry.after, **index_keys(entry.after)))
    else:
        _change(writes, entry.before, entry.after, entry.moved)
    for row in contact_rows(entry.contact) if entry.contact else ():
        writes.put(row)
    count(writes, entry.before.account_id, entry.counted, entry.message.created_at)
    for upload_id in entry.uploads:
        end_upload(writes, entry.before.account_id, upload_id)
    for user_id, about_id in entry.ends_drafts:
        writes.delete(DraftRow, writing_keys.draft(entry.before.account_id, user_id, about_id))
    idempotency.note_made(writes, entry.before.account_id, entry.request, entry.message.id, now)
    limits.spend(writes, entry.quota, now)
    if entry.progress is not None:
        write_progress(writes, entry.progress)


def _change(writes: table.Transaction, before: Conversation, after: Conversation, moved: TicketChange | None) -> None:
    """Write what became of a conversation, and of its ticket where it moves with it."""
    change_conversation(writes, before, after, mirrored(moved.after) if moved else [])
    if moved is not None:
        write_change(writes, moved, but=after.id)


def take_back(
    progress: Progress,
    before: Conversation,
    after: Conversation,
    counted: dict[str, int],
    draft: Draft | None,
    moved: tuple[TicketChange, Pipeline] | None,
) -> None:
    """Write that an answer was taken back, its author's draft again, and the ticket's way back, or nothing.

    `LostRace` when the answer, the conversation, the ticket or its pipeline is not as it was read, or the author has
    begun another draft.
    """
    change, pipeline = moved or (None, None)
    writes = table.Transaction()
    write_progress(writes, progress)
    _change(writes, before, after, change)
    if pipeline is not None:
        require_pipeline(writes, pipeline)
    count(writes, before.account_id, counted, after.last_message_at)
    if draft is not None:
        writes.put(draft_row(draft))
    writes.commit("take an answer back", hashlib.sha256(msgspec.msgpack.encode([progress, after])).hexdigest()[:36])


def send_again(progress: Progress, quota: tuple[Spending, ...], now: datetime) -> None:
    """Write that an answer is queued again, and what it takes of the limits, or nothing."""
    writes = table.Transaction()
    write_progress(writes, progress)
    limits.spend(writes, quota, now)
    writes.commit("queue an answer again", hashlib.sha256(msgspec.msgpack.encode(progress)).hexdigest()[:36])


def change_conversation(
    writes: table.Transaction, before: Conversation, after: Conversation, more: list[Action]
) -> None:
    """Write what became of a conversation, as part of a transaction, on the condition that nobody else changed it."""
    actions: list[Action] = [
        *more,
        ConversationRow.message_count.set(ConversationRow.message_count + (after.message_count - before.message_count)),
        ConversationRow.last_message_at.set(after.last_message_at),
        ConversationRow.preview.set(after.preview),
        ConversationRow.status.set(after.status.value),
        ConversationRow.assigned_because.set(msgspec.to_builtins(after.assigned_because)),
        ConversationRow.version.set(after.version),
    ]
    for attribute, value in (
        (ConversationRow.assignee_id, after.assignee_id),
        (ConversationRow.closed_at, after.closed_at),
        (ConversationRow.answers_over, after.answers_over),
    ):
        actions.append(set_or_remove(attribute, value))
    added = set(after.participants) - set(before.participants)
    if added:
        actions.append(ConversationRow.participants.add(added))
    if set(before.drafting) - set(after.drafting):
        actions.append(ConversationRow.drafting.delete(set(before.drafting) - set(after.drafting)))
    if set(after.drafting) - set(before.drafting):
        actions.append(ConversationRow.drafting.add(set(after.drafting) - set(before.drafting)))
    actions += list_actions(after)
    # Mail that joins an open conversation changes no version, but the time of the last message.
    condition = (ConversationRow.version == before.version) & (
        ConversationRow.last_message_at == before.last_message_at
    )
    writes.update(ConversationRow, keys.conversation(before.account_id, before.id), actions, condition)
