"""Users: who they are, what they may do, whether they take work. Set by admins, except one's own availability and
working hours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib import log
from chalicelib.clock import derived_id, stamp
from chalicelib.conversations.leave import hand_back
from chalicelib.errors import Conflict, Forbidden, LostRace, NotFound, Refused, TemporaryFault
from chalicelib.model.account import (
    Availability,
    Holiday,
    Role,
    Scope,
    Seat,
    Shift,
    User,
    UserStatus,
    WorkingHours,
)
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.entry import RequestKey
from chalicelib.model.page import Page
from chalicelib.model.texts import END, Email, Ids, Name
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import idempotency, leaving, people
from chalicelib.storage.leaving import Leaving

TRIES = 4

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d" + END, examples=["09:00"])]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}" + END, examples=["2026-12-24"])]


class ShiftSettings(Shift, frozen=True, forbid_unknown_fields=True):
    """Hours of a day of the week, from `start` until before `end`; what goes past midnight is two of them."""

    start: Clock
    end: Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)" + END, examples=["17:00"])]


class HolidaySettings(Holiday, frozen=True, forbid_unknown_fields=True):
    """Days off, the first and the last."""

    first: Day
    last: Day


class HoursSettings(WorkingHours, frozen=True, forbid_unknown_fields=True):
    """When the user works, by the wall clock of an IANA time zone; without them, whenever the switch is on."""

    time_zone: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]+" + END, max_length=60, examples=["Europe/Berlin"])]
    shifts: Annotated[tuple[ShiftSettings, ...], Meta(max_length=50)] = ()
    holidays: Annotated[tuple[HolidaySettings, ...], Meta(max_length=200)] = ()


class UserSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a user."""

    name: Name
    role: Role = Role.MEMBER
    seat: Seat = Seat.FREE
    availability: Availability = Availability.AVAILABLE
    team_ids: Ids = ()
    working_hours: HoursSettings | None = None


class NewUser(UserSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a user begins with, as the audit log tells it."""

    email: Email


def settings_of(user: User) -> UserSettings:
    """The part of a user that can be changed."""
    told = msgspec.to_builtins(user.working_hours)
    hours = None if told is None else msgspec.convert(told, HoursSettings)
    return UserSettings(user.name, user.role, user.seat, user.availability, user.team_ids, hours)


def user_for(caller: Caller, user_id: str) -> User:
    """A colleague: users see each other, to know who has what."""
    user = people.get_user(caller.account_id, user_id, consistent=True)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[User]:
    """The users of the account in the order of their ids."""
    return people.page_of_users(caller.account_id, limit=limit, cursor=cursor)


def add(
    caller: Caller,
    email: str,
    settings: UserSettings,
    request: RequestKey | None,
    now: datetime,
    status: UserStatus = UserStatus.ACTIVE,
) -> User:
    """Add a user. `Conflict` when the account has one with this address.

    The id follows from the address, so that of two simultaneous additions one fails; the same request again gives
    the user that it made. Who was removed and comes back is another user, who has none of the old one's access.
    """
    require_hours(settings.working_hours)
    _require_teams(caller.account_id, settings.team_ids)
    if settings.role is Role.SUPER_ADMIN and caller.user.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only super admins make super admins.", code="needs_super_admin")
    taken = Conflict(f"There is a user with the address {email} already.", pointer="/email", code="email_taken")
    if any(user.email.casefold() == email.casefold() for user in people.list_users(caller.account_id)):
        return _made_by(caller, request, taken)
    user = User(
        account_id=caller.account_id,
        id=_id_of(caller.account_id, email),
        email=email,
        name=settings.name,
        role=settings.role,
        seat=settings.seat,
        availability=settings.availability,
        created_at=stamp(now),
        team_ids=settings.team_ids,
        status=status,
        working_hours=settings.working_hours,
    )
    told = NewUser(*msgspec.structs.astuple(settings), email=email)
    try:
        people.add_user(user, audited(caller, "user.added", user.id, None, told, user.created_at), request)
    except LostRace:
        if people.get_user(caller.account_id, user.id, consistent=True) is None:
            raise  # somebody else is about to write it, and may fail
        return _made_by(caller, request, taken)
    return user


def _id_of(account_id: str, email: str) -> str:
    times = leaving.times_removed(account_id, email)
    return derived_id("usr", account_id, email.casefold(), *([str(times)] if times else ()))


def _made_by(caller: Caller, request: RequestKey | None, taken: Conflict) -> User:
    """The user that the same request made before; raises `taken` when it made none."""
    made = None if request is None else idempotency.find_made(caller.account_id, request)
    if made is None:
        raise taken
    return user_for(caller, made)


def require_may_change(caller: Caller, before: User, after: UserSettings) -> None:
    """Raise `Forbidden` unless the caller may change this user so: the gate of users' settings. Pure.

    Admins with an admin token change anything, except that only super admins make and unmake super admins; everybody
    else changes their own availability and working hours and nothing more.
    """
    is_admin = caller.user.role.is_admin and caller.may(Scope.ADMIN)
    own_availability = replace(settings_of(before), availability=after.availability, working_hours=after.working_hours)
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
    require_hours(after.working_hours)
    _require_teams(caller.account_id, set(after.team_ids) - set(before.team_ids))
    other: str | None = None
    if before.role is Role.SUPER_ADMIN and after.role is not Role.SUPER_ADMIN:
        other = _other_super_admin(caller, before)
    changed = replace(
        before,
        name=after.name,
        role=after.role,
        seat=after.seat,
        availability=after.availability,
        team_ids=after.team_ids,
        working_hours=after.working_hours,
        version=before.version + 1,
    )
    noted = audited(caller, "user.changed", before.id, settings_of(before), after, stamp(now))
    with saving():
        people.change_user(before, changed, noted, other_super_admin=other)
    return changed


def remove(caller: Caller, user_id: str, until: Callable[[], bool], now: datetime) -> None:
    """Remove a user. At once: the tokens hold no more, and nobody assigns to the user. Conversations and tickets of the
    user then become nobody's, as far as there is time (`until`), the rest by the sweep (`conversations/leave.py`).

    Lists that name the user (access, rules) may go on naming: an id of nobody lets nobody in. The last super admin
    stays, also when two remove each other at the same time.
    """
    for attempt in range(1, TRIES + 1):
        user = user_for(caller, user_id)
        other: str | None = None
        if user.role is Role.SUPER_ADMIN:
            if caller.user.role is not Role.SUPER_ADMIN:
                raise Forbidden("Only super admins remove super admins.", code="needs_super_admin")
            other = _other_super_admin(caller, user)
        noted = audited(caller, "user.removed", user.id, settings_of(user), None, stamp(now))
        try:
            leaving.remove(user, stamp(now), noted, other)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        try:
            hand_back(Leaving(user, stamp(now)), until, now)
        except TemporaryFault as error:  # the user is removed: the sweep does the rest
            log.warning("removal_goes_on_later", user=user.id, error=type(error).__name__)
        return


def require_hours(hours: WorkingHours | None) -> None:
    """Raise `Refused` for a time zone that there is none of, a shift that ends before it starts, or such a holiday."""
    if hours is None:
        return
    try:
        ZoneInfo(hours.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(
            f"There is no time zone {hours.time_zone}: name one as IANA does, such as Europe/Berlin.",
            pointer="/working_hours/time_zone",
            code="no_such_time_zone",
        ) from error
    for number, shift in enumerate(hours.shifts):
        if shift.start >= shift.end:
            raise Refused(
                "A shift ends later on the day it starts. Split at midnight what goes past it.",
                pointer=f"/working_hours/shifts/{number}/end",
                code="shift_ends_before_it_starts",
            )
    for number, holiday in enumerate(hours.holidays):
        for name, day in (("first", holiday.first), ("last", holiday.last)):
            if not _is_date(day):
                pointer = f"/working_hours/holidays/{number}/{name}"
                raise Refused(f"There is no day {day}.", pointer=pointer, code="no_such_day")
        if holiday.first > holiday.last:
            raise Refused(
                "The last day of a holiday comes before its first.",
                pointer=f"/working_hours/holidays/{number}/last",
                code="holiday_ends_before_it_starts",
            )


def _is_date(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _other_super_admin(caller: Caller, user: User) -> str:
    """A super admin who stays, the caller if it is not about oneself; `Refused` when there is none but this one."""
    if caller.user.role is Role.SUPER_ADMIN and caller.user.is_active and caller.user.id != user.id:
        return caller.user.id
    for each in people.list_users(user.account_id):
        if each.role is Role.SUPER_ADMIN and each.is_active and each.id != user.id:
            return each.id
    raise Refused(
        "This is the last super admin. Make somebody else one first.", pointer="/role", code="last_super_admin"
    )


def _require_teams(account_id: str, team_ids: Collection[str]) -> None:
    missing = people.missing_teams(account_id, team_ids)
    if missing:
        raise Refused(f"There is no team {missing[0]}.", pointer="/team_ids", code="no_such_team")
