"""Whether a customer's forwarding works: by its last probe, and by real mail that came through it. Pure.

Real mail counts when it names the team address among its recipients; it is noted at most every few hours, so it proves
that the forwarding worked then. Of probes: one that did not come back may be an accident, two are not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.model.health import ChannelStatus, Observation
from chalicelib.model.inbox import Channel
from chalicelib.model.probe import ProbeFate, ProbeState
from chalicelib.reconcile.evidence import DEGRADED, DISCONNECTED, PENDING, good, unseen, wrong

CHECK = "forwarding"
LATE = timedelta(minutes=15)
MISSING = timedelta(minutes=30)


def observe(channel: Channel, probe: ProbeState | None, at: str) -> Observation:
    """What is known of the forwarding at `at`."""
    real = channel.last_mail_in_at
    proven = real is not None or (probe is not None and (probe.proven_at or probe.returned_at) is not None)
    broken = DISCONNECTED if proven else PENDING
    if probe is None:
        if real is not None:
            return good(CHECK, real, f"Mail came through the forwarding at {real}.")
        return wrong(CHECK, at, PENDING, "forwarding_not_proven", "No mail has come through the forwarding yet.")
    if real is not None and real > probe.asked_at and probe.returned_at is None:
        return good(CHECK, real, f"Mail came through the forwarding at {real}, after the last probe.")
    if probe.returned_at is not None:
        return _returned(probe, probe.returned_at)
    return _not_returned(probe, broken, proven, at)


def _returned(probe: ProbeState, returned_at: str) -> Observation:
    took = datetime.fromisoformat(returned_at) - datetime.fromisoformat(probe.asked_at)
    saw = f"The probe of {probe.asked_at} came back after {round(took.total_seconds())} seconds"
    if ProbeFate.RETURNED not in probe.fates:
        saw = f"{saw}, with another {' and '.join(probe.changed) or 'content'}."
        return wrong(CHECK, returned_at, DEGRADED, "probe_altered", saw)
    if took > LATE:
        return wrong(CHECK, returned_at, DEGRADED, "probe_late", f"{saw}.")
    return good(CHECK, returned_at, f"{saw}.")


def _not_returned(probe: ProbeState, broken: ChannelStatus, proven: bool, at: str) -> Observation:
    told = probe.fates
    if ProbeFate.BOUNCED in told:
        return wrong(CHECK, at, broken, "probe_bounced", f"The probe of {probe.asked_at} came back as undeliverable.")
    if ProbeFate.REFUSED in told:
        return unseen(CHECK, at, f"The probe of {probe.asked_at} could not be sent.")
    if datetime.fromisoformat(at) - datetime.fromisoformat(probe.asked_at) < MISSING:
        if proven:
            return unseen(CHECK, at, f"The probe of {probe.asked_at} is on its way.")
        return wrong(CHECK, at, PENDING, "forwarding_not_proven", f"The probe of {probe.asked_at} is on its way.")
    if ProbeFate.ANSWERED in told:
        return wrong(CHECK, at, broken, "probe_answered", f"The probe of {probe.asked_at} was answered, not forwarded.")
    times = f"{probe.missed + 1} probes in a row" if probe.missed else "It"
    saw = f"The probe of {probe.asked_at} did not come back. {times} did not."
    once = DEGRADED if proven else PENDING
    return wrong(CHECK, at, broken if probe.missed else once, "probe_missing", saw)
