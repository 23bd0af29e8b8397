"""What is true of a channel, decided from evidence: per direction a status with its reason, damped. Pure.

Each observation of a check is in order, not in order (with a finding that says how bad it is), or not seen. What could
not be seen is never broken: the last sight of the same check counts for a day, and after that nothing is known.

One bad observation changes nothing, since the next one may be good. Of severity 0 (working), 1 (degraded, pending) and
2 (disconnected):
- level 1 is shown when two of the last three observations are at least that bad, level 2 when three of the last four
  are; always with the newest among them;
- it heals as soon as the last two are better: nothing latches, and healing is faster than breaking;
- what has never worked has nothing to lose: the first observation is shown, but for `disconnected`.
With the shown severity S, the worse of the last two M, and the level L that the counts allow: S' = max(L, min(S, M)).
That is monotone in every observation, and under alternating input it moves at most twice. Why these counts: what
`bench/chaos.py` measures of them and of others (docs/channel-health.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.conversation import Reason
from chalicelib.model.health import (
    ChannelHealth,
    ChannelStatus,
    DirectionHealth,
    HealthChange,
    HealthDirection,
    Observation,
)
from chalicelib.model.inbox import Channel
from chalicelib.reconcile.sentences import reason

SEEN_FOR = timedelta(days=1)  # how long the last sight of a check counts while it cannot be seen
APART = timedelta(minutes=2)  # bad observations, to confirm one another
SEVERITY = {
    ChannelStatus.WORKING: 0,
    ChannelStatus.PENDING: 1,
    ChannelStatus.DEGRADED: 1,
    ChannelStatus.DISCONNECTED: 2,
}
NEVER_WORKED = (ChannelStatus.UNKNOWN, ChannelStatus.PENDING, ChannelStatus.OFF)
# Without a sight of one of these, good news of others says nothing.
ESSENTIAL = {HealthDirection.INCOMING: ("receipt_rules", "last_mail"), HealthDirection.OUTGOING: ("identity",)}

Seen = tuple[Observation, ...]


class Damping(Struct, frozen=True):
    """How many of the last so many observations show level 1 and level 2, and how many good ones in a row heal."""

    degraded: tuple[int, int] = (2, 3)
    disconnected: tuple[int, int] = (3, 4)
    healing: int = 2

    @property
    def window(self) -> int:
        """How many observations are remembered."""
        return max(self.degraded[1], self.disconnected[1], self.healing)


DAMPING = Damping()


def decide(
    channel: Channel,
    incoming: Sequence[Observation],
    outgoing: Sequence[Observation],
    before: ChannelHealth | None,
    now: datetime,
    damping: Damping = DAMPING,
) -> ChannelHealth:
    """What is shown of a channel after these observations; `before` None: it was never observed."""
    return ChannelHealth(
        account_id=channel.account_id,
        channel_id=channel.id,
        incoming=_direction(
            HealthDirection.INCOMING, channel.enabled, incoming, before.incoming if before else None, now, damping
        ),
        outgoing=_direction(
            HealthDirection.OUTGOING, channel.enabled, outgoing, before.outgoing if before else None, now, damping
        ),
        checked_at=stamp(now),
        version=before.version + 1 if before else 1,
    )


def changes(before: ChannelHealth | None, after: ChannelHealth) -> tuple[HealthChange, ...]:
    """The history entries that follow: one for each direction whose status became another."""
    found = []
    for direction in HealthDirection:
        was = getattr(before, direction.value).status if before else ChannelStatus.UNKNOWN
        is_: DirectionHealth = getattr(after, direction.value)
        if was != is_.status:
            found.append(
                HealthChange(
                    after.account_id, after.channel_id, after.checked_at, direction, was, is_.status, is_.because,
                    is_.evidence,
                )
            )  # fmt: skip
    return tuple(found)


def is_news(before: ChannelHealth | None, after: ChannelHealth, now: datetime, refresh: timedelta) -> bool:
    """Whether it is worth writing: something differs, or what is stored is older than `refresh`."""
    if before is None or now - datetime.fromisoformat(before.checked_at) >= refresh:
        return True
    return any(_told(getattr(before, each.value)) != _told(getattr(after, each.value)) for each in HealthDirection)


def _told(health: DirectionHealth) -> object:
    seen = [(each.check, each.in_order, each.finding) for each in health.evidence]
    return health.status, health.because, health.recent, health.alerted_at, seen


def _direction(
    direction: HealthDirection,
    enabled: bool,
    observations: Sequence[Observation],
    before: DirectionHealth | None,
    now: datetime,
    damping: Damping,
) -> DirectionHealth:
    if not enabled:
        return _shown(before, ChannelStatus.OFF, reason("switched_off"), (), (), now)
    seen = remembered(observations, before.evidence if before else (), now)
    candidate, code = candidate_of(direction, seen)
    if candidate is ChannelStatus.UNKNOWN:
        return _shown(before, candidate, reason(code), seen, (), now)
    was = before.status if before else ChannelStatus.UNKNOWN
    recent = before.recent if before else ()
    status = was
    if _is_confirmed_now(code, seen, observations) and not _too_soon(before, candidate, now):
        recent = (*recent, candidate)[-damping.window :]
        status = damped(was, recent, damping)
        told = _because(before, status, candidate, code)
        return replace(_shown(before, status, told, seen, recent, now), recent_at=stamp(now))
    told = _because(before, status, candidate, code)
    return _shown(before, status, told, seen, recent, now)


def _because(before: DirectionHealth | None, status: ChannelStatus, candidate: ChannelStatus, code: str) -> Reason:
    """Why `status` is shown, when the newest observation speaks for `candidate` because of `code`."""
    if status is candidate:
        return reason(code)
    if before is not None and before.status is status:
        return before.because
    if status is ChannelStatus.UNKNOWN:
        return reason("being_confirmed")
    return reason("recovering" if SEVERITY[candidate] < SEVERITY[status] else code)


def _shown(
    before: DirectionHealth | None, status: ChannelStatus, because: Reason, seen: Seen,
    recent: tuple[ChannelStatus, ...], now: datetime,
) -> DirectionHealth:  # fmt: skip
    if before is None:
        return DirectionHealth(status, because, stamp(now), seen, recent)
    since = before.since if before.status == status else stamp(now)
    return replace(before, status=status, because=because, since=since, evidence=seen, recent=recent)


def remembered(observations: Sequence[Observation], before: Sequence[Observation], now: datetime) -> Seen:
    """The observations, where nothing was seen of a check replaced by its last sight of not more than a day ago."""
    last = {each.check: each for each in before if each.in_order is not None}

    def sight(observation: Observation) -> Observation:
        known = last.get(observation.check)
        if observation.in_order is not None or known is None:
            return observation
        return known if now - datetime.fromisoformat(known.at) < SEEN_FOR else observation

    return tuple(map(sight, observations))


def _is_confirmed_now(code: str, seen: Seen, observations: Sequence[Observation]) -> bool:
    """Whether what speaks for the candidate was seen just now: an old sight counts, but does not confirm itself."""
    fresh = {each.check for each in observations if each.in_order is not None}
    if code == "in_order":
        return bool(fresh)
    return any(each.check in fresh for each in seen if each.finding is not None and each.finding.code == code)


def _too_soon(before: DirectionHealth | None, candidate: ChannelStatus, now: datetime) -> bool:
    """Whether the same trouble is seen again a moment later, as when somebody asks thrice: that confirms nothing."""
    if before is None or before.recent_at is None or not before.recent or before.recent[-1] is not candidate:
        return False
    return SEVERITY[candidate] > 0 and now - datetime.fromisoformat(before.recent_at) < APART


def candidate_of(direction: HealthDirection, seen: Sequence[Observation]) -> tuple[ChannelStatus, str]:
    """What these observations speak for, and the code of the reason: the worst finding, the first among equals."""
    wrong = [each.finding for each in seen if each.in_order is False and each.finding is not None]
    if wrong:
        # A stable order of the worst: degraded tells more than pending.
        worst = max(wrong, key=lambda each: (SEVERITY[each.status], each.status is ChannelStatus.DEGRADED))
        return worst.status, worst.code
    if any(each.in_order and each.check in ESSENTIAL[direction] for each in seen):
        return ChannelStatus.WORKING, "in_order"
    return ChannelStatus.UNKNOWN, "nothing_seen"


def damped(shown: ChannelStatus, recent: Sequence[ChannelStatus], damping: Damping = DAMPING) -> ChannelStatus:
    """What is shown after these candidates (newest last, none of them unknown), when `shown` was shown before."""
    newest = recent[-1]
    levels = [SEVERITY[each] for each in recent]
    counts = {1: damping.degraded, 2: damping.disconnected}
    allowed = max((level for level, times in counts.items() if _confirmed(levels, level, *times)), default=0)
    if shown in NEVER_WORKED:
        return newest if levels[-1] < 2 or allowed == 2 else shown
    healing = max(levels[-damping.healing :]) if len(levels) >= damping.healing else SEVERITY[shown]
    level = max(allowed, min(SEVERITY[shown], healing))
    if level == SEVERITY[shown]:
        return shown
    if level == 1:
        # Only what was disconnected can be on its way to be set up again.
        again = shown is ChannelStatus.DISCONNECTED and newest is ChannelStatus.PENDING
        return ChannelStatus.PENDING if again else ChannelStatus.DEGRADED
    return ChannelStatus.WORKING if level == 0 else ChannelStatus.DISCONNECTED


def _confirmed(levels: Sequence[int], level: int, times: int, of_last: int) -> bool:
    return levels[-1] >= level and sum(each >= level for each in levels[-of_last:]) >= times
