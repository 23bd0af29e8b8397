"""Domains that an account sends from: claimed with the first team address, proven by what the owner publishes.

A verified domain belongs to one account. What is only claimed ends after three days, which is as long as SES looks for
the records; then another account may claim it, so that nobody keeps a domain from its owner.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.errors import Conflict, LostRace, Refused
from chalicelib.model.limits import DOMAINS_OF_ACCOUNT, Spending
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.outbound.choose_sender import domain_of as domain_of
from chalicelib.outbound.refresh_domain import refresh as refresh
from chalicelib.outbound.sending_dns import mail_from_domain
from chalicelib.storage import sending_domains, ses_identities
from chalicelib.storage.limits import require_room

CLAIMED_FOR = timedelta(hours=72)
TAKEN = (
    "Another account of this installation sends from {domain}, or is about to. If the domain is yours, try again in "
    "three days, or ask the operator."
)


def require_foreign(domain: str, *, pointer: str) -> None:
    """Raise `Refused` for a domain whose mail comes to us: it needs no forwarding, and belongs to no one account.

    So is what is no domain of the public DNS.
    """
    if "." not in domain:
        raise Refused(f"{domain} is no whole domain name.", pointer=pointer, code="bad_address")
    for own in (config().inbound_domain, config().free_inbound_domain):
        if domain == own or domain.endswith(f".{own}"):
            raise Refused(
                f"{domain} is a domain of this installation. Connect a fallback address instead.",
                pointer=pointer,
                code="own_domain",
            )


def claim(account_id: str, domain: str, now: datetime) -> SendingDomain:
    """Claim a domain for an account, and have SES make its records; the claim it has already stays as it is.

    `Conflict`: another account has it, or SES has it outside of Postfach. `TooManyRequests`.
    """
    before = sending_domains.find(domain)
    if before is not None and before.account_id == account_id and before.state is not DomainState.FAILED:
        return before if before.records else _identify(before, now)
    if before is not None and before.account_id != account_id and not _is_over(before, now):
        raise Conflict(TAKEN.format(domain=domain), pointer="/address", code="domain_taken")
    if before is not None:
        ses_identities.delete_identity(domain)  # what SES has given up, it looks for again only when made anew
    claimed = SendingDomain(
        account_id=account_id,
        domain=domain,
        mail_from_domain=mail_from_domain(account_id, domain),
        records=(),
        state=DomainState.PENDING,
        created_at=stamp(now),
        claimed_until=stamp(now + CLAIMED_FOR),
        version=before.version + 1 if before else 1,
    )
    spendings = (Spending(DOMAINS_OF_ACCOUNT, account_id),)
    try:
        sending_domains.claim(claimed, before, spendings, now)
    except LostRace as error:
        detail = "An account connects addresses of at most {most} new domains a day. Try again tomorrow."
        require_room(spendings, now, detail)
        raise Conflict(TAKEN.format(domain=domain), pointer="/address", code="domain_taken") from error
    return _identify(claimed, now)


def _identify(claimed: SendingDomain, now: datetime) -> SendingDomain:
    """Have SES know a claimed domain. Should SES fail here, the claim has no records, and this is done again."""
    try:
        ses_identities.create_identity(claimed.domain, claimed.mail_from_domain, claimed.account_id)
    except Conflict:
        sending_domains.release(claimed)
        raise
    return refresh(claimed, now)


def give_back(account_id: str, domain: str) -> None:
    """The account does not send from the domain any more: SES forgets it, and another account may claim it."""
    before = sending_domains.find(domain)
    if before is None or before.account_id != account_id:
        return
    ses_identities.delete_identity(domain)
    try:
        sending_domains.release(before)
    except LostRace:
        return  # claimed anew just now, by a channel that was just connected


def _is_over(claimed: SendingDomain, now: datetime) -> bool:
    never_verified = claimed.verified_at is None
    return never_verified and datetime.fromisoformat(claimed.claimed_until) <= now
