"""When a probe is due, and what the next one's row is. Pure.

On connecting; again until the forwarding is proven; when nothing came through it for a while; and after a probe that
did not come back, since one may be an accident. Never more than `MOST_A_DAY`, of which some are kept for people.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.probe import ProbeState
from chalicelib.reconcile.evidence.forwarding import MISSING

MOST_A_DAY = 12
KEPT_FOR_PEOPLE = 4
UNPROVEN_EVERY = timedelta(hours=4)
AGAIN_AFTER = timedelta(minutes=35)  # the first repeat, which doubles with each that is missed


def may_be_probed(channel: Channel) -> bool:
    """Only a team address that is on has a forwarding to prove."""
    return channel.type is ChannelType.TEAM_EMAIL and channel.enabled and channel.disconnected_at is None


def left_today(probe: ProbeState | None, now: datetime) -> int:
    """How many probes may still be sent on this day (UTC)."""
    return MOST_A_DAY - (probe.sent_on_day if probe and probe.day == stamp(now)[:10] else 0)


def is_under_way(probe: ProbeState | None, now: datetime) -> bool:
    """Whether a probe may still come back in time."""
    return (
        probe is not None and not probe.fates and now - datetime.fromisoformat(probe.asked_at) < MISSING
    )  # fmt: skip


def is_due(channel: Channel, probe: ProbeState | None, quiet: timedelta, now: datetime) -> bool:
    """Whether the scheduled run should send one; `quiet`: how long nothing may come before one is sent."""
    if not may_be_probed(channel) or left_today(probe, now) <= KEPT_FOR_PEOPLE or is_under_way(probe, now):
        return False
    if probe is None:
        return channel.last_mail_in_at is None or _since(channel.last_mail_in_at, now) >= quiet
    if probe.returned_at is None and (channel.last_mail_in_at or "") < probe.asked_at:
        proven = channel.last_mail_in_at is not None or probe.proven_at is not None
        wait = AGAIN_AFTER * 2 ** min(probe.missed, 3) if proven else UNPROVEN_EVERY
        return _since(probe.asked_at, now) >= wait
    return _since(max(probe.returned_at or "", channel.last_mail_in_at or ""), now) >= quiet


def next_probe(channel: Channel, before: ProbeState | None, probe_id: str, now: datetime) -> ProbeState:
    """The row of a probe that is to be sent now."""
    asked_at = stamp(now)
    if before is None:
        return ProbeState(channel.account_id, channel.id, probe_id, asked_at, day=asked_at[:10], sent_on_day=1)
    lost = before.returned_at is None and (channel.last_mail_in_at or "") < before.asked_at
    return replace(
        before,
        probe_id=probe_id,
        asked_at=asked_at,
        fates={},
        changed=(),
        missed=before.missed + 1 if lost else 0,
        day=asked_at[:10],
        sent_on_day=before.sent_on_day + 1 if before.day == asked_at[:10] else 1,
        proven_at=before.proven_at or before.returned_at or channel.last_mail_in_at,
        version=before.version + 1,
    )


def _since(then: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(then)
