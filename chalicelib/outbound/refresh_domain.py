"""What SES says of a domain now, kept: asked when somebody wants to know, and by the scheduled look at channels.

SES takes one such request a second ("Service quotas in Amazon SES"), so the scheduled look asks seldom for what is
verified, and for a few at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import LostRace
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.outbound.sending_dns import records_of, state_of
from chalicelib.storage import aws, sending_domains, ses_identities

PENDING_AGAIN = timedelta(minutes=5)
VERIFIED_AGAIN = timedelta(hours=12)
MOST = 10  # domains asked for at a time


def refresh(before: SendingDomain, now: datetime) -> SendingDomain:
    """Ask SES, and keep what it says. Whoever refreshes at the same moment loses nothing."""
    status = ses_identities.get_identity(before.domain)
    state = state_of(before, status)
    after = replace(
        before,
        records=before.records
        if status is None
        else records_of(before.domain, before.mail_from_domain, status, aws.region()),
        state=state,
        checked_at=stamp(now),
        verified_at=(before.verified_at or stamp(now)) if state is DomainState.VERIFIED else before.verified_at,
        version=before.version + 1,
    )
    try:
        sending_domains.change(before, after)
    except LostRace:
        return sending_domains.find(before.domain) or after
    return after


def is_due(domain: SendingDomain, now: datetime) -> bool:
    """Whether it is time to ask for a domain again. Pure."""
    if domain.checked_at is None:
        return True
    pause = PENDING_AGAIN if domain.state is DomainState.PENDING else VERIFIED_AGAIN
    return datetime.fromisoformat(domain.checked_at) + pause <= now


def refresh_due(found: Mapping[str, SendingDomain], now: datetime) -> dict[str, SendingDomain]:
    """The same domains, those refreshed that are due, a few of them."""
    due = [name for name, domain in found.items() if is_due(domain, now)]
    return {**found, **{name: refresh(found[name], now) for name in due[:MOST]}}


def refresh_of(account_id: str, domains: Iterable[str], now: datetime) -> None:
    """Ask for these domains of an account now."""
    for domain in sending_domains.find_many(account_id, domains).values():
        refresh(domain, now)
