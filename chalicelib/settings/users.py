"""Users: who they are, what they may do, whether they take work. Set by admins, except one's own availability."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id, stamp
from chalicelib.errors import Conflict, Forbidden, LostRace, NotFound, Refused
from chalicelib.model.account import Availability, Role, Scope, Seat, User
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.entry import RequestKey
from chalicelib.model.page import Page
from chalicelib.model.texts import Email, Ids, Name
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import idempotency, people


class UserSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a user."""

    name: Name
    role: Role = Role.MEMBER
    seat: Seat = Seat.FREE
    availability: Availability = Availability.AVAILABLE
    team_ids: Ids = ()


class NewUser(UserSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a user begins with, as the audit log tells it."""

    email: Email


def settings_of(user: User) -> UserSettings:
    """The part of a user that can be changed."""
    return UserSettings(user.name, user.role, user.seat, user.availability, user.team_ids)


def user_for(caller: Caller, user_id: str) -> User:
    """A colleague: users see each other, to know who has what."""
    user = people.get_user(caller.account_id, user_id, consistent=True)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[User]:
    """The users of the account in the order of their ids."""
    return people.page_of_users(caller.account_id, limit=limit, cursor=cursor)


def add(caller: Caller, email: str, settings: UserSettings, request: RequestKey | None, now: datetime) -> User:
    """Add a user. `Conflict` when the account has one with this address.

    The id follows from the address, so that of two simultaneous additions one fails; the same request again gives
    the user that it made.
    """
    _require_teams(caller.account_id, settings.team_ids)
    if settings.role is Role.SUPER_ADMIN and caller.user.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only super admins make super admins.", code="needs_super_admin")
    taken = Conflict(f"There is a user with the address {email} already.", pointer="/email", code="email_taken")
    if any(user.email.casefold() == email.casefold() for user in people.list_users(caller.account_id)):
        return _made_by(caller, request, taken)
    user = User(
        account_id=caller.account_id,
        id=derived_id("usr", caller.account_id, email.casefold()),
        email=email,
        name=settings.name,
        role=settings.role,
        seat=settings.seat,
        availability=settings.availability,
        created_at=stamp(now),
        team_ids=settings.team_ids,
    )
    told = NewUser(*msgspec.structs.astuple(settings), email=email)
    try:
        people.add_user(user, audited(caller, "user.added", user.id, None, told, user.created_at), request)
    except LostRace:
        if people.get_user(caller.account_id, user.id, consistent=True) is None:
            raise  # somebody else is about to write it, and may fail
        return _made_by(caller, request, taken)
    return user


def _made_by(caller: Caller, request: RequestKey | None, taken: Conflict) -> User:
    """The user that the same request made before; raises `taken` when it made none."""
    made = None if request is None else idempotency.find_made(caller.account_id, request)
    if made is None:
        raise taken
    return user_for(caller, made)


def require_may_change(caller: Caller, before: User, after: UserSettings) -> None:
    """Raise `Forbidden` unless the caller may change this user so: the gate of users' settings. Pure.

    Admins with an admin token change anything, except that only super admins make and unmake super admins; everybody
    else changes their own availability and nothing more.
    """
    is_admin = caller.user.role.is_admin and caller.may(Scope.ADMIN)
    own_availability = replace(settings_of(before), availability=after.availability)
    if not is_admin and (before.id != caller.user.id or after != own_availability):
        raise Forbidden(
            "Only admins (account access or super admin, with a token of scope admin) change users; your own "
            "availability is yours.",
            code="needs_admin",
        )
    makes_or_unmakes = Role.SUPER_ADMIN in (before.role, after.role) and before.role is not after.role
    if makes_or_unmakes and caller.user.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only super admins make and unmake super admins.", code="needs_super_admin")


def change(caller: Caller, before: User, after: UserSettings, accepted: Collection[int] | None, now: datetime) -> User:
    """Save a user's settings, whole or not at all. The last super admin stays one."""
    require_may_change(caller, before, after)
    require_version(before.version, accepted)
    _require_teams(caller.account_id, set(after.team_ids) - set(before.team_ids))
    other: str | None = None
    if before.role is Role.SUPER_ADMIN and after.role is not Role.SUPER_ADMIN:
        others = [user.id for user in people.list_users(caller.account_id) if user.role is Role.SUPER_ADMIN]
        other = next((user_id for user_id in others if user_id != before.id), None)
        if other is None:
            raise Refused("This is the last super admin.", pointer="/role", code="last_super_admin")
    changed = replace(
        before,
        name=after.name,
        role=after.role,
        seat=after.seat,
        availability=after.availability,
        team_ids=after.team_ids,
        version=before.version + 1,
    )
    noted = audited(caller, "user.changed", before.id, settings_of(before), after, stamp(now))
    with saving():
        people.change_user(before, changed, noted, other_super_admin=other)
    return changed


def _require_teams(account_id: str, team_ids: Collection[str]) -> None:
    missing = people.missing_teams(account_id, team_ids)
    if missing:
        raise Refused(f"There is no team {missing[0]}.", pointer="/team_ids", code="no_such_team")
