"""`/v1/teams`: named groups of users."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.model.account import Team
from chalicelib.settings import teams
from chalicelib.settings.teams import TeamSettings


class TeamAnswer(Struct, frozen=True, kw_only=True):
    """A team; who belongs to it stands on the users (`team_ids`)."""

    id: str
    name: str
    created_at: str


def shape(team: Team) -> TeamAnswer:
    """A team in the shape of the API."""
    return TeamAnswer(id=team.id, name=team.name, created_at=team.created_at)


def list_teams(call: Call) -> Listing[TeamAnswer]:
    """The teams of the account."""
    query: Paging = call.query
    return listing(teams.page(call.caller, limit=query.limit, cursor=query.cursor), shape)


def add_team(call: Call) -> Answered:
    """A new team, without members."""
    told: TeamSettings = call.body
    team = teams.add(call.caller, call.id_for("tea"), told.name, call.now)
    return Answered(shape(team), team.version, f"/v1/teams/{team.id}")


def get_team(call: Call) -> Answered:
    """One team."""
    team = teams.team_for(call.caller, call.path["team_id"])
    return Answered(shape(team), team.version)


def patch_team(call: Call) -> Answered:
    """Its name."""
    before = teams.team_for(call.caller, call.path["team_id"])
    team = teams.change(
        call.caller, before, patched(teams.settings_of(before), call.body), call.accepted_versions, call.now
    )
    return Answered(shape(team), team.version)
