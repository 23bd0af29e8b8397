"""`/v1/teams`: named groups of users."""

from __future__ import annotations

from functools import partial

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched, read_body
from chalicelib.api.shapes import Listing, listing
from chalicelib.api.users import UserAnswer
from chalicelib.api.users import shape as shape_user
from chalicelib.conversations.offer_again import offer_again
from chalicelib.model.account import Team
from chalicelib.settings import teams
from chalicelib.settings.teams import MembersPatch, TeamSettings


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


def delete_team(call: Call) -> None:
    """Removed, with its members' membership: what it opened to them is closed from the next request on."""
    teams.remove(call.caller, call.path["team_id"], call.now)


def list_members(call: Call) -> Listing[UserAnswer]:
    """Who belongs to it."""
    query: Paging = call.query
    page = teams.members(call.caller, call.path["team_id"], limit=query.limit, cursor=query.cursor)
    return listing(page, partial(shape_user, now=call.now))


def patch_members(call: Call) -> None:
    """Some come in, some go out, together or not at all; who comes in is offered what waits."""
    members = read_body(call.body, MembersPatch)
    teams.change_members(call.caller, call.path["team_id"], members, call.now)
    if members.add:
        offer_again(call.caller.account_id, call.now)
