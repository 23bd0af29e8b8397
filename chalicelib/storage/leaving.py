"""Users who are removed: their row is marked at once, and goes when nothing is assigned to them any more.

Until then it is nobody to everyone who reads users (`people.py`), but still there for the counters that mail and
colleagues keep: what they change at the same moment does not fail for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace
from chalicelib.model.account import Role, User
from chalicelib.model.audit import AuditEntry
from chalicelib.model.conversation import Conversation, ConversationStatus, Reason
from chalicelib.storage import audit, keys, people, table
from chalicelib.storage.assignments import hand_over
from chalicelib.storage.conversations import conversation_of
from chalicelib.storage.faults import translated
from chalicelib.storage.people_keys import former_user, invitation, leaving_users
from chalicelib.storage.tables import ConversationRow, FormerUserRow, InvitationRow, Row, TicketRow, TokenRow, UserRow


class Leaving(Struct, frozen=True):
    """A removed user, and when that was."""

    user: User
    removed_at: str


def remove(user: User, at: str, noted: AuditEntry, other_super_admin: str | None) -> None:
    """Mark a user as removed, with the audit log. `LostRace` when it is not `user` any more, or when
    `other_super_admin`, who must remain, is none any more.
    """
    gone: list[Action] = [
        UserRow.removed_at.set(at),
        UserRow.role.set(Role.MEMBER.value),  # so that it counts as no super admin, whoever asks
        UserRow.version.set(user.version + 1),
        UserRow.list_pk.set(leaving_users()),
        UserRow.list_sk.set(keys.list_position(at, user.id)),
    ]
    writes = table.Transaction()
    present = (UserRow.version == user.version) & UserRow.removed_at.does_not_exist()
    writes.update(UserRow, keys.user(user.account_id, user.id), gone, present)
    counted: list[Action] = [FormerUserRow.times.add(1), FormerUserRow.kind.set(FormerUserRow)]
    writes.update(FormerUserRow, former_user(user.account_id, user.email), counted, table.PRESENT | table.ABSENT)
    if other_super_admin is not None:
        writes.check(keys.user(user.account_id, other_super_admin), people.IS_SUPER_ADMIN)
    audit.note(writes, noted)
    writes.commit("remove a user")


def times_removed(account_id: str, email: str) -> int:
    """How often a user with this address was removed."""
    row = table.get(FormerUserRow, former_user(account_id, email), consistent=True)
    return int(row.times) if row else 0


def list_leaving(limit: int) -> list[Leaving]:
    """Up to `limit` users, of all accounts, that were removed and are still there, the longest first."""
    with translated("list leaving users"):
        rows = list(UserRow.by_list.query(leaving_users(), limit=limit))
    return [Leaving(people.user_of(row), row.removed_at or row.created_at) for row in rows]


def assigned(user: User, inbox_ids: Sequence[str], years: Sequence[int]) -> Iterator[Conversation]:
    """The conversations, open and closed, that a user has in these inboxes."""
    for inbox_id in inbox_ids:
        lists = [keys.open_conversations(user.account_id, inbox_id)]
        lists += [keys.closed_conversations(user.account_id, inbox_id, year) for year in years]
        for each in lists:
            for row in _by_person(keys.conversations_of_assignee(each, user.id)):
                if isinstance(row, ConversationRow):
                    yield conversation_of(row)


def unassign(before: Conversation, because: Reason) -> bool:
    """Take a conversation from its assignee, who leaves; False when it has changed just now."""
    after = replace(before, assignee_id=None, assigned_because=because, version=before.version + 1)
    writes = table.Transaction()
    condition = (ConversationRow.version == before.version) & (ConversationRow.assignee_id == before.assignee_id)
    if before.status is ConversationStatus.CLOSED:  # its place follows from the last message
        condition &= ConversationRow.last_message_at == before.last_message_at
    writes.update(ConversationRow, keys.conversation(before.account_id, before.id), hand_over(after), condition)
    return _committed(writes)


def owned(user: User) -> Iterator[TicketRow]:
    """The rows of the tickets that a user owns."""
    for row in _by_person(keys.tickets_of_owner(user.account_id, user.id)):
        if isinstance(row, TicketRow):
            yield row


def disown(row: TicketRow, because: Reason) -> bool:
    """Take a ticket from its owner, who leaves; False when it has changed just now."""
    actions: list[Action] = [
        TicketRow.owner_id.remove(),
        TicketRow.owned_because.set(msgspec.to_builtins(because)),
        TicketRow.person_pk.set(keys.tickets_of_owner(row.account_id or "", None)),
        TicketRow.version.set(TicketRow.version + 1),
    ]
    writes = table.Transaction()
    writes.update(
        TicketRow, row.key, actions, (TicketRow.owner_id == row.owner_id) & (TicketRow.version == row.version)
    )
    return _committed(writes)


def remove_tokens(user: User) -> int:
    """Remove the tokens of a user, which hold for nothing any more; return how many there were."""
    with translated("list tokens"):
        rows = [row for row in TokenRow.by_list.query(keys.list_of_tokens(user.account_id)) if row.user_id == user.id]
    for row in rows:
        writes = table.Transaction()
        writes.delete(TokenRow, keys.token(row.digest))
        writes.commit("remove a token")
    return len(rows)


def end(leaving: Leaving) -> None:
    """Remove the row of a user to whom nothing is assigned any more, with an invitation of the user."""
    user = leaving.user
    row = table.get(UserRow, keys.user(user.account_id, user.id), consistent=True)
    if row is None:
        return
    writes = table.Transaction()
    writes.delete(UserRow, row.key, UserRow.removed_at == leaving.removed_at)
    if row.invitation is not None:
        writes.delete(InvitationRow, invitation(row.invitation))
    writes.commit("end a user's removal")


def _by_person(partition: str) -> Iterator[Row]:
    with translated("list what is assigned"):
        yield from Row.by_person.query(partition)


def _committed(writes: table.Transaction) -> bool:
    try:
        writes.commit("take something from a user who leaves")
    except LostRace:
        return False
    return True


def years_of(since: str, now: datetime) -> range:
    """The years from the one of a stamp until now, the present first."""
    return range(now.year, int(since[:4]) - 1, -1)
