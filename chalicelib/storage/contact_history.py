"""What was written with a contact: its conversations and the messages on its timeline, walked through and moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace
from chalicelib.model.conversation import Conversation, Message
from chalicelib.model.page import Page
from chalicelib.model.ticket import Ticket
from chalicelib.storage import keys, messages, table
from chalicelib.storage.conversations import FETCHERS, conversation_of
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import ConversationRow, MessageRow, Row, TicketRow
from chalicelib.storage.tickets import ticket_of

PAGE = 100  # rows read in one request

Item = Conversation | Message


def conversations_of(account_id: str, contact_ids: Sequence[str]) -> Iterator[Conversation]:
    """The conversations of contacts, each read when it is asked for: what is erased meanwhile does no harm."""
    for contact_id in contact_ids:
        for row in _listed(keys.conversations_of_contact(account_id, contact_id)):
            if isinstance(row, ConversationRow):
                yield conversation_of(row)


def messages_of(account_id: str, contact_ids: Sequence[str], years: Sequence[int]) -> Iterator[Message]:
    """The messages on the timelines of contacts, without their bodies."""
    for contact_id in contact_ids:
        for year in years:
            for row in _listed(keys.timeline(account_id, contact_id, year)):
                if isinstance(row, MessageRow):
                    yield messages.message_of(row, with_body=False)


def everything_of(account_id: str, contact_ids: Sequence[str], years: Sequence[int]) -> Iterator[Item]:
    """Conversations first, then messages."""
    yield from conversations_of(account_id, contact_ids)
    yield from messages_of(account_id, contact_ids, years)


def page_of_messages(
    account_id: str, contact_ids: Sequence[str], years: Sequence[int], *, limit: int, cursor: str | None
) -> Page[Message]:
    """The messages on the timelines of contacts, newest first of each, with their whole bodies."""
    partitions = [keys.timeline(account_id, contact_id, year) for contact_id in contact_ids for year in years]
    page = table.page(table.BY_CONTACT, partitions, limit=limit, cursor=cursor, read=_message_row)
    with ThreadPoolExecutor(FETCHERS) as fetchers:
        return Page(tuple(fetchers.map(messages.message_of, page.items)), page.next)


def conversations_and_tickets(
    account_id: str, conversation_ids: Sequence[str]
) -> tuple[list[Conversation], list[Ticket]]:
    """Conversations (at most 100) that are there, and their tickets; two requests."""
    rows = table.get_many([keys.conversation(account_id, each) for each in conversation_ids])
    found = [conversation_of(row) for row in rows.values() if isinstance(row, ConversationRow)]
    wanted = [keys.ticket(account_id, each.ticket_id) for each in found if each.ticket_id]
    opened = [ticket_of(row) for row in table.get_many(wanted).values() if isinstance(row, TicketRow)]
    return found, opened


def _message_row(row: Row) -> MessageRow | None:
    return row if isinstance(row, MessageRow) else None


def move(item: Item, contact_id: str) -> None:
    """Let a conversation (with its ticket) or a message be another contact's; nothing when it is not there any more."""
    writes = table.Transaction()
    if isinstance(item, Conversation):
        _move_conversation(writes, item, contact_id)
    else:
        key = keys.message(item.account_id, item.conversation_id, item.created_at, item.id)
        moved: list[Action] = [
            MessageRow.contact_id.set(contact_id),
            MessageRow.contact_pk.set(keys.timeline(item.account_id, contact_id, int(item.created_at[:4]))),
        ]
        writes.update(MessageRow, key, moved, MessageRow.contact_id == item.contact_id)
    try:
        writes.commit("let something follow its contact")
    except LostRace:
        return  # changed just now, or moved already: the next look finds it if it is still to be moved


def _move_conversation(writes: table.Transaction, conversation: Conversation, contact_id: str) -> None:
    account_id = conversation.account_id
    # With the version, since whoever read the conversation before would write its old place among the contact's.
    moved: list[Action] = [
        ConversationRow.contact_id.set(contact_id),
        ConversationRow.contact_pk.set(keys.conversations_of_contact(account_id, contact_id)),
        ConversationRow.version.set(ConversationRow.version + 1),
    ]
    key = keys.conversation(account_id, conversation.id)
    writes.update(ConversationRow, key, moved, ConversationRow.contact_id == conversation.contact_id)
    if conversation.ticket_id is None:
        return
    ticket_key = keys.ticket(account_id, conversation.ticket_id)
    ticket = table.get(TicketRow, ticket_key, consistent=True)
    if ticket is not None and ticket.contact_id == conversation.contact_id:
        writes.update(TicketRow, ticket_key, [TicketRow.contact_id.set(contact_id)])


def _listed(partition: str) -> Iterator[Row]:
    with translated("list what was written with a contact"):
        yield from Row.by_contact.query(partition, page_size=PAGE)
