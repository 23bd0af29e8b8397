"""Invitations, found by the SHA-256 of their token. An invited user's row says which one holds: only the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.update import Action

from chalicelib.model.account import AccessToken, User, UserStatus
from chalicelib.model.audit import AuditEntry
from chalicelib.model.invitation import Invitation
from chalicelib.model.limits import Spending
from chalicelib.storage import audit, keys, limits, table
from chalicelib.storage.people_keys import invitation as key_of
from chalicelib.storage.tables import InvitationRow, UserRow
from chalicelib.storage.tokens import token_row

IS_INVITED = (UserRow.status == UserStatus.INVITED.value) & UserRow.removed_at.does_not_exist()


def begin(invitation: Invitation, spendings: Sequence[Spending], noted: AuditEntry, now: datetime) -> None:
    """Store an invitation in the place of an earlier one, with what it takes of the limits and the audit log.

    `LostRace` when a limit is reached, the user is no invited one any more, or another invitation came first.
    """
    key = keys.user(invitation.account_id, invitation.user_id)
    user = table.get(UserRow, key, consistent=True)
    earlier = user.invitation if user else None
    row = table.to_row(
        InvitationRow,
        key_of(invitation.digest),
        invitation,
        invitation_expires_at=invitation.expires_at,
        expires_at=datetime.fromisoformat(invitation.expires_at),  # type: ignore[arg-type]
    )
    writes = table.Transaction()
    writes.put(row)
    same = UserRow.invitation == earlier if earlier else UserRow.invitation.does_not_exist()
    writes.update(UserRow, key, [UserRow.invitation.set(invitation.digest)], IS_INVITED & same)
    if earlier:
        writes.delete(InvitationRow, key_of(earlier))
    limits.spend(writes, spendings, now)
    audit.note(writes, noted)
    writes.commit("invite a user")


def find(digest: str) -> Invitation | None:
    """The invitation of a token, by the token's digest; None when there is none, or it was used or replaced."""
    row = table.get(InvitationRow, key_of(digest), consistent=True)
    return table.to_value(Invitation, row, expires_at=row.invitation_expires_at) if row else None


def accept(invitation: Invitation, user: User, token: AccessToken, noted: AuditEntry) -> None:
    """Use an invitation up: the user is active, and has a token. All or nothing; `LostRace` when it does not hold."""
    active: list[Action] = [
        UserRow.status.set(UserStatus.ACTIVE.value),
        UserRow.invitation.remove(),
        UserRow.version.set(user.version + 1),
    ]
    writes = table.Transaction()
    writes.delete(InvitationRow, key_of(invitation.digest), table.PRESENT)
    condition = IS_INVITED & (UserRow.invitation == invitation.digest) & (UserRow.version == user.version)
    writes.update(UserRow, keys.user(user.account_id, user.id), active, condition)
    writes.put(token_row(token))
    audit.note(writes, noted)
    writes.commit("accept an invitation")


def revoke(user: User, noted: AuditEntry) -> None:
    """Make a user's invitation worthless; `LostRace` when there is none any more."""
    key = keys.user(user.account_id, user.id)
    row = table.get(UserRow, key, consistent=True)
    digest = (row.invitation if row else None) or "none"
    writes = table.Transaction()
    writes.delete(InvitationRow, key_of(digest))
    writes.update(UserRow, key, [UserRow.invitation.remove()], IS_INVITED & (UserRow.invitation == digest))
    audit.note(writes, noted)
    writes.commit("revoke an invitation")
