"""The audit log: written in the same transaction as the change it tells of, so that neither is without the other."""

from __future__ import annotations

from chalicelib.model.audit import AuditEntry
from chalicelib.storage import keys, table
from chalicelib.storage.tables import AuditRow


def note(writes: table.Transaction, entry: AuditEntry) -> None:
    """Add an entry to the transaction that makes the change."""
    year = int(entry.at[:4])
    key = keys.audit_entry(entry.account_id, entry.at, f"{entry.action} {entry.subject_id} {entry.token_id}")
    row = table.to_row(
        AuditRow,
        key,
        entry,
        person_pk=keys.audit_of(entry.account_id, entry.user_id, year),
        person_sk=key.sk,
        contact_pk=keys.audit_of(entry.account_id, entry.subject_id, year),
        contact_sk=key.sk,
    )
    writes.put(row, None)
