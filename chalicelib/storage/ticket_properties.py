"""The properties that an account gives its tickets: one small partition, so that all of them come with one query."""

from __future__ import annotations

import msgspec

from chalicelib.model.audit import AuditEntry
from chalicelib.model.page import Page
from chalicelib.model.ticket_property import TicketProperty
from chalicelib.storage import audit, keys, table
from chalicelib.storage.tables import Row, TicketPropertyRow

PREFIX = "TICKET-PROPERTY#"


def _property_of(row: Row) -> TicketProperty:
    return table.to_value(TicketProperty, row)


def get_property(account_id: str, property_id: str) -> TicketProperty | None:
    """One property as it is now, or None."""
    row = table.get(TicketPropertyRow, keys.ticket_property(account_id, property_id), consistent=True)
    return _property_of(row) if row else None


def all_properties(account_id: str) -> dict[str, TicketProperty]:
    """Every property of the account by id, as they are now."""
    partition = keys.ticket_properties(account_id)
    rows = table.query_all(TicketPropertyRow, partition, PREFIX, consistent=True)
    return {row.id: _property_of(row) for row in rows}


def page_of_properties(account_id: str, *, limit: int, cursor: str | None) -> Page[TicketProperty]:
    """The properties of an account, oldest first."""
    return table.page(
        table.BY_LIST,
        [keys.ticket_properties(account_id)],
        limit=limit,
        cursor=cursor,
        read=_property_of,
        newest_first=False,
    )


def add_property(added: TicketProperty, noted: AuditEntry) -> None:
    """Store a new property; `LostRace` when its id is taken."""
    writes = table.Transaction()
    writes.put(
        table.to_row(
            TicketPropertyRow,
            keys.ticket_property(added.account_id, added.id),
            added,
            list_pk=keys.ticket_properties(added.account_id),
            list_sk=keys.list_position(added.created_at, added.id),
        )
    )
    audit.note(writes, noted)
    writes.commit("add a ticket property")


def change_property(before: TicketProperty, after: TicketProperty, noted: AuditEntry) -> None:
    """Write name and choices; `LostRace` when the stored version is not that of `before`."""
    writes = table.Transaction()
    writes.update(
        TicketPropertyRow,
        keys.ticket_property(before.account_id, before.id),
        [
            TicketPropertyRow.name.set(after.name),
            TicketPropertyRow.choices.set(msgspec.to_builtins(after.choices)),
            TicketPropertyRow.version.set(after.version),
        ],
        TicketPropertyRow.version == before.version,
    )
    audit.note(writes, noted)
    writes.commit("change a ticket property")


def delete_property(gone: TicketProperty, noted: AuditEntry) -> None:
    """Remove a property; `LostRace` when the stored version is another."""
    writes = table.Transaction()
    key = keys.ticket_property(gone.account_id, gone.id)
    writes.delete(TicketPropertyRow, key, TicketPropertyRow.version == gone.version)
    audit.note(writes, noted)
    writes.commit("delete a ticket property")
