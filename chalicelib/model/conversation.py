"""Conversations, their messages, and the contacts they are held with."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from chalicelib.mail.model import Address, Attachment, Fold


class ConversationStatus(StrEnum):
    """Open: somebody has to do something. Closed: done until the next mail."""

    OPEN = "open"
    CLOSED = "closed"


class Direction(StrEnum):
    """What an entry of a conversation is."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    COMMENT = "comment"
    EVENT = "event"


class Reason(Struct, frozen=True):
    """Why something was decided: a stable code and a sentence for people."""

    code: str
    text: str


class ContactState(StrEnum):
    """Whether a contact is one still: merging and erasing take their time, and what is left of it then is hidden."""

    ACTIVE = "active"
    MERGING = "merging"  # what was written with it follows to `merged_into`
    MERGED = "merged"
    ERASING = "erasing"


class Contact(Struct, frozen=True):
    """A person outside, known by address. `owner_id` names the user who looks after it (S57).

    `addresses` are further ones, lower-case, that mail comes from; `email` is not among them. `merged_into` is the
    contact that took this one over, `merged_ids` are those that this one did; `state_since` is when the state began.
    """

    account_id: str
    id: str
    email: str
    created_at: str
    name: str | None = None
    owner_id: str | None = None
    addresses: tuple[str, ...] = ()
    state: ContactState = ContactState.ACTIVE
    state_since: str | None = None
    merged_into: str | None = None
    merged_ids: tuple[str, ...] = ()
    version: int = 1

    @property
    def all_addresses(self) -> tuple[str, ...]:
        """Every address that mail of the contact comes from, the main one first."""
        return (self.email, *self.addresses)

    @property
    def all_ids(self) -> tuple[str, ...]:
        """Its id and those of the contacts that were merged into it."""
        return (self.id, *self.merged_ids)


class Conversation(Struct, frozen=True):
    """One thread of messages with one contact. `participants` are lower-case addresses that take part (§7.3)."""

    account_id: str
    id: str
    inbox_id: str
    channel_id: str
    contact_id: str
    contact_email: str
    contact_name: str | None
    subject: str
    status: ConversationStatus
    assignee_id: str | None
    assigned_because: Reason
    started_because: Reason
    participants: tuple[str, ...]
    message_count: int
    last_message_at: str
    created_at: str
    preview: str = ""
    ticket_id: str | None = None
    ticket_pipeline_id: str | None = None  # where the ticket is: written with every change of the ticket
    ticket_stage_id: str | None = None
    closed_at: str | None = None
    answers_over: str | None = None  # the channel that stands in for its own, as of the last answer (S24)
    drafting: tuple[str, ...] = ()  # users who have a draft of an answer
    continues_id: str | None = None  # the conversation that it answers, which was closed long before
    version: int = 1


class Authentication(Struct, frozen=True):
    """What SES found about the sender: lower-case results such as `pass`, `fail`, `none`, `gray` (§7.8)."""

    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"

    @property
    def is_proven(self) -> bool:
        """DMARC passed, so the From domain is the sender's own (RFC 7489 §3.1): "none" is not "pass"."""
        return self.dmarc == "pass"


class MessageBody(Struct, frozen=True):
    """What is read of a message; `html` is cleaned. Stored with the message or, when long, beside it."""

    text: str = ""
    html: str | None = None
    reply_text: str = ""
    folds: tuple[Fold, ...] = ()


class SendingStatus(StrEnum):
    """Where an answer, or one recipient's copy of it, has got to (§7.9).

        queued ─▶ sending ─▶ sent ─▶ delayed ─▶ delivered ─▶ bounced, complained
         │ ▲         ├─▶ unconfirmed ─▶ (as after sent)
         │ └─────────┴─▶ failed
         └─▶ cancelled

    `unconfirmed`: SES was asked, but its answer was lost; only SES's own events settle it, since asking again could
    send the mail twice. Only a refused attempt goes back, to `queued`, where it waits for the next one.
    """

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RecipientState(Struct, frozen=True):
    """One recipient of an answer: the lower-case address, and what is known of the mail's way to it."""

    address: str
    status: SendingStatus
    because: Reason | None = None
    at: str | None = None  # when it became so
    round: int = 0  # the last one in which it was sent to this recipient


class TicketPlace(Struct, frozen=True):
    """Where a ticket stands: its stage, and since when it is closed there."""

    ticket_id: str
    stage_id: str
    closed_at: str | None = None


class Sending(Struct, frozen=True):
    """What is known of an answer's way. `version` counts its changes: each is written on the one before.

    Each time that somebody sends it again, to those whom it did not reach, begins another `round`; `earlier_ids` are
    the SES ids of the rounds before, empty where none is known.
    """

    status: SendingStatus
    recipients: tuple[RecipientState, ...]
    due_at: str  # when it is tried (again)
    attempts: int = 0
    leased_until: str | None = None  # with `sending`: until when somebody may be at it
    because: Reason | None = None  # why it waits, is not confirmed, or failed
    ses_id: str | None = None
    round: int = 0
    earlier_ids: tuple[str, ...] = ()
    queued_at: str | None = None  # when the round began; None: when it was written
    closed: bool = False  # the conversation was closed with it
    ticket_was: TicketPlace | None = None  # where the ticket stood that it has moved
    version: int = 1


class Message(Struct, frozen=True):
    """One entry of a conversation. `marks` are codes of what a reader should know, such as `sender_not_proven`.

    `bcc` stands in the envelope and here, never in the mail. `file_keys` say where the attachments of an outgoing
    message lie, in their order; those of an incoming one are cut out of its raw mail. `forwards` is the id of the
    message that is sent on.
    """

    account_id: str
    conversation_id: str
    id: str
    inbox_id: str
    contact_id: str
    direction: Direction
    from_: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    authentication: Authentication
    attachments: tuple[Attachment, ...]
    created_at: str
    status: str
    joined_because: Reason
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: str | None = None
    forwarded_by: Address | None = None
    automatic: str | None = None
    defects: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    delivery_id: str | None = None
    raw_key: str | None = None
    body: MessageBody | None = None  # None: at `body_key`
    body_key: str | None = None
    author_id: str | None = None  # the user who wrote an answer or a comment
    sending: Sending | None = None  # of an answer: its way to its recipients
    bcc: tuple[Address, ...] = ()
    mentions: tuple[str, ...] = ()  # users whom a comment names
    file_keys: tuple[str, ...] = ()
    forwards: str | None = None
    related_id: str | None = None  # of an event: the conversation it leads to
    former_inbox_ids: tuple[str, ...] = ()  # before its conversation moved: Message-IDs lead here from there, too
    forwarded_how: str | None = None  # `mail.model.Forwarded.how`; with `forwarded_by`, but for older messages
