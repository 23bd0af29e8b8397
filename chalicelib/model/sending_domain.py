"""A domain that an account sends from: what its owner has to publish in the DNS, and what SES has seen of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class DomainState(StrEnum):
    """`pending`: SES has not seen all records yet. `failed`: it has given up looking, or they are gone."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class RecordPurpose(StrEnum):
    """What a DNS record is for."""

    DKIM = "dkim"
    MAIL_FROM = "mail_from"
    SPF = "spf"
    DMARC = "dmarc"


class DnsRecord(Struct, frozen=True):
    """One record to publish. `name` is a whole domain name; an MX record's `value` begins with its preference.

    A record that is only suggested (DMARC) is `required` false: SES does not look at it, and its state is None.
    """

    type: str
    name: str
    value: str
    purpose: RecordPurpose
    required: bool = True
    state: DomainState | None = None


class IdentityStatus(Struct, frozen=True):
    """What SES says of a domain: its DKIM tokens, and both checks. `mail_from_domain` None: none is set."""

    dkim: DomainState
    tokens: tuple[str, ...]
    signing_zone: str
    mail_from_domain: str | None
    mail_from: DomainState


class SendingDomain(Struct, frozen=True):
    """A domain as an account has claimed it. `state` is what SES said at `checked_at`.

    The claim of a domain that is not verified holds until `claimed_until`; then another account may claim it.
    """

    account_id: str
    domain: str
    mail_from_domain: str
    records: tuple[DnsRecord, ...]
    state: DomainState
    created_at: str
    claimed_until: str
    checked_at: str | None = None
    verified_at: str | None = None
    version: int = 1
