"""Conversations and their messages: read, and changed by people. What mail does to them stands in `filing.py`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Conversation, ConversationStatus, Direction, Message
from chalicelib.model.message_ids import locate_message
from chalicelib.model.page import Page
from chalicelib.storage import keys, messages, table
from chalicelib.storage.assignments import count
from chalicelib.storage.conversation_keys import list_actions
from chalicelib.storage.faults import translated
from chalicelib.storage.inboxes import Sight, look_at_inboxes
from chalicelib.storage.tables import ConversationRow, MessageRow, Row
from chalicelib.storage.updates import set_or_remove

FETCHERS = 8  # long bodies fetched at once


class FoundMessage(msgspec.Struct, frozen=True):
    """A message on a page, and the cursor of the page that would begin after it."""

    message: Message
    cursor: str


def conversation_of(row: Row) -> Conversation:
    """A conversation from its row."""
    return table.to_value(Conversation, row)


def get_conversation(account_id: str, conversation_id: str) -> Conversation | None:
    """One conversation, or None."""
    row = table.get(ConversationRow, keys.conversation(account_id, conversation_id), consistent=True)
    return conversation_of(row) if row else None


def get_message(account_id: str, message_id: str, *, with_body: bool = True) -> tuple[Message, Conversation] | None:
    """One message, and its conversation, or None; also for an id that is none."""
    try:
        conversation_id, created_at = locate_message(message_id)
    except ValueError:
        return None
    conversation_key = keys.conversation(account_id, conversation_id)
    message_key = keys.message(account_id, conversation_id, created_at, message_id)
    rows = table.get_many([conversation_key, message_key], consistent=True)
    conversation, message = rows.get(conversation_key), rows.get(message_key)
    if not isinstance(conversation, ConversationRow) or not isinstance(message, MessageRow):
        return None
    return messages.message_of(message, with_body=with_body), conversation_of(conversation)


def page_of_inbox(
    account_id: str,
    inbox_id: str,
    status: ConversationStatus,
    years: Sequence[int],
    *,
    limit: int,
    cursor: str | None,
) -> Page[Conversation]:
    """The conversations of an inbox by status, newest first; `years`, newest first, are where closed ones lie."""
    partitions = _status_lists(account_id, inbox_id, status, years)
    return table.page(table.BY_LIST, partitions, limit=limit, cursor=cursor, read=conversation_of)


def page_of_assignee(
    account_id: str,
    inbox_id: str,
    status: ConversationStatus,
    assignee_id: str | None,
    years: Sequence[int],
    *,
    limit: int,
    cursor: str | None,
) -> Page[Conversation]:
    """The conversations of an inbox by status and assignee (None: of nobody), newest first; `years` as above."""
    lists = _status_lists(account_id, inbox_id, status, years)
    partitions = [keys.conversations_of_assignee(each, assignee_id) for each in lists]
    return table.page(table.BY_PERSON, partitions, limit=limit, cursor=cursor, read=conversation_of)


def _status_lists(account_id: str, inbox_id: str, status: ConversationStatus, years: Sequence[int]) -> list[str]:
    if status is ConversationStatus.OPEN:
        return [keys.open_conversations(account_id, inbox_id)]
    return [keys.closed_conversations(account_id, inbox_id, year) for year in years]


def page_of_contact(
    account_id: str, contact_id: str, sight: Sight, *, limit: int, cursor: str | None
) -> Page[Conversation]:
    """The conversations of a contact in the inboxes in sight, the latest begun first."""

    def read(row: Row) -> Conversation | None:
        conversation = conversation_of(row)
        return conversation if conversation.inbox_id in sight else None

    partition = keys.conversations_of_contact(account_id, contact_id)
    return table.page(table.BY_CONTACT, [partition], limit=limit, cursor=cursor, read=read, look=look_at_inboxes(sight))


def page_of_messages(
    account_id: str, conversation_id: str, *, limit: int, cursor: str | None, newest_first: bool
) -> Page[FoundMessage]:
    """The messages of a conversation with their bodies."""
    partition = keys.conversation(account_id, conversation_id).pk
    found = table.page(
        table.TABLE,
        [partition],
        limit=limit,
        cursor=cursor,
        read=lambda row: row,
        newest_first=newest_first,
        prefix="MESSAGE#",
    )
    cursors = [table.cursor_after(table.TABLE, partition, row) for row in found.items]
    return Page(tuple(map(FoundMessage, _with_bodies(found.items), cursors)), found.next)


def messages_after(account_id: str, message_id: str, limit: int) -> list[Message]:
    """Up to `limit` messages of a conversation after the one with this id, oldest first, without their bodies."""
    conversation_id, created_at = locate_message(message_id)
    key = keys.message(account_id, conversation_id, created_at, message_id)
    with translated("list newer messages"):
        rows = list(MessageRow.query(key.pk, MessageRow.sk > key.sk, limit=limit, consistent_read=True))
    return [messages.message_of(row, with_body=False) for row in rows]


def newest_messages(account_id: str, conversation_id: str, limit: int) -> list[Message]:
    """The newest messages of a conversation, newest first, without their bodies."""
    pk = keys.conversation(account_id, conversation_id).pk
    with translated("list the newest messages"):
        rows = list(
            MessageRow.query(
                pk, MessageRow.sk.startswith("MESSAGE#"), limit=limit, scan_index_forward=False, consistent_read=True
            )
        )
    return [messages.message_of(row, with_body=False) for row in rows]


def last_mail_in(account_id: str, inbox_id: str, channel_id: str) -> str | None:
    """When mail came in last through a channel, as far as its newest open conversation tells; None: none is found.

    Two requests, the first of which reads the inbox's newest 25 open conversations.
    """
    newest = page_of_inbox(account_id, inbox_id, ConversationStatus.OPEN, (), limit=25, cursor=None).items
    own = next((each for each in newest if each.channel_id == channel_id), None)
    found = newest_messages(account_id, own.id, 25) if own else []
    return next((each.created_at for each in found if each.direction is Direction.INCOMING), None)


def page_of_timeline(
    account_id: str,
    contact_id: str,
    years: Sequence[int],
    sight: Sight,
    *,
    limit: int,
    cursor: str | None,
) -> Page[Message]:
    """The messages with a contact in the inboxes in sight, newest first, without their bodies."""

    def read(row: Row) -> Message | None:
        if not isinstance(row, MessageRow) or row.inbox_id not in sight:
            return None
        return messages.message_of(row, with_body=False)

    partitions = [keys.timeline(account_id, contact_id, year) for year in years]
    return table.page(table.BY_CONTACT, partitions, limit=limit, cursor=cursor, read=read, look=look_at_inboxes(sight))


def change_conversation(before: Conversation, after: Conversation, counted: dict[str, int], assigned_at: str) -> None:
    """Write status and assignee, their lists, and the users' counters of open conversations: all or nothing.

    `counted` says by how much each user's counter changes; a user who gains one was assigned at `assigned_at`.
    `LostRace` when status, assignee, inbox or last message are not what `before` says: the lists follow from them.
    """
    key = keys.conversation(before.account_id, before.id)
    writes = table.Transaction()
    actions: list[Action] = [
        ConversationRow.status.set(after.status.value),
        ConversationRow.assigned_because.set(msgspec.to_builtins(after.assigned_because)),
        ConversationRow.version.set(after.version),
    ]
    for attribute, value in (
        (ConversationRow.assignee_id, after.assignee_id),
        (ConversationRow.closed_at, after.closed_at),
    ):
        actions.append(set_or_remove(attribute, value))
    actions += list_actions(after)
    condition = (ConversationRow.version == before.version) & (
        ConversationRow.last_message_at == before.last_message_at
    )
    writes.update(ConversationRow, key, actions, condition)
    count(writes, before.account_id, counted, assigned_at)
    writes.commit("change a conversation")


def _with_bodies(rows: Sequence[MessageRow]) -> list[Message]:
    """Messages of rows, their long bodies fetched from S3 side by side."""
    if not any(row.body_key for row in rows):
        return [messages.message_of(row) for row in rows]
    with ThreadPoolExecutor(FETCHERS) as fetchers:
        return list(fetchers.map(messages.message_of, rows))
