"""The audit log, as admins read it: who changed which setting, when, from what to what."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from chalicelib.model.audit import AuditEntry
from chalicelib.model.caller import Caller
from chalicelib.model.page import Page
from chalicelib.storage import audit


class Asked(Struct, frozen=True):
    """Which entries: those that match all that is named."""

    user_id: str | None = None
    subject_id: str | None = None
    action: str | None = None

    def matches(self, entry: AuditEntry) -> bool:
        """Whether an entry is among them. An action without its verb (`channel`) stands for all of them. Pure."""
        pairs = ((self.user_id, entry.user_id), (self.subject_id, entry.subject_id))
        if any(wanted is not None and wanted != found for wanted, found in pairs):
            return False
        return self.action is None or f"{entry.action}.".startswith(f"{self.action}.")


def page(caller: Caller, asked: Asked, now: datetime, *, limit: int, cursor: str | None) -> Page[AuditEntry]:
    """Entries of the account's whole life, newest first."""
    return audit.page(
        caller.account_id,
        range(now.year, int(caller.account.created_at[:4]) - 1, -1),
        user_id=asked.user_id,
        subject_id=asked.subject_id,
        wanted=asked.matches,
        limit=limit,
        cursor=cursor,
    )
