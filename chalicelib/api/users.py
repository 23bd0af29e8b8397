"""`/v1/users`, `/v1/me`: who works here."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations.offer_again import offer_again
from chalicelib.model.account import Availability, Role, Scope, Seat, User
from chalicelib.model.texts import Email, Ids, Name
from chalicelib.settings import users
from chalicelib.settings.users import UserSettings


class UserRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A new user."""

    email: Email
    name: Name
    role: Role = Role.MEMBER
    seat: Seat = Seat.FREE
    availability: Availability = Availability.AVAILABLE
    team_ids: Ids = ()


class UserAnswer(Struct, frozen=True, kw_only=True):
    """A colleague. `open_conversations` are those assigned to the user that are not closed."""

    id: str
    email: str
    name: str
    role: Role
    seat: Seat
    availability: Availability
    team_ids: tuple[str, ...]
    open_conversations: int
    created_at: str


class MeAnswer(Struct, frozen=True, kw_only=True):
    """Who the token stands for, and what it is good for."""

    user: UserAnswer
    account_id: str
    token_id: str
    scopes: tuple[Scope, ...]


def shape(user: User) -> UserAnswer:
    """A user in the shape of the API."""
    return UserAnswer(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        seat=user.seat,
        availability=user.availability,
        team_ids=user.team_ids,
        open_conversations=user.open_conversations,
        created_at=user.created_at,
    )


def get_me(call: Call) -> MeAnswer:
    """The caller."""
    caller = call.caller
    return MeAnswer(
        user=shape(caller.user), account_id=caller.account_id, token_id=caller.token_id, scopes=caller.scopes
    )


def list_users(call: Call) -> Listing[UserAnswer]:
    """Everybody who works here."""
    query: Paging = call.query
    return listing(users.page(call.caller, limit=query.limit, cursor=query.cursor), shape)


def add_user(call: Call) -> Answered:
    """A new user; a token for it is made with `POST /v1/tokens`."""
    told: UserRequest = call.body
    settings = UserSettings(told.name, told.role, told.seat, told.availability, told.team_ids)
    user = users.add(call.caller, told.email, settings, call.request, call.now)
    return Answered(shape(user), user.version, f"/v1/users/{user.id}")


def get_user(call: Call) -> Answered:
    """One user."""
    user = users.user_for(call.caller, call.path["user_id"])
    return Answered(shape(user), user.version)


def patch_user(call: Call) -> Answered:
    """Role, seat, name, availability and teams; without being an admin, one's own availability."""
    before = users.user_for(call.caller, call.path["user_id"])
    after = patched(users.settings_of(before), call.body)
    user = users.change(call.caller, before, after, call.accepted_versions, call.now)
    if user.takes_conversations and not (before.takes_conversations and before.team_ids == user.team_ids):
        offer_again(call.caller.account_id, call.now)
    return Answered(shape(user), user.version)
