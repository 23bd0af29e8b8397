"""What each kind of evidence says of a channel, one small pure file a kind: facts in, observations out.

A fact that is None could not be seen, and is never broken.
"""

from __future__ import annotations

from chalicelib.model.health import ChannelStatus, Finding, Observation

WORKING, PENDING = ChannelStatus.WORKING, ChannelStatus.PENDING
DEGRADED, DISCONNECTED = ChannelStatus.DEGRADED, ChannelStatus.DISCONNECTED


def good(check: str, at: str, saw: str) -> Observation:
    """The check was in order."""
    return Observation(check, at, True, saw)


def unseen(check: str, at: str, why: str = "It could not be looked at.") -> Observation:
    """The check could not be done."""
    return Observation(check, at, None, why)


def wrong(check: str, at: str, status: ChannelStatus, code: str, saw: str) -> Observation:
    """The check was not in order, which speaks for `status`."""
    return Observation(check, at, False, saw, Finding(status, code))
