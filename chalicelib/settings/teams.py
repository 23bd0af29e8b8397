"""Teams: named groups of users, which inboxes' access and assignment rules refer to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import LostRace, NotFound
from chalicelib.model.account import Team
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.page import Page
from chalicelib.model.texts import Name
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import people


class TeamSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a team; who belongs to it is set on the users."""

    name: Name


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
