"""The story of a mail's turn: which limits SES has, whether the mail may leave at all, and when; then it waits here.

All functions that send stand in one row (`storage/pacing.py`). A turn is taken before a mail is claimed, so that who
dies while waiting leaves a mail that is queued, and never one of unknown fate.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.clock import stamp
from chalicelib.errors import Fault, MailThrottled
from chalicelib.model.pacing import Hold, SendingLimits
from chalicelib.outbound.pacing import (
    MICROSECONDS,
    SLOWED_FOR,
    UNKNOWN,
    WAITS_ITS_TURN,
    held_back,
    length,
    must_look,
    rows,
    spread,
)
from chalicelib.storage import pacing, ses

PATIENCE = 15  # seconds that a function waits for its turn; it may run for a minute
KNOWN_FOR = timedelta(seconds=30)
PUSHED = MICROSECONDS  # by what all turns are put off when SES throttles
_known: dict[str, tuple[datetime, SendingLimits]] = {}


def take_turn(recipients: int, name: str, *, automatic: bool) -> Hold | None:
    """Wait until a mail to so many recipients may leave; or say why it may not soon. `name`: of what is sent.

    A fault of the table is raised: what cannot be counted does not leave.
    """
    limits = known_limits(clock.now())
    hold = held_back(limits, automatic=automatic)
    if hold is not None:
        return hold
    now = clock.now()  # finding out may have taken its time
    moment = _microseconds(now)
    slot = pacing.take_slot(
        secrets.randbelow(rows(limits)), moment, length(limits, recipients, now), moment + PATIENCE * MICROSECONDS
    )
    ahead = (slot.at - _microseconds(clock.now())) / MICROSECONDS
    if not slot.taken:
        return Hold(WAITS_ITS_TURN, "Much is being sent; it leaves when it is its turn.", spread(int(ahead), name))
    if ahead > 0:
        clock.sleep(ahead)
    return None


def ask_ses(raw: bytes, *, from_address: str, recipients: Sequence[str], tags: Mapping[str, str]) -> str:
    """`ses.send`; when SES throttles, everybody slows down."""
    try:
        return ses.send(raw, from_address=from_address, recipients=recipients, tags=tags)
    except MailThrottled as error:
        log.warning("throttled", because=error.detail)
        _slow_down(clock.now())
        raise


def known_limits(now: datetime) -> SendingLimits:
    """SES's limits: as this process knows them, or the table does, or SES, whom one of all functions asks."""
    read_at, limits = _known.get("limits", (None, None))
    if read_at is not None and limits is not None and read_at > now - KNOWN_FOR:
        return limits
    limits = pacing.read_limits() or UNKNOWN
    if must_look(limits, now):
        limits = _look(limits, now)
    if not limits.rate:  # somebody asks for the first time of all: a second later it is known
        clock.sleep(1.0)
        limits = pacing.read_limits() or UNKNOWN
    _known["limits"] = (now, limits)
    return limits


def forget() -> None:
    """What a new process does not know yet."""
    _known.clear()
    pacing.forget()


def _look(before: SendingLimits, now: datetime) -> SendingLimits:
    """Ask SES, if nobody else does; without an answer what was true goes on."""
    if not pacing.claim_look(before, replace(before, looked_at=stamp(now))):
        return before
    try:
        rate, quota, sent = pacing.ask_limits()
    except Fault as error:
        log.warning("limits_unknown", because=error.detail)
        return before
    limits = SendingLimits(rate, quota, sent, stamp(now), before.slowed_until)
    pacing.note_limits(limits)
    return limits


def _slow_down(now: datetime) -> None:
    """Best effort: the mail itself is tried again in any case."""
    until = stamp(now + SLOWED_FOR)
    _, limits = _known.get("limits", (now, UNKNOWN))
    _known["limits"] = (now, replace(limits, slowed_until=until))
    try:
        pacing.note_slowed(until)
        for row in range(rows(limits)):
            pacing.take_slot(row, _microseconds(now), PUSHED, _microseconds(now) + PATIENCE * MICROSECONDS)
    except Fault as error:
        log.warning("not_slowed", because=error.detail)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * MICROSECONDS)
