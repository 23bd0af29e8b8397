"""What is true of a channel, as it was last observed: per direction, with the reason and what was seen (§7.6)."""

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


class Observation(Struct, frozen=True):
    """One piece of evidence: which check, when, whether it was in order (None: could not be seen), and what it saw."""

    check: str
    at: str
    in_order: bool | None
    saw: str


class DirectionHealth(Struct, frozen=True):
    """One direction of a channel: its status since when and why, with the evidence."""

    status: ChannelStatus
    because: Reason
    since: str
    evidence: tuple[Observation, ...] = ()


class ChannelHealth(Struct, frozen=True):
    """Both directions of a channel as they were last observed."""

    account_id: str
    channel_id: str
    incoming: DirectionHealth
    outgoing: DirectionHealth
    checked_at: str
    version: int = 1
