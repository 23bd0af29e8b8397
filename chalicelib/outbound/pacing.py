"""How fast mail may leave, and whose waits when SES's quota of 24 hours is nearly used up. Pure.

Source: "Managing your Amazon SES sending limits" (SES developer guide): both limits count recipients, and what is over
the rate is throttled. Every mail gets a slot of its own length (a leaky bucket without a burst), so that no second
holds more than the rate, wherever it begins.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta

from chalicelib.clock import stamp
from chalicelib.model.pacing import Hold, SendingLimits
from chalicelib.outbound.retry import LONGEST_PAUSE

MARGIN = 0.9  # of SES's rate: the way from here to SES takes now more, now less time
SLOWED = 0.5  # of that, for a while after SES throttled
SLOWED_FOR = timedelta(minutes=1)
SANDBOX_RATE = 1.0  # until SES has told another
UNKNOWN = SendingLimits(rate=0.0, quota=-1.0, sent=0.0, looked_at="")
LOOK_EVERY = timedelta(minutes=5)
LOOK_OFTEN = timedelta(minutes=1)
NEARLY = 0.8  # of the quota; from then on SES is asked more often
FOR_PEOPLE = 0.1  # of the quota, kept for what people write
RATE_OF_A_ROW = 400.0  # DynamoDB takes a thousand writes a second of one item
MICROSECONDS = 1_000_000
WAITS_ITS_TURN = "waits_its_turn"
ASK_AGAIN = 300  # seconds; the quota's window slides


def must_look(limits: SendingLimits, now: datetime) -> bool:
    """Whether SES is to be asked for its limits again."""
    near = limits.quota >= 0 and limits.sent >= NEARLY * limits.quota
    return limits.looked_at <= stamp(now - (LOOK_OFTEN if near else LOOK_EVERY))


def held_back(limits: SendingLimits, *, automatic: bool) -> Hold | None:
    """Why a mail waits for the quota, or None. What nobody wrote waits first."""
    if limits.quota < 0:
        return None
    told = f"{limits.sent:.0f} of {limits.quota:.0f} recipients in 24 hours"
    if limits.sent >= limits.quota:
        return Hold("quota_used_up", f"SES's quota is used up ({told}). It leaves when there is room again.", ASK_AGAIN)
    if automatic and limits.sent >= (1 - FOR_PEOPLE) * limits.quota:
        text = f"SES's quota is nearly used up ({told}). The rest is kept for what people write."
        return Hold("quota_nearly_used_up", text, LONGEST_PAUSE)
    return None


def rows(limits: SendingLimits) -> int:
    """Over how many rows the slots are spread; each has its share of the rate."""
    return max(1, math.ceil(limits.rate / RATE_OF_A_ROW))


def length(limits: SendingLimits, recipients: int, now: datetime) -> int:
    """Microseconds that a mail takes of its row."""
    slowed = limits.slowed_until is not None and limits.slowed_until > stamp(now)
    rate = (limits.rate or SANDBOX_RATE) * MARGIN * (SLOWED if slowed else 1.0)
    return math.ceil(recipients * rows(limits) * MICROSECONDS / rate)


def spread(seconds: int, name: str) -> int:
    """The pause with up to half of it added, by what waits: what was refused together does not come back together."""
    share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32
    return min(seconds + round(seconds * share / 2), LONGEST_PAUSE)
