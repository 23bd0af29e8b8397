"""Users and teams: one small partition for each account, so that all of them come with one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.account import Role, Team, User, UserStatus
from chalicelib.model.audit import AuditEntry
from chalicelib.model.entry import RequestKey
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.model.page import Page
from chalicelib.storage import audit, idempotency, keys, table
from chalicelib.storage.tables import Row, TeamRow, UserRow

IS_SUPER_ADMIN = (UserRow.role == Role.SUPER_ADMIN.value) & (
    UserRow.status.does_not_exist() | (UserRow.status == UserStatus.ACTIVE.value)
)
USERS = "USER#"
TEAMS = "TEAM#"


def user_row(user: User) -> UserRow:
    """A user's row."""
    return table.to_row(UserRow, keys.user(user.account_id, user.id), user)


def team_row(team: Team) -> TeamRow:
    """A team's row."""
    return table.to_row(TeamRow, keys.team(team.account_id, team.id), team)


def user_of(row: Row) -> User:
    """A user from its row."""
    return table.to_value(User, row)


def team_of(row: Row) -> Team:
    """A team from its row."""
    return table.to_value(Team, row)


def get_user(account_id: str, user_id: str, *, consistent: bool = False) -> User | None:
    """One user, or None."""
    row = table.get(UserRow, keys.user(account_id, user_id), consistent=consistent)
    return user_of(row) if row is not None and row.removed_at is None else None


def get_team(account_id: str, team_id: str, *, consistent: bool = False) -> Team | None:
    """One team, or None."""
    row = table.get(TeamRow, keys.team(account_id, team_id), consistent=consistent)
    return team_of(row) if row else None


def get_users(account_id: str, user_ids: Iterable[str]) -> dict[str, User | None]:
    """The users with these ids, None for one that does not exist; a request for each hundred."""
    wanted = list(dict.fromkeys(user_ids))
    found = _get_all([keys.user(account_id, each) for each in wanted])
    rows = {each: found.get(keys.user(account_id, each)) for each in wanted}
    return {each: _present(row) for each, row in rows.items()}


def existing(account_id: str, user_ids: Iterable[str]) -> list[str]:
    """Which of these users exist; a request for each hundred, none for none."""
    return [user_id for user_id, user in get_users(account_id, user_ids).items() if user is not None]


def missing_teams(account_id: str, team_ids: Iterable[str]) -> list[str]:
    """Which of these teams do not exist."""
    wanted = list(dict.fromkeys(team_ids))
    found = _get_all([keys.team(account_id, each) for each in wanted])
    return [each for each in wanted if keys.team(account_id, each) not in found]


def list_users(account_id: str) -> list[User]:
    """Every user of the account."""
    rows = table.query_all(UserRow, keys.people(account_id), USERS)
    return [user_of(row) for row in rows if row.removed_at is None]


def candidates(account_id: str, routing: Routing, owner_id: str | None) -> list[User]:
    """The users that a rule may choose from: those it names, or the contact's owner. One request, or none.

    A rule that names teams reads every user, since who belongs to a team stands on the users: a request and 125 read
    units a megabyte of them, some 3,000 users.
    """
    if routing.mode is RoutingMode.OFF:
        return []
    if routing.mode is RoutingMode.CONTACT_OWNER:
        named: Sequence[str] = [owner_id] if owner_id else []
    elif routing.team_ids or len(routing.user_ids) > table.MOST_READS:
        return list_users(account_id)
    else:
        named = routing.user_ids
    return [user for user in get_users(account_id, named).values() if user is not None]


def list_members(account_id: str, team_id: str) -> list[User]:
    """The users of a team."""
    return [user for user in list_users(account_id) if team_id in user.team_ids]


def page_of_users(account_id: str, *, limit: int, cursor: str | None) -> Page[User]:
    """The users of an account in the order of their ids."""
    return table.page(
        table.TABLE,
        [keys.people(account_id)],
        limit=limit,
        cursor=cursor,
        read=_present,
        newest_first=False,
        prefix=USERS,
    )


def page_of_members(account_id: str, team_id: str, *, limit: int, cursor: str | None) -> Page[User]:
    """The users of a team in the order of their ids."""

    def read(row: Row) -> User | None:
        user = _present(row)
        return user if user is not None and team_id in user.team_ids else None

    partition = keys.people(account_id)
    return table.page(table.TABLE, [partition], limit=limit, cursor=cursor, read=read, newest_first=False, prefix=USERS)


def change_members(changed: Sequence[tuple[User, User]], noted: AuditEntry) -> None:
    """Write the teams of users, each given as (before, after), at most 98; `LostRace` when one is not as before."""
    writes = table.Transaction()
    _change_teams(writes, changed)
    audit.note(writes, noted)
    writes.commit("change the members of a team")


def remove_team(team: Team, changed: Sequence[tuple[User, User]], noted: AuditEntry) -> None:
    """Remove a team, and its members' membership, each given as (before, after), at most 98."""
    writes = table.Transaction()
    writes.delete(TeamRow, keys.team(team.account_id, team.id), table.PRESENT)
    _change_teams(writes, changed)
    audit.note(writes, noted)
    writes.commit("remove a team")


def _change_teams(writes: table.Transaction, changed: Sequence[tuple[User, User]]) -> None:
    for before, after in changed:
        actions: list[Action] = [UserRow.team_ids.set(list(after.team_ids)), UserRow.version.set(after.version)]
        writes.update(UserRow, keys.user(before.account_id, before.id), actions, UserRow.version == before.version)


def page_of_teams(account_id: str, *, limit: int, cursor: str | None) -> Page[Team]:
    """The teams of an account in the order of their ids."""
    return table.page(
        table.TABLE,
        [keys.people(account_id)],
        limit=limit,
        cursor=cursor,
        read=team_of,
        newest_first=False,
        prefix=TEAMS,
    )


def add_user(user: User, noted: AuditEntry, request: RequestKey | None = None) -> None:
    """Store a new user, the audit log, and by which request; `LostRace` when the id is taken."""
    writes = table.Transaction()
    writes.put(user_row(user))
    idempotency.note_made(writes, user.account_id, request, user.id, datetime.fromisoformat(user.created_at))
    audit.note(writes, noted)
    writes.commit("add a user")


def add_team(team: Team, noted: AuditEntry) -> None:
    """Store a new team, and the audit log; `LostRace` when the id is taken."""
    writes = table.Transaction()
    writes.put(team_row(team))
    audit.note(writes, noted)
    writes.commit("add a team")


def change_user(before: User, after: User, noted: AuditEntry, *, other_super_admin: str | None = None) -> None:
    """Write what an admin changed, and the audit log; the counters that assignment keeps are left alone.

    `LostRace` when the stored version is not that of `before`, or when `other_super_admin`, who must remain, is none
    any more.
    """
    actions: list[Action] = [
        UserRow.role.set(after.role.value),
        UserRow.seat.set(after.seat.value),
        UserRow.name.set(after.name),
        UserRow.availability.set(after.availability.value),
        UserRow.team_ids.set(list(after.team_ids)),
        UserRow.version.set(after.version),
        UserRow.working_hours.remove()
        if after.working_hours is None
        else UserRow.working_hours.set(msgspec.to_builtins(after.working_hours)),
    ]
    writes = table.Transaction()
    writes.update(UserRow, keys.user(before.account_id, before.id), actions, UserRow.version == before.version)
    if other_super_admin is not None:
        writes.check(keys.user(before.account_id, other_super_admin), IS_SUPER_ADMIN)
    audit.note(writes, noted)
    writes.commit("change a user")


def change_team(before: Team, after: Team, noted: AuditEntry) -> None:
    """Write a team's name, and the audit log; `LostRace` when the stored version is not that of `before`."""
    writes = table.Transaction()
    writes.update(
        TeamRow,
        keys.team(before.account_id, before.id),
        [TeamRow.name.set(after.name), TeamRow.version.set(after.version)],
        TeamRow.version == before.version,
    )
    audit.note(writes, noted)
    writes.commit("change a team")


def _present(row: Row | None) -> User | None:
    return user_of(row) if isinstance(row, UserRow) and row.removed_at is None else None


def _get_all(wanted: list[keys.Key]) -> dict[keys.Key, Row]:
    found: dict[keys.Key, Row] = {}
    for start in range(0, len(wanted), 100):
        found.update(table.get_many(wanted[start : start + 100]))
    return found
