"""Gathering evidence: what is the same for all channels once a run, the rest a page of channels at a time.

Each kind is gathered alone: what fails is logged and counts as not seen. Requests grow with pages, never with channels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from chalicelib import log
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.model.account import Account
from chalicelib.model.evidence import ActiveRules, Shared, Traffic
from chalicelib.model.health import ChannelHealth
from chalicelib.model.inbox import Channel
from chalicelib.model.probe import ProbeState
from chalicelib.model.sending_domain import SendingDomain
from chalicelib.outbound.choose_sender import choose_sender
from chalicelib.outbound.refresh_domain import refresh_due
from chalicelib.storage import health, observing, probes, sending_domains
from chalicelib.storage.observing import Pace

Value = TypeVar("Value")

PAGE = 50  # channels looked at together: their traffic of two hours is one request


class PageEvidence(Struct, frozen=True):
    """What was read of a page of channels, by the channel's id, domains by name. None: it could not be read."""

    health: dict[str, ChannelHealth] | None
    probes: dict[str, ProbeState] | None
    traffic: dict[str, Traffic] | None
    domains: dict[str, SendingDomain] | None


def gather_shared(now: datetime, pace: Pace) -> Shared:
    """What the installation's own side looks like now."""
    rules = seen("receipt_rules", lambda: observing.active_rules(pace))
    return Shared(
        at=stamp(now),
        account=seen("sending_account", lambda: observing.sending_account(pace)),
        rules=rules,
        policies=seen("receiving_policies", lambda: observing.policies(_topic_of(rules))),
        queue=seen("inbound_queue", lambda: observing.queue_state(now)),
        identities=seen("identities", lambda: observing.identities(pace)),
        suppressed=seen("suppression", lambda: observing.suppressed(pace)),
    )


def gather_page(channels: Sequence[Channel], now: datetime) -> PageEvidence:
    """What is known of these channels (at most `PAGE`), in four requests."""
    return PageEvidence(
        seen("health", lambda: health.get_many(channels)),
        seen("probes", lambda: probes.get_many(channels)),
        seen("traffic", lambda: probes.traffic(channels, now)),
        seen("domains", lambda: _domains(channels, now)),
    )


def sends_from(channel: Channel, account: Account | None = None) -> str:
    """The address that the channel's next mail leaves from."""
    return choose_sender(channel, None, account.company_name if account else "").from_.address


def _domains(channels: Sequence[Channel], now: datetime) -> dict[str, SendingDomain]:
    owned: dict[str, set[str]] = {}
    for channel in channels:
        owned.setdefault(channel.account_id, set()).add(sends_from(channel).rpartition("@")[2].lower())
    return refresh_due(sending_domains.find_of_accounts(owned), now)


def _topic_of(rules: ActiveRules | None) -> str | None:
    """The topic that mail of our bucket is announced to."""
    stores = [each for rule in (rules.rules if rules else ()) for each in rule.stores]
    return next((topic for bucket, _, topic in stores if bucket == config().mail_bucket), None)


def seen(what: str, look: Callable[[], Value]) -> Value | None:
    """What was found, or None after a fault, which is logged: one kind of evidence never fails another."""
    try:
        return look()
    except Exception as error:  # whatever it is: absent evidence is no evidence
        log.warning("not_seen", what=what, because=str(error)[:300])
        return None
