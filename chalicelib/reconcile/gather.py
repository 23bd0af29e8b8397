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
from chalicelib.model.evidence import ActiveRules, Shared, Traffic
from chalicelib.model.health import ChannelHealth
from chalicelib.model.inbox import Channel
from chalicelib.model.probe import ProbeState
from chalicelib.model.sending_domain import SendingDomain
from chalicelib.outbound.choose_sender import choose_sender, domain_of
from chalicelib.outbound.sending_way import domains_of
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

    def domain_of(self, channel: Channel, name: str) -> SendingDomain | None:
        """A domain as the channel's own account has claimed it: another account's says nothing of this channel."""
        found = (self.domains or {}).get(name)
        return found if found is not None and found.account_id == channel.account_id else None

    def sends_from(self, channel: Channel) -> str:
        """The address that the channel's own mail leaves from: a custom one once it or its domain is proven (S37)."""
        claimed = [self.domain_of(channel, name) for name in domains_of(channel)]
        verified = sending_domains.verified({each.domain: each for each in claimed if each is not None})
        return choose_sender(channel, None, "", verified=verified).from_.address

    def sending_domain(self, channel: Channel) -> SendingDomain | None:
        """The claimed domain that the channel's own mail leaves from; None: its account has claimed none there."""
        return self.domain_of(channel, domain_of(self.sends_from(channel)))


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
        seen("domains", lambda: _domains(channels)),
    )


def _domains(channels: Sequence[Channel]) -> dict[str, SendingDomain]:
    owned: dict[str, set[str]] = {}
    for channel in channels:  # at most two of each, so that a page is one request
        owned.setdefault(channel.account_id, set()).update(domains_of(channel))
    return sending_domains.find_of_accounts(owned)


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
