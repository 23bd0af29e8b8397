"""A conversation that moves to another inbox: it, its ticket, the ids it is known by, and its messages.

One transaction moves all that decides where mail and people find it. The messages name their inbox, too, since a
contact's timeline is cut by it; they follow page by page. A note says so until all have: the scheduled function ends
what a crash left.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace
from chalicelib.model.conversation import Conversation, Message
from chalicelib.model.filing import KnownMessageId
from chalicelib.model.ticket import Ticket
from chalicelib.storage import keys, table
from chalicelib.storage.assignments import count
from chalicelib.storage.conversation_keys import TRANSFERS, list_actions, transfer_note
from chalicelib.storage.conversations import conversation_of
from chalicelib.storage.faults import translated
from chalicelib.storage.mentions import mention_rows
from chalicelib.storage.messages import keep_long_body, message_of, message_row
from chalicelib.storage.tables import ConversationRow, MentionRow, MessageIdRow, MessageRow, TicketRow, TransferRow

AT_ONCE = 50  # messages moved in one transaction


class Transfer(Struct, frozen=True):
    """What a move writes. `known`: ids that shall lead to the conversation in its new inbox, none of them there yet."""

    before: Conversation
    after: Conversation
    event: Message
    counted: dict[str, int]
    known: tuple[KnownMessageId, ...] = ()
    ticket: tuple[Ticket, Ticket] | None = None  # before and after


def commit(move: Transfer) -> None:
    """Write a move, or nothing. `LostRace` when something it was decided on has changed."""
    before, after = move.before, move.after
    writes = table.Transaction()
    writes.put(message_row(move.event, *keep_long_body(move.event)))
    writes.update(
        ConversationRow,
        keys.conversation(before.account_id, before.id),
        _actions(before, after),
        (ConversationRow.version == before.version) & (ConversationRow.last_message_at == before.last_message_at),
    )
    count(writes, before.account_id, move.counted, None)
    writes.put(_note(after), None)
    for known in move.known:
        key = keys.message_id_of_inbox(after.account_id, after.inbox_id, known.message_id)
        writes.put(table.to_row(MessageIdRow, key, known, account_id=after.account_id))
    if move.ticket is not None:
        seen, moved = move.ticket
        writes.update(
            TicketRow,
            keys.ticket(moved.account_id, moved.id),
            [
                TicketRow.inbox_id.set(moved.inbox_id),
                TicketRow.further.set(msgspec.to_builtins(moved.further)),
                TicketRow.version.set(moved.version),
            ],
            TicketRow.version == seen.version,
        )
    token = hashlib.sha256(msgspec.msgpack.encode(move)).hexdigest()[:36]
    writes.commit("move a conversation", token)


def unknown_ids(account_id: str, inbox_id: str, ids: Sequence[str]) -> list[str]:
    """Those of up to 100 Message-IDs that an inbox does not know; consistent."""
    wanted = {keys.message_id_of_inbox(account_id, inbox_id, each): each for each in ids}
    found = table.get_many(wanted, consistent=True)
    return [each for key, each in wanted.items() if key not in found]


def move_messages(conversation: Conversation) -> int:
    """Let every message of the conversation name its inbox, and so does what calls somebody to one (S16); return how
    many messages did not. Can be done again.
    """
    pk = keys.conversation(conversation.account_id, conversation.id).pk
    with translated("list messages to move"):
        elsewhere = [
            row
            for row in MessageRow.query(pk, MessageRow.sk.startswith("MESSAGE#"), consistent_read=True)
            if row.inbox_id != conversation.inbox_id
        ]
    _move_mentions(elsewhere, conversation.inbox_id)
    for start in range(0, len(elsewhere), AT_ONCE):
        writes = table.Transaction()
        for row in elsewhere[start : start + AT_ONCE]:
            moved: list[Action] = [
                MessageRow.inbox_id.set(conversation.inbox_id),
                MessageRow.former_inbox_ids.add({row.inbox_id}),
            ]
            writes.update(MessageRow, row.key, moved)
        writes.commit("move messages")
    _end(conversation)
    return len(elsewhere)


def finish(limit: int) -> int:
    """Go on with up to `limit` moves that were begun and not ended; return how many were ended."""
    with translated("list moves"):
        notes = list(TransferRow.by_list.query(TRANSFERS, limit=limit))
    for note in notes:
        row = table.get(ConversationRow, keys.conversation(note.account_id, note.conversation_id), consistent=True)
        if row is None:
            table.delete_rows([note.key])  # it was erased, and its messages with it
        else:
            move_messages(conversation_of(row))
    return len(notes)


def _note(moved: Conversation) -> TransferRow:
    return TransferRow(
        *transfer_note(moved.account_id, moved.id),
        account_id=moved.account_id,
        conversation_id=moved.id,
        version=moved.version,
        list_pk=TRANSFERS,
        list_sk=keys.list_position(moved.last_message_at, moved.id),
    )


def _end(moved: Conversation) -> None:
    """Take the note away, unless it is that of a later move, whose messages follow it by themselves."""
    writes = table.Transaction()
    key = transfer_note(moved.account_id, moved.id)
    writes.delete(TransferRow, key, table.ABSENT | (TransferRow.version <= moved.version))
    with contextlib.suppress(LostRace):
        writes.commit("end a move")


def _move_mentions(messages: Sequence[MessageRow], inbox_id: str) -> None:
    """Let those that are there name the inbox: an erasure takes them away before their message."""
    called = [row.key for each in messages for row in mention_rows(message_of(each, with_body=False))]
    for start in range(0, len(called), AT_ONCE):
        found = table.get_many(called[start : start + AT_ONCE], consistent=True)
        if not found:
            continue
        writes = table.Transaction()
        for key in found:
            writes.update(MentionRow, key, [MentionRow.inbox_id.set(inbox_id)])
        writes.commit("move mentions")


def _actions(before: Conversation, after: Conversation) -> list[Action]:
    actions: list[Action] = [
        ConversationRow.inbox_id.set(after.inbox_id),
        ConversationRow.channel_id.set(after.channel_id),
        ConversationRow.assigned_because.set(msgspec.to_builtins(after.assigned_because)),
        ConversationRow.message_count.set(ConversationRow.message_count + 1),
        ConversationRow.last_message_at.set(after.last_message_at),
        ConversationRow.version.set(after.version),
        ConversationRow.answers_over.remove(),
    ]
    if after.assignee_id is None and before.assignee_id is not None:
        actions.append(ConversationRow.assignee_id.remove())
    return actions + list_actions(after)
