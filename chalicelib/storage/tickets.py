"""Tickets: read, opened by hand, changed; those that a mail opens are written with it (`filing.py`).

Each conversation of a ticket says where the ticket is (`mirrored`), so that a mail can join without reading either.
Every change of a ticket is written on the version it was decided on, to ticket and conversations at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Conversation
from chalicelib.model.page import Page
from chalicelib.model.ticket import EntryType, Pipeline, Ticket, TicketChange, TicketEntry
from chalicelib.storage import keys, table
from chalicelib.storage.inboxes import Sight
from chalicelib.storage.tables import ConversationRow, PipelineRow, Row, TicketEntryRow, TicketRow
from chalicelib.storage.updates import set_or_remove

COUNTED = 1000  # tickets of a stage that are counted; more are not told apart

PLAIN = ("inbox_id", "conversation_id", "subject", "pipeline_id", "stage_id", "version")
NULLABLE = ("priority", "owner_id", "staged_because", "closed_at")
NESTED = ("owned_because", "further", "properties")


def ticket_row(ticket: Ticket) -> TicketRow:
    """A ticket's row."""
    return table.to_row(TicketRow, keys.ticket(ticket.account_id, ticket.id), ticket, **_index_keys(ticket))


def ticket_of(row: Row) -> Ticket:
    """A ticket from its row."""
    return table.to_value(Ticket, row)


def _index_keys(ticket: Ticket) -> dict[str, str]:
    position = keys.list_position(ticket.created_at, ticket.id)
    return {
        "list_pk": keys.tickets_of_stage(ticket.account_id, ticket.pipeline_id, ticket.stage_id),
        "list_sk": position,
        "person_pk": keys.tickets_of_owner(ticket.account_id, ticket.owner_id),
        "person_sk": position,
        "contact_pk": keys.tickets_of_account(ticket.account_id),
        "contact_sk": position,
    }


def get_ticket(account_id: str, ticket_id: str) -> Ticket | None:
    """One ticket as it is now, or None."""
    row = table.get(TicketRow, keys.ticket(account_id, ticket_id), consistent=True)
    return ticket_of(row) if row else None


def page_of_stage(
    account_id: str, pipeline_id: str, stage_id: str, sight: Sight, *, limit: int, cursor: str | None
) -> Page[Ticket]:
    """The tickets in a stage, newest first, of the inboxes in sight."""
    partition = keys.tickets_of_stage(account_id, pipeline_id, stage_id)
    return _page(table.BY_LIST, partition, sight, limit, cursor)


def page_of_owner(
    account_id: str, owner_id: str | None, sight: Sight, *, limit: int, cursor: str | None
) -> Page[Ticket]:
    """The tickets of an owner (None: of nobody), newest first, of the inboxes in sight."""
    return _page(table.BY_PERSON, keys.tickets_of_owner(account_id, owner_id), sight, limit, cursor)


def page_of_all(account_id: str, sight: Sight, *, limit: int, cursor: str | None) -> Page[Ticket]:
    """The tickets of an account, newest first, of the inboxes in sight."""
    return _page(table.BY_CONTACT, keys.tickets_of_account(account_id), sight, limit, cursor)


def _page(order: table.Index, partition: str, sight: Sight, limit: int, cursor: str | None) -> Page[Ticket]:
    def read(row: Row) -> Ticket | None:
        ticket = ticket_of(row)
        return ticket if any(each in sight for each in ticket.inbox_ids) else None

    def look(rows: Sequence[Row]) -> None:
        sight.look(each for row in rows for each in ticket_of(row).inbox_ids)

    return table.page(order, [partition], limit=limit, cursor=cursor, read=read, look=look)


def count_in_stage(account_id: str, pipeline_id: str, stage_id: str) -> int:
    """How many tickets are in a stage, at most `COUNTED`, each inbox's."""
    partition = keys.tickets_of_stage(account_id, pipeline_id, stage_id)
    found = table.page(table.BY_LIST, [partition], limit=COUNTED, cursor=None, read=lambda row: True)
    return len(found.items)


def open_by_hand(ticket: Ticket, conversations: Sequence[Conversation], told: TicketEntry, pipeline: Pipeline) -> None:
    """Store a ticket and link its conversations. `LostRace`: the ticket is there, a conversation has one or was moved,
    or the pipeline is not as it was.
    """
    writes = table.Transaction()
    writes.put(ticket_row(ticket))
    writes.put(_entry_row(told))
    for conversation in conversations:
        _link(writes, ticket, conversation)
    require_pipeline(writes, pipeline)
    writes.commit("open a ticket")


def save(
    change: TicketChange,
    *,
    pipeline: Pipeline | None = None,
    linked: Conversation | None = None,
    unlinked: str | None = None,
) -> None:
    """Write a change. `pipeline`: the one that the new stage was found in; `linked`: a conversation that is new to the
    ticket; `unlinked`: the id of one that is not the ticket's any more. `LostRace` when one of them is not as it was.
    """
    writes = table.Transaction()
    write_change(writes, change, but=linked.id if linked else None)
    if linked is not None:
        _link(writes, change.after, linked)
    if unlinked is not None:
        key = keys.conversation(change.after.account_id, unlinked)
        gone: list[Action] = [
            attribute.remove()
            for attribute in (
                ConversationRow.ticket_id,
                ConversationRow.ticket_pipeline_id,
                ConversationRow.ticket_stage_id,
            )
        ]
        writes.update(ConversationRow, key, gone, ConversationRow.ticket_id == change.after.id)
    if pipeline is not None:
        require_pipeline(writes, pipeline)
    writes.commit("change a ticket")


def write_change(writes: table.Transaction, change: TicketChange, *, but: str | None = None) -> None:
    """Add a change of a ticket to a transaction, with its event. `but`: the conversation that the transaction writes
    anyway; it has to set `mirrored` itself.
    """
    before, after = change.before, change.after
    told = msgspec.to_builtins(after)
    actions: list[Action] = [getattr(TicketRow, name).set(told[name]) for name in (*PLAIN, *NESTED)]
    actions += [set_or_remove(getattr(TicketRow, name), told[name]) for name in NULLABLE]
    moved = _index_keys(after)
    actions += [getattr(TicketRow, name).set(moved[name]) for name in ("list_pk", "person_pk")]
    writes.update(TicketRow, keys.ticket(after.account_id, after.id), actions, TicketRow.version == before.version)
    writes.put(_entry_row(change.told))
    if (before.pipeline_id, before.stage_id) != (after.pipeline_id, after.stage_id):
        for link in after.links:
            if link.conversation_id != but:
                key = keys.conversation(after.account_id, link.conversation_id)
                writes.update(ConversationRow, key, mirrored(after), ConversationRow.ticket_id == after.id)


def mirrored(ticket: Ticket) -> list[Action]:
    """What a conversation's row says of its ticket."""
    return [
        ConversationRow.ticket_id.set(ticket.id),
        ConversationRow.ticket_pipeline_id.set(ticket.pipeline_id),
        ConversationRow.ticket_stage_id.set(ticket.stage_id),
    ]


def _link(writes: table.Transaction, ticket: Ticket, conversation: Conversation) -> None:
    free = ConversationRow.ticket_id.does_not_exist() & (ConversationRow.inbox_id == conversation.inbox_id)
    key = keys.conversation(conversation.account_id, conversation.id)
    writes.update(ConversationRow, key, mirrored(ticket), free)


def require_pipeline(writes: table.Transaction, pipeline: Pipeline) -> None:
    """Of a stage that is removed at the same moment, and a ticket that goes there, one comes too late."""
    writes.check(keys.pipeline(pipeline.account_id, pipeline.id), PipelineRow.version == pipeline.version)


def _entry_row(entry: TicketEntry) -> TicketEntryRow:
    return table.to_row(
        TicketEntryRow,
        keys.ticket_entry(entry.account_id, entry.ticket_id, entry.id),
        entry,
        list_pk=keys.entries_of_ticket(entry.account_id, entry.ticket_id),
        list_sk=keys.list_position(entry.created_at, entry.id),
    )


def entry_of(row: Row) -> TicketEntry:
    """An entry from its row."""
    return table.to_value(TicketEntry, row)


def get_entry(account_id: str, ticket_id: str, entry_id: str) -> TicketEntry | None:
    """One entry of a ticket, or None."""
    row = table.get(TicketEntryRow, keys.ticket_entry(account_id, ticket_id, entry_id), consistent=True)
    return entry_of(row) if row else None


def page_of_entries(account_id: str, ticket_id: str, *, limit: int, cursor: str | None) -> Page[TicketEntry]:
    """The history of a ticket, oldest first."""
    partition = keys.entries_of_ticket(account_id, ticket_id)
    return table.page(table.BY_LIST, [partition], limit=limit, cursor=cursor, read=entry_of, newest_first=False)


def page_of_comments(account_id: str, ticket_id: str, *, limit: int, cursor: str | None) -> Page[TicketEntry]:
    """What was written to a ticket, oldest first."""

    def read(row: Row) -> TicketEntry | None:
        entry = entry_of(row)
        return entry if entry.type is EntryType.COMMENT else None

    partition = keys.entries_of_ticket(account_id, ticket_id)
    return table.page(table.BY_LIST, [partition], limit=limit, cursor=cursor, read=read, newest_first=False)


def add_entry(entry: TicketEntry) -> None:
    """Store an entry of a ticket that is there; `LostRace` when it is not, or the entry's id is taken."""
    writes = table.Transaction()
    writes.put(_entry_row(entry))
    writes.check(keys.ticket(entry.account_id, entry.ticket_id), table.PRESENT)
    writes.commit("write to a ticket")
