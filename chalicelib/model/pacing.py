"""What SES lets this installation send, and what a mail that may not leave yet waits for."""

from __future__ import annotations

from msgspec import Struct


class SendingLimits(Struct, frozen=True):
    """SES's limits (GetAccount, `SendQuota`), counted in recipients. `looked_at`, `slowed_until`: stamps."""

    rate: float  # a second; 0: not known yet
    quota: float  # in 24 hours; below zero: none
    sent: float  # in the 24 hours before `looked_at`
    looked_at: str
    slowed_until: str | None = None  # SES throttled; until then less is sent


class Slot(Struct, frozen=True):
    """A place in the row of what leaves, in microseconds since 1970; not `taken` when it was too far off."""

    at: int
    taken: bool = True


class Hold(Struct, frozen=True):
    """Why a mail cannot leave now, and after how many seconds to ask again."""

    code: str
    text: str
    seconds: int
