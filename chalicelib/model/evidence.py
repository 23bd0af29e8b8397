"""What was seen of the installation, once for all its channels. None anywhere: it could not be seen."""

from __future__ import annotations

from msgspec import Struct


class SendingAccount(Struct, frozen=True):
    """SES's account: whether it may send, out of the sandbox, under which enforcement, and mails in 24 hours."""

    may_send: bool
    in_production: bool
    enforcement: str  # HEALTHY, PROBATION, SHUTDOWN
    quota: float  # -1: without limit
    sent: float


class ReceiptRule(Struct, frozen=True):
    """An enabled rule: which recipients it takes, as SES writes them, and where its S3 actions put mail."""

    recipients: tuple[str, ...]
    stores: tuple[tuple[str, str, str | None], ...]  # (bucket, prefix, ARN of the topic)


class ActiveRules(Struct, frozen=True):
    """The active receipt rule set; `name` None: none is active."""

    name: str | None
    rules: tuple[ReceiptRule, ...] = ()


class ReceivingPolicies(Struct, frozen=True):
    """Whether SES may store and announce mail, and the topic may fill the queue. None: could not be seen."""

    bucket: bool | None
    topic: bool | None
    queue: bool | None


class QueueState(Struct, frozen=True):
    """The inbound queue: dead letters, and the age of the oldest message in seconds (None: not known)."""

    dead_letters: int
    oldest: float | None


class Suppressed(Struct, frozen=True):
    """Lower-case addresses on SES's suppression list; `whole` false: the list is longer than was read."""

    addresses: frozenset[str]
    whole: bool


class Shared(Struct, frozen=True):
    """All of it, seen at `at`. `identities` maps a domain or address to SES's word for its verification."""

    at: str
    account: SendingAccount | None = None
    rules: ActiveRules | None = None
    policies: ReceivingPolicies | None = None
    queue: QueueState | None = None
    identities: dict[str, str] | None = None
    suppressed: Suppressed | None = None


class Traffic(Struct, frozen=True):
    """What left through a channel within the last hour or two, by recipients, and when the last one arrived."""

    delivered: int = 0
    failed: int = 0
    last_delivered_at: str | None = None
