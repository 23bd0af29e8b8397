"""What SES says of a domain now, kept: asked when somebody wants to know, and by a step of the scheduled function
(`reconcile/look_at_domains.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import LostRace
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.outbound.sending_dns import records_of, state_of
from chalicelib.storage import aws, sending_domains, ses_identities


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


def refresh_of(account_id: str, domains: Iterable[str], now: datetime) -> None:
    """Ask for these domains of an account now."""
    for domain in sending_domains.find_many(account_id, domains).values():
        refresh(domain, now)
