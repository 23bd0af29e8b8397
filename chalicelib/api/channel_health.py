"""`/v1/channels/{id}/health`, `…/check`, `…/probe`, and `/v1/account/health`: what is true of channels (§7.6)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.model.conversation import Reason
from chalicelib.model.health import ChannelStatus, DirectionHealth, HealthChange, HealthDirection, Observation
from chalicelib.model.probe import ProbeFate, ProbeState
from chalicelib.reconcile import on_demand
from chalicelib.reconcile.probes import left_today
from chalicelib.reconcile.sentences import sentence


class BecauseAnswer(Struct, frozen=True, kw_only=True):
    """Why a status is shown: a stable code, and a sentence with the next step, in English and German."""

    code: str
    text: str
    text_de: str


class EvidenceAnswer(Struct, frozen=True, kw_only=True):
    """One piece of evidence. `in_order` null: it could not be seen, which is never held against the channel."""

    check: str
    at: str
    in_order: bool | None
    saw: str


class DirectionAnswer(Struct, frozen=True, kw_only=True):
    """One direction of a channel."""

    status: ChannelStatus
    because: BecauseAnswer
    since: str
    evidence: tuple[EvidenceAnswer, ...]


class ProbeAnswer(Struct, frozen=True, kw_only=True):
    """The last probe: a mail to the team address that must come back through its forwarding."""

    id: str
    asked_at: str
    fates: Annotated[dict[ProbeFate, str], Meta(description="What became of it, and when; empty: nothing yet.")]
    changed: Annotated[tuple[str, ...], Meta(description="With `altered`: the parts that were rewritten.")]
    receiving_proven_at: str | None
    left_today: int


class ChannelHealthAnswer(Struct, frozen=True, kw_only=True):
    """What was last observed of a channel. `checked_at` null: it was never looked at."""

    channel_id: str
    enabled: bool
    status: Annotated[ChannelStatus, Meta(description="The worse direction; `outgoing` counts if it is used to send.")]
    checked_at: str | None
    incoming: DirectionAnswer | None
    outgoing: DirectionAnswer | None
    probe: ProbeAnswer | None


class HealthChangeAnswer(Struct, frozen=True, kw_only=True):
    """One change of one direction's status."""

    at: str
    direction: HealthDirection
    before: ChannelStatus
    after: ChannelStatus
    because: BecauseAnswer
    evidence: tuple[EvidenceAnswer, ...]


class TroubleAnswer(Struct, frozen=True, kw_only=True):
    """A channel that needs somebody."""

    channel_id: str
    inbox_id: str
    address: str
    status: ChannelStatus
    incoming: ChannelStatus
    outgoing: ChannelStatus


class AccountHealthAnswer(Struct, frozen=True, kw_only=True):
    """How the account's channels do: how many in each status, and the worst hundred that need somebody."""

    channels: dict[ChannelStatus, int]
    troubles: tuple[TroubleAnswer, ...]


def get_health(call: Call) -> ChannelHealthAnswer:
    """What was last observed of a channel."""
    channel, health, probe = on_demand.health_of(call.caller, call.path["channel_id"])
    return ChannelHealthAnswer(
        channel_id=channel.id,
        enabled=channel.enabled,
        status=on_demand.status_of(channel),
        checked_at=health.checked_at if health else None,
        incoming=_direction(health.incoming) if health else None,
        outgoing=_direction(health.outgoing) if health else None,
        probe=_probe(probe, call) if probe else None,
    )


def list_history(call: Call) -> Listing[HealthChangeAnswer]:
    """How the status of a channel changed, newest first."""
    query: Paging = call.query
    page = on_demand.history_of(call.caller, call.path["channel_id"], call.now, limit=query.limit, cursor=query.cursor)
    return listing(page, _change)


def check(call: Call) -> ChannelHealthAnswer:
    """Look at everything now."""
    on_demand.check_now(call.caller, call.path["channel_id"], call.now)
    return get_health(call)


def probe(call: Call) -> ProbeAnswer:
    """Send a probe to the team address."""
    return _probe(on_demand.probe_now(call.caller, call.path["channel_id"], call.now), call)


def get_account_health(call: Call) -> AccountHealthAnswer:
    """How all channels of the account do."""
    found = on_demand.overview(call.caller)
    return AccountHealthAnswer(
        channels=found.counts,
        troubles=tuple(
            TroubleAnswer(
                channel_id=channel.id,
                inbox_id=channel.inbox_id,
                address=channel.address,
                status=status,
                incoming=channel.observed.incoming,
                outgoing=channel.observed.outgoing,
            )
            for channel, status in found.troubles
        ),
    )


def _direction(health: DirectionHealth) -> DirectionAnswer:
    return DirectionAnswer(
        status=health.status,
        because=_because(health.because.code, health.because.text),
        since=health.since,
        evidence=_evidence(health.evidence),
    )


def _change(change: HealthChange) -> HealthChangeAnswer:
    return HealthChangeAnswer(
        at=change.at,
        direction=change.direction,
        before=change.before,
        after=change.after,
        because=_because(change.because.code, change.because.text),
        evidence=_evidence(change.evidence),
    )


def _because(code: str, text: str) -> BecauseAnswer:
    return BecauseAnswer(code=code, text=text, text_de=sentence(Reason(code, text), "de"))


def _evidence(evidence: tuple[Observation, ...]) -> tuple[EvidenceAnswer, ...]:
    return tuple(EvidenceAnswer(check=e.check, at=e.at, in_order=e.in_order, saw=e.saw) for e in evidence)


def _probe(state: ProbeState, call: Call) -> ProbeAnswer:
    return ProbeAnswer(
        id=state.probe_id,
        asked_at=state.asked_at,
        fates={ProbeFate(fate): at for fate, at in state.fates.items()},
        changed=state.changed,
        receiving_proven_at=state.proven_at,
        left_today=left_today(state, call.now),
    )
