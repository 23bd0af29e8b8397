"""`/v1/users`, `/v1/me`: who works here."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.api.tokens import shape_new
from chalicelib.clock import deadline
from chalicelib.conversations.offer_again import offer_again
from chalicelib.model.account import Availability, Role, Scope, Seat, User, UserStatus, WorkingHours
from chalicelib.model.texts import Email, Ids, Name
from chalicelib.routing.availability import is_available, takes_conversations
from chalicelib.settings import invitations, users
from chalicelib.settings.users import HoursSettings, UserSettings

REMOVING_SECONDS = 10.0  # what a request takes at most of handing back what a removed user had


class UserRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A new user."""

    email: Email
    name: Name
    role: Role = Role.MEMBER
    seat: Seat = Seat.FREE
    availability: Availability = Availability.AVAILABLE
    team_ids: Ids = ()
    working_hours: HoursSettings | None = None
    invite: Annotated[
        bool, Meta(description="Mail an invitation: the user is `invited` until its code is handed in.")
    ] = False


class UserAnswer(Struct, frozen=True, kw_only=True):
    """A colleague. `open_conversations` are those assigned to the user that are not closed.

    `availability` is the user's switch; `available_now` says whether the user takes conversations at this moment, by
    switch, working hours and holidays (S61).
    """

    id: str
    email: str
    name: str
    role: Role
    seat: Seat
    status: UserStatus
    availability: Availability
    available_now: bool
    working_hours: WorkingHours | None
    team_ids: tuple[str, ...]
    open_conversations: int
    created_at: str


class MeAnswer(Struct, frozen=True, kw_only=True):
    """Who the token stands for, and what it is good for."""

    user: UserAnswer
    account_id: str
    token_id: str
    scopes: tuple[Scope, ...]


def shape(user: User, now: datetime) -> UserAnswer:
    """A user in the shape of the API."""
    return UserAnswer(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        seat=user.seat,
        status=user.status,
        availability=user.availability,
        available_now=is_available(user, now),
        working_hours=user.working_hours,
        team_ids=user.team_ids,
        open_conversations=user.open_conversations,
        created_at=user.created_at,
    )


def get_me(call: Call) -> MeAnswer:
    """The caller."""
    caller = call.caller
    return MeAnswer(
        user=shape(caller.user, call.now), account_id=caller.account_id, token_id=caller.token_id, scopes=caller.scopes
    )


def list_users(call: Call) -> Listing[UserAnswer]:
    """Everybody who works here."""
    query: Paging = call.query
    return listing(users.page(call.caller, limit=query.limit, cursor=query.cursor), partial(shape, now=call.now))


def add_user(call: Call) -> Answered:
    """A new user. A token for it comes of the mailed invitation, or is made with `POST /v1/tokens`."""
    told: UserRequest = call.body
    settings = UserSettings(told.name, told.role, told.seat, told.availability, told.team_ids, told.working_hours)
    status = UserStatus.INVITED if told.invite else UserStatus.ACTIVE
    user = users.add(call.caller, told.email, settings, call.request, call.now, status)
    if not user.is_active:
        invitations.invite(call.caller, user, call.id_for("ivt"), call.now)
    return Answered(shape(user, call.now), user.version, f"/v1/users/{user.id}")


def get_user(call: Call) -> Answered:
    """One user."""
    user = users.user_for(call.caller, call.path["user_id"])
    return Answered(shape(user, call.now), user.version)


def patch_user(call: Call) -> Answered:
    """Role, seat, name, availability and teams; without being an admin, one's own availability and working hours."""
    before = users.user_for(call.caller, call.path["user_id"])
    after = patched(users.settings_of(before), call.body)
    user = users.change(call.caller, before, after, call.accepted_versions, call.now)
    took = takes_conversations(before, call.now) and before.team_ids == user.team_ids
    if takes_conversations(user, call.now) and not took:
        offer_again(call.caller.account_id, call.now)
    return Answered(shape(user, call.now), user.version)


def invite_user(call: Call) -> UserAnswer:
    """Mail an invitation, again: an earlier one holds no more."""
    user = users.user_for(call.caller, call.path["user_id"])
    invitations.invite(call.caller, user, call.id_for("ivt"), call.now)
    return shape(user, call.now)


def revoke_invitation(call: Call) -> None:
    """The mailed code holds no more."""
    invitations.revoke(call.caller, users.user_for(call.caller, call.path["user_id"]), call.now)


def accept_invitation(call: Call) -> Answered:
    """Hand in the code that was mailed; the code is what allows it. It works once."""
    secret, token = invitations.accept(call.path["token"], call.now)
    return Answered(shape_new(secret, token), location=f"/v1/tokens/{token.id}")


def delete_user(call: Call) -> None:
    """Removed: tokens hold no more at once; conversations and tickets of the user become nobody's within minutes."""
    users.remove(call.caller, call.path["user_id"], deadline(REMOVING_SECONDS), call.now)
