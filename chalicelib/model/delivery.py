"""What became of one mail at one channel: every delivery has one named verdict (§7.1)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .conversation import Authentication, Reason


class Verdict(StrEnum):
    """The outcomes. Those that did not become a conversation are listed for admins."""

    FILED = "filed"
    UNREADABLE = "unreadable"  # filed as a conversation that says so and links the raw mail
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    DENIED = "denied"  # by the account's list of senders
    LOOP = "loop"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    CHANNEL_OFF = "channel_off"
    CHANNEL_DISCONNECTED = "channel_disconnected"
    INBOX_ARCHIVED = "inbox_archived"
    CONFIRMATION = "confirmation"  # a mail provider asks before it forwards: shown with the channel
    NO_CHANNEL = "no_channel"
    DEAD_LETTER = "dead_letter"  # it could not be handled, though it was tried again and again
    PROBE = "probe"  # a mail of our own that tests a forwarding, or an answer to it

    @property
    def is_filed(self) -> bool:
        """Whether the mail can be read in a conversation."""
        return self in (Verdict.FILED, Verdict.UNREADABLE)


class Source(StrEnum):
    """Who put an arrival on the queue."""

    SES = "ses"
    SWEEP = "sweep"
    REPLAY = "replay"


class Arrival(Struct, frozen=True, omit_defaults=True):
    """One mail as SES took it: the envelope and SES's findings, never anything the mail says of itself."""

    raw_id: str  # SES's message id: the last part of `raw_key`
    raw_key: str
    received_at: str
    recipients: tuple[str, ...]
    mail_from: str | None = None
    spam: str = "none"
    virus: str = "none"
    authentication: Authentication = Authentication()
    source: Source = Source.SES
    delivery_id: str | None = None  # with `replay`: the delivery to judge again
    after_attempts: int = 0  # with `replay`: its attempts by then; with more it was done already
    released: bool = False  # with `replay`: an admin says it is no spam
    gives_up: bool = False  # with `sweep`: it was put back often enough, and is only noted as a dead letter


class Delivery(Struct, frozen=True):
    """One (mail, recipient channel). `account_id` is None for a recipient that belongs to nobody."""

    id: str
    account_id: str | None
    channel_id: str | None
    inbox_id: str | None
    recipients: tuple[str, ...]
    verdict: Verdict
    because: Reason
    arrival: Arrival
    received_at: str
    conversation_id: str | None = None
    message_id: str | None = None
    from_address: str | None = None
    subject: str | None = None
    of_delivery_id: str | None = None  # with `duplicate`: the delivery that was filed
    attempts: int = 1
