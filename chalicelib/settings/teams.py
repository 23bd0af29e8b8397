"""Teams: named groups of users, which inboxes' access and assignment rules refer to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, LostRace, NotFound, Refused
from chalicelib.model.account import Team, User
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.page import Page
from chalicelib.model.texts import Ids, Name
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import people

TRIES = 4
MOST_AT_ONCE = 90  # users whose rows change in one transaction


class TeamSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a team; who belongs to it is set on the users."""

    name: Name


class MembersPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Users who are to belong to a team from now on, and users who are not any more."""

    add: Ids = ()
    remove: Ids = ()


def settings_of(team: Team) -> TeamSettings:
    """The part of a team that can be changed."""
    return TeamSettings(team.name)


def team_for(caller: Caller, team_id: str) -> Team:
    """A team of the account."""
    team = people.get_team(caller.account_id, team_id)
    if team is None:
        raise NotFound("There is no such team.")
    return team


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[Team]:
    """The teams of the account in the order of their ids."""
    return people.page_of_teams(caller.account_id, limit=limit, cursor=cursor)


def add(caller: Caller, team_id: str, name: str, now: datetime) -> Team:
    """Add a team without members. With an id that is there already: a repeat, which gives what the first one made."""
    team = Team(caller.account_id, team_id, name, stamp(now))
    try:
        people.add_team(team, audited(caller, "team.added", team.id, None, settings_of(team), team.created_at))
    except LostRace:
        made = people.get_team(caller.account_id, team_id, consistent=True)
        if made is None:
            raise
        return made
    return team


def change(caller: Caller, before: Team, after: TeamSettings, accepted: Collection[int] | None, now: datetime) -> Team:
    """Save a team's settings."""
    require_version(before.version, accepted)
    changed = replace(before, name=after.name, version=before.version + 1)
    noted = audited(caller, "team.changed", before.id, settings_of(before), after, stamp(now))
    with saving():
        people.change_team(before, changed, noted)
    return changed


def members(caller: Caller, team_id: str, *, limit: int, cursor: str | None) -> Page[User]:
    """Who belongs to a team, in the order of their ids."""
    return people.page_of_members(caller.account_id, team_for(caller, team_id).id, limit=limit, cursor=cursor)


def change_members(caller: Caller, team_id: str, members: MembersPatch, now: datetime) -> None:
    """Let users belong to a team, and others not any more: all of them, or none. `Refused` for one that is nobody."""
    team = team_for(caller, team_id)
    wanted = [*members.add, *members.remove]
    if len(set(wanted)) != len(wanted) or len(wanted) > MOST_AT_ONCE:
        raise Refused(f"Name each user once, and at most {MOST_AT_ONCE}.", pointer="/add", code="too_many_members")
    found = people.get_users(caller.account_id, wanted)
    for user_id, user in found.items():
        if user is None:
            pointer = "/add" if user_id in members.add else "/remove"
            raise Refused(f"There is no user {user_id}.", pointer=pointer, code="no_such_user")
    users = [user for user in found.values() if user is not None]
    changed = [
        (user, after) for user in users if (after := with_membership(user, team.id, user.id in members.add)) != user
    ]
    if changed:
        noted = audited(caller, "team.members_changed", team.id, None, members, stamp(now))
        people.change_members(changed, noted)


def remove(caller: Caller, team_id: str, now: datetime) -> None:
    """Remove a team, with its members' membership, at once: what it opened to them is closed from the next request on.

    `Conflict` when it has more members than change together: take some out first.
    """
    for attempt in range(1, TRIES + 1):
        team = team_for(caller, team_id)
        users = people.list_members(caller.account_id, team.id)
        if len(users) > MOST_AT_ONCE:
            raise Conflict(
                f"The team has {len(users)} members. Take members out until there are at most {MOST_AT_ONCE}.",
                code="team_has_members",
            )
        noted = audited(caller, "team.removed", team.id, settings_of(team), None, stamp(now))
        try:
            people.remove_team(team, [(user, with_membership(user, team.id, False)) for user in users], noted)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return


def with_membership(user: User, team_id: str, belongs: bool) -> User:
    """A user who belongs to a team, or not; itself when that is so already. Pure."""
    if (team_id in user.team_ids) is belongs:
        return user
    others = tuple(each for each in user.team_ids if each != team_id)
    return replace(user, team_ids=(*others, team_id) if belongs else others, version=user.version + 1)
