"""Addresses that automatic mail leaves alone (`model/suppression.py`)."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.mail.addresses import as_kept
from chalicelib.model.audit import AuditEntry
from chalicelib.model.page import Page
from chalicelib.model.suppression import Suppression, suppression_id
from chalicelib.storage import audit, automatic_keys, keys, table
from chalicelib.storage.tables import Row, SuppressionRow


def suppress(writes: table.Transaction, suppression: Suppression) -> None:
    """Write one as part of a transaction; what told last is kept."""
    key = automatic_keys.suppression(suppression.account_id, suppression.id)
    position = keys.list_position(suppression.created_at, suppression.id)
    row = table.to_row(
        SuppressionRow,
        key,
        suppression,
        list_pk=automatic_keys.list_of_suppressions(suppression.account_id),
        list_sk=position,
    )
    writes.put(row, None)


def add(suppressions: Iterable[Suppression]) -> None:
    """Write some on their own."""
    writes = table.Transaction()
    for each in suppressions:
        suppress(writes, each)
    if len(writes):
        writes.commit("suppress an address")


def find(account_id: str, wanted: str) -> Suppression | None:
    """One suppression by its id, or None."""
    row = table.get(SuppressionRow, automatic_keys.suppression(account_id, wanted), consistent=True)
    return suppression_of(row) if row else None


def among(account_id: str, addresses: Iterable[str]) -> dict[str, Suppression]:
    """Those of up to 100 addresses that are suppressed, by address as it is kept; one request."""
    rows = table.get_many([automatic_keys.suppression(account_id, suppression_id(as_kept(each))) for each in addresses])
    found = (suppression_of(row) for row in rows.values() if isinstance(row, SuppressionRow))
    return {each.address: each for each in found}


def page(account_id: str, *, limit: int, cursor: str | None) -> Page[Suppression]:
    """The suppressed addresses of an account, newest first."""
    partitions = [automatic_keys.list_of_suppressions(account_id)]
    return table.page(table.BY_LIST, partitions, limit=limit, cursor=cursor, read=suppression_of)


def lift(suppression: Suppression, entry: AuditEntry) -> None:
    """Remove one, with its entry in the audit log; `LostRace` when it is not there any more."""
    writes = table.Transaction()
    key = automatic_keys.suppression(suppression.account_id, suppression.id)
    writes.delete(SuppressionRow, key, SuppressionRow.created_at == suppression.created_at)
    audit.note(writes, entry)
    writes.commit("lift a suppression")


def suppression_of(row: Row) -> Suppression:
    """A suppression from its row."""
    return table.to_value(Suppression, row)
