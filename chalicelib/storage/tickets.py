"""Tickets, read. They are opened with the conversation they belong to (`filing.py`)."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.model.page import Page
from chalicelib.model.ticket import Ticket
from chalicelib.storage import keys, table
from chalicelib.storage.tables import Row, TicketRow


def ticket_of(row: Row) -> Ticket:
    """A ticket from its row."""
    return table.to_value(Ticket, row)


def get_ticket(account_id: str, ticket_id: str) -> Ticket | None:
    """One ticket, or None."""
    row = table.get(TicketRow, keys.ticket(account_id, ticket_id))
    return ticket_of(row) if row else None


def page_of_stage(
    account_id: str, pipeline_id: str, stage_id: str, inbox_ids: Collection[str], *, limit: int, cursor: str | None
) -> Page[Ticket]:
    """The tickets in a stage, newest first, of the inboxes named."""
    partition = keys.tickets_of_stage(account_id, pipeline_id, stage_id)
    return _page(table.BY_LIST, partition, inbox_ids, limit, cursor)


def page_of_owner(
    account_id: str, owner_id: str | None, inbox_ids: Collection[str], *, limit: int, cursor: str | None
) -> Page[Ticket]:
    """The tickets of an owner (None: of nobody), newest first, of the inboxes named."""
    return _page(table.BY_PERSON, keys.tickets_of_owner(account_id, owner_id), inbox_ids, limit, cursor)


def page_of_all(account_id: str, inbox_ids: Collection[str], *, limit: int, cursor: str | None) -> Page[Ticket]:
    """The tickets of an account, newest first, of the inboxes named."""
    return _page(table.BY_CONTACT, keys.tickets_of_account(account_id), inbox_ids, limit, cursor)


def _page(
    order: table.Index, partition: str, inbox_ids: Collection[str], limit: int, cursor: str | None
) -> Page[Ticket]:
    def read(row: Row) -> Ticket | None:
        ticket = ticket_of(row)
        return ticket if ticket.inbox_id in inbox_ids else None

    return table.page(order, [partition], limit=limit, cursor=cursor, read=read)
