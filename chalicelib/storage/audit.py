"""The audit log: written in the same transaction as the change it tells of, so that neither is without the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.model.audit import AuditEntry
from chalicelib.model.page import Page
from chalicelib.storage import keys, table
from chalicelib.storage.tables import AuditRow, Row


def note(writes: table.Transaction, entry: AuditEntry) -> None:
    """Add an entry to the transaction that makes the change."""
    year = int(entry.at[:4])
    key = keys.audit_entry(entry.account_id, entry.at, f"{entry.action} {entry.subject_id} {entry.token_id}")
    by_user = {}
    if entry.user_id is not None:
        by_user = {"person_pk": keys.audit_of(entry.account_id, entry.user_id, year), "person_sk": key.sk}
    row = table.to_row(
        AuditRow,
        key,
        entry,
        contact_pk=keys.audit_of(entry.account_id, entry.subject_id, year),
        contact_sk=key.sk,
        **by_user,
    )
    writes.put(row, None)


def page(
    account_id: str,
    years: Sequence[int],
    *,
    user_id: str | None,
    subject_id: str | None,
    wanted: Callable[[AuditEntry], bool],
    limit: int,
    cursor: str | None,
) -> Page[AuditEntry]:
    """Entries of these years, which are given newest first; newest first: of a thing, of a user, or all.

    `wanted` leaves entries out; what the lists are cut by (user and thing) it need not ask again.
    """
    order, lists = table.TABLE, [keys.audit_log(account_id, year) for year in years]
    if subject_id is not None:
        order, lists = table.BY_CONTACT, [keys.audit_of(account_id, subject_id, year) for year in years]
    elif user_id is not None:
        order, lists = table.BY_PERSON, [keys.audit_of(account_id, user_id, year) for year in years]

    def read(row: Row) -> AuditEntry | None:
        entry = table.to_value(AuditEntry, row)
        return entry if wanted(entry) else None

    return table.page(order, lists, limit=limit, cursor=cursor, read=read)
