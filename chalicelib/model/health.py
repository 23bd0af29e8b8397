"""What is true of a channel, as it was last observed: per direction, with the reason and what was seen (§7.6).

`model.Channel.enabled` is what the admins want; this is what is. All times are ISO 8601, UTC, milliseconds.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .conversation import Reason


class ChannelStatus(StrEnum):
    """`pending`: something is still to be done. `unknown`: not looked at yet, or nothing could be seen."""

    WORKING = "working"
    PENDING = "pending"
    DEGRADED = "degraded"
    DISCONNECTED = "disconnected"
    OFF = "off"
    UNKNOWN = "unknown"


class HealthDirection(StrEnum):
    """Which way mail goes: towards the inbox, or away from it."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Finding(Struct, frozen=True):
    """What an observation means if it is not in order: the status that it speaks for, and the reason's code."""

    status: ChannelStatus
    code: str


class Observation(Struct, frozen=True):
    """One piece of evidence: which check, when, whether it was in order (None: could not be seen), and what it saw.

    `finding` says what it means when it is not in order. `saw` is a sentence in English for whoever looks closer.
    """

    check: str
    at: str
    in_order: bool | None
    saw: str
    finding: Finding | None = None


class DirectionHealth(Struct, frozen=True):
    """One direction of a channel: its status since when and why, with the evidence.

    `recent` is what the last observations spoke for, newest last, which was at `recent_at`: one alone changes nothing.
    `alerted_at`: the admins were told of this trouble, and have not been told yet that it is over.
    """

    status: ChannelStatus
    because: Reason
    since: str
    evidence: tuple[Observation, ...] = ()
    recent: tuple[ChannelStatus, ...] = ()
    recent_at: str | None = None
    alerted_at: str | None = None


class ChannelHealth(Struct, frozen=True):
    """Both directions of a channel as they were last observed."""

    account_id: str
    channel_id: str
    incoming: DirectionHealth
    outgoing: DirectionHealth
    checked_at: str
    version: int = 1


class HealthChange(Struct, frozen=True):
    """One direction's status became another one."""

    account_id: str
    channel_id: str
    at: str
    direction: HealthDirection
    before: ChannelStatus
    after: ChannelStatus
    because: Reason
    evidence: tuple[Observation, ...] = ()


class ObservedStatus(Struct, frozen=True):
    """A copy of both statuses that stands with the channel, so that a list of channels needs no further request."""

    incoming: ChannelStatus = ChannelStatus.UNKNOWN
    outgoing: ChannelStatus = ChannelStatus.UNKNOWN


WORST_FIRST = (
    ChannelStatus.DISCONNECTED,
    ChannelStatus.DEGRADED,
    ChannelStatus.PENDING,
    ChannelStatus.UNKNOWN,
    ChannelStatus.WORKING,
)


def overall(observed: ObservedStatus, *, enabled: bool, sends: bool) -> ChannelStatus:
    """One word for a channel: `off` when it is switched off, else the worse of its directions.

    A channel that is not used for sending is not judged by it (S25). Pure.
    """
    if not enabled:
        return ChannelStatus.OFF
    counted = {observed.incoming, observed.outgoing} if sends else {observed.incoming}
    return next((status for status in WORST_FIRST if status in counted), ChannelStatus.UNKNOWN)
