"""What a domain's owner publishes so that mail may leave from it, and what SES's findings make of it. Pure.

SES gives three DKIM CNAMEs; MX and SPF of a MAIL FROM subdomain make SPF align ("Using a custom MAIL FROM domain" in
the SES developer guide); DMARC (RFC 7489) is suggested, and left to the owner.

The MAIL FROM subdomain is what ties a domain to an account: its label follows from the account, so that records which
were published for one account never verify the domain for another. DKIM alone would: SES gives a domain the same
tokens whoever asks, and they may still stand in the DNS from before. Docs: docs/decisions/096.
"""

from __future__ import annotations

from chalicelib.clock import derived_id
from chalicelib.model.sending_domain import DnsRecord, DomainState, IdentityStatus, RecordPurpose, SendingDomain


def mail_from_domain(account_id: str, domain: str) -> str:
    """The MAIL FROM subdomain that only this account is given."""
    return f"{derived_id('bounce', account_id, domain).replace('_', '-')}.{domain}"


def records_of(domain: str, mail_from: str, status: IdentityStatus, region: str) -> tuple[DnsRecord, ...]:
    """All records to publish, with what SES has seen of each."""
    signed = tuple(
        DnsRecord(
            "CNAME",
            f"{token}._domainkey.{domain}",
            f"{token}.{status.signing_zone}",
            RecordPurpose.DKIM,
            state=status.dkim,
        )
        for token in status.tokens
    )
    seen = status.mail_from if status.mail_from_domain == mail_from else DomainState.PENDING
    return (
        *signed,
        DnsRecord("MX", mail_from, f"10 feedback-smtp.{region}.amazonses.com", RecordPurpose.MAIL_FROM, state=seen),
        DnsRecord("TXT", mail_from, '"v=spf1 include:amazonses.com ~all"', RecordPurpose.SPF, state=seen),
        DnsRecord("TXT", f"_dmarc.{domain}", '"v=DMARC1; p=none;"', RecordPurpose.DMARC, required=False),
    )


def state_of(claimed: SendingDomain, status: IdentityStatus | None) -> DomainState:
    """What SES's findings mean for the account: both checks, and the second for the account's own subdomain."""
    if status is None or status.mail_from_domain != claimed.mail_from_domain:
        return DomainState.FAILED
    found = {status.dkim, status.mail_from}
    if DomainState.FAILED in found:
        return DomainState.FAILED
    return DomainState.VERIFIED if found == {DomainState.VERIFIED} else DomainState.PENDING
