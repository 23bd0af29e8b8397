"""The lists of senders: the texts in one row, which admins read, their digests in another, which every mail does."""

from __future__ import annotations

from chalicelib.model.audit import AuditEntry
from chalicelib.model.sender_lists import MARK_BYTES, SenderLists, SenderMarks, marks_of
from chalicelib.storage import audit, keys, table
from chalicelib.storage.tables import Row, SenderListsRow, SenderMarksRow


def read(account_id: str) -> SenderLists:
    """Both lists; empty ones, version 0, when none were ever saved."""
    row = table.get(SenderListsRow, keys.sender_lists(account_id), consistent=True)
    return table.to_value(SenderLists, row) if row else SenderLists(account_id, version=0)


def change(before: SenderLists, after: SenderLists, noted: AuditEntry) -> None:
    """Write both lists with their digests, and the audit log. `LostRace` when they are not `before` any more."""
    writes = table.Transaction()
    put(writes, before, after)
    audit.note(writes, noted)
    writes.commit("change the lists of senders")


def put(writes: table.Transaction, before: SenderLists, after: SenderLists) -> None:
    """The same as part of a transaction."""
    row = table.to_row(SenderListsRow, keys.sender_lists(after.account_id), after)
    writes.put(row, SenderListsRow.version == before.version if before.version else table.ABSENT)
    marks = marks_of(after)
    writes.put(
        SenderMarksRow(
            *keys.sender_marks(after.account_id),
            account_id=after.account_id,
            allow=b"".join(sorted(marks.allow)),
            deny=b"".join(sorted(marks.deny)),
        ),
        None,
    )


def marks_from(row: Row | None) -> SenderMarks | None:
    """The digests of a row; None without lists."""
    if not isinstance(row, SenderMarksRow):
        return None
    return SenderMarks(_split(row.allow), _split(row.deny))


def _split(packed: bytes | None) -> frozenset[bytes]:
    packed = packed or b""
    return frozenset(packed[start : start + MARK_BYTES] for start in range(0, len(packed), MARK_BYTES))
