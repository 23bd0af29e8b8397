"""Whether somebody takes conversations at a moment (S61): switched on, within working hours, and no holiday. Pure.

Hours are wall clock in the user's time zone (IANA, by `zoneinfo`): on the day that clocks go forward the hour that
there is not belongs to no shift, and an hour that there is twice counts both times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from chalicelib.model.account import Availability, User, Weekday, WorkingHours

DAYS = tuple(Weekday)


def is_within(hours: WorkingHours, moment: datetime) -> bool:
    """Whether a moment (with time zone) is working time."""
    local = moment.astimezone(ZoneInfo(hours.time_zone))
    date, clock = local.date().isoformat(), local.strftime("%H:%M")
    if any(holiday.first <= date <= holiday.last for holiday in hours.holidays):
        return False
    today = DAYS[local.weekday()]
    return any(shift.day is today and shift.start <= clock < shift.end for shift in hours.shifts)


def is_available(user: User, moment: datetime) -> bool:
    """Whether the user is there: the switch is on and, with working hours, the moment is one of them."""
    if user.availability is not Availability.AVAILABLE:
        return False
    return user.working_hours is None or is_within(user.working_hours, moment)


def takes_conversations(user: User, moment: datetime) -> bool:
    """Whether new conversations may be assigned to the user at a moment (S20, S61)."""
    return user.takes_conversations and is_available(user, moment)


def as_of(users: Sequence[User], moment: datetime) -> list[User]:
    """Users who may be assigned to, with `availability` as it is at a moment: what the rule decides on (S61).

    Who was invited and has not come yet is not among them.
    """
    active = [user for user in users if user.is_active]
    return [user if is_available(user, moment) else replace(user, availability=Availability.AWAY) for user in active]


def began(users: Sequence[User], since: datetime, now: datetime) -> bool:
    """Whether the clock alone made somebody available between two moments."""
    return any(takes_conversations(user, now) and not takes_conversations(user, since) for user in users)
