"""What deciding about one delivery needs to know, and what it decides: values between storage and the pure files."""

from __future__ import annotations

from msgspec import Struct

from .account import Account, User
from .conversation import Contact, Conversation, Direction, Message
from .delivery import Delivery
from .inbox import Channel, ForwardingConfirmation, Inbox
from .mailed_report import MailedReport
from .sender_lists import SenderMarks
from .ticket import Ticket, TicketChange

MAX_PARTICIPANTS = 100  # of a conversation; one more mail may be on its way while the last place is taken


class Recipient(Struct, frozen=True):
    """An envelope recipient, taken apart, lower-case. `subdomain` is None outside the inbound domains."""

    address: str
    domain: str
    subdomain: str | None
    looks_signed: bool  # claims to be a signed reply address: no proof


class Door(Struct, frozen=True):
    """Where an envelope recipient leads: the channel's address, or a signed reply address of a conversation."""

    recipient: str
    account_id: str | None = None
    inbox_id: str | None = None
    channel_id: str | None = None
    conversation_id: str | None = None  # by a signed reply address
    probe_token: str | None = None  # by the address that a probe came from, its signature checked


class KnownMessageId(Struct, frozen=True):
    """An RFC 5322 Message-ID that an inbox has seen.

    `pending`: only cited so far, by mail that arrived before the mail it answers. `participants`: who took part in the
    conversation when the id was noted, `writer` who wrote the mail that noted it, as lower-case addresses. `answer_id`:
    of an outgoing one, the message of ours that left with it.
    """

    message_id: str
    conversation_id: str
    direction: Direction
    pending: bool
    participants: tuple[str, ...] = ()
    writer: str = ""
    answer_id: str | None = None


class Lookup(Struct, frozen=True):
    """What to look up about a mail at one channel: all that its headers make known, in one request.

    `addresses` are the lower-case addresses that may be the contact's; `cited` the ids it answers, most telling first;
    `signed` is the conversation whose reply address it came to.
    """

    account_id: str
    channel_id: str
    inbox_id: str | None  # None: not known before the channel is read
    message_id: str | None
    content_hash: str
    addresses: tuple[str, ...]
    cited: tuple[str, ...]
    signed: str | None = None


class Evidence(Struct, frozen=True):
    """What storage knows about one delivery before it is decided.

    `conversations` holds those that were read because the known ids did not suffice (None: it does not exist);
    `people` is read only when somebody has to be chosen. `own_id` is what is known of the mail's own Message-ID.
    `glimpse` is the conversation of the reply address as it was a moment ago, for what the write is conditional on.
    """

    channel: Channel
    inbox: Inbox | None = None  # None behind a signed reply address, which does not name it
    account: Account | None = None  # its settings; None in tests of what asks for none
    marks: SenderMarks | None = None  # of the account's lists of senders
    claimed_by: str | None = None
    contacts: dict[str, Contact] = {}
    own_id: KnownMessageId | None = None
    known_ids: tuple[KnownMessageId, ...] = ()
    conversations: dict[str, Conversation | None] = {}
    glimpse: Conversation | None = None
    people: tuple[User, ...] | None = None
    may_assume: bool = True  # False after a lost race: then every conversation is read before it is joined


class Joining(Struct, frozen=True):
    """How a conversation changes when a mail joins it.

    Without `seen` the conversation was not read: it is assumed to be open, in the inbox, with `sender` among its
    participants and no later message, and the write fails when it is not so. `reply_stages` says by pipeline where the
    mail moves a ticket: where none was seen that is to move, the write fails when the conversation's ticket is
    elsewhere. `moved`: its ticket, when it was.
    """

    conversation_id: str
    inbox_id: str
    sender: str
    at: str
    preview: str
    seen: Conversation | None = None
    reopens: bool = False
    new_participants: tuple[str, ...] = ()
    reply_stages: dict[str, str] = {}
    moved: TicketChange | None = None

    @property
    def is_newest(self) -> bool:
        """Whether the mail is the conversation's last: mail may be handled in another order than it arrived."""
        return self.seen is None or self.at >= self.seen.last_message_at


class Filing(Struct, frozen=True):
    """All that becomes of one delivery, written in one transaction."""

    delivery: Delivery
    completes: bool = False  # the last delivery of its raw mail
    replaces: Delivery | None = None  # a replayed delivery, as it was
    lookup: Lookup | None = None  # with a message: what the delivery claims
    own_id_unseen: bool = False  # the mail's own id was not looked up before
    is_elsewhere: bool = False  # the conversation is in another inbox than the channel
    message: Message | None = None
    contact: Contact | None = None  # a new one
    conversation: Conversation | None = None  # a new one
    joining: Joining | None = None
    ticket: Ticket | None = None
    assignee: User | None = None  # as seen when chosen
    waits: bool = False  # the new conversation is offered again when somebody becomes available
    learned_ids: tuple[KnownMessageId, ...] = ()
    confirmation: ForwardingConfirmation | None = None  # what a mail provider asks, kept with the channel
    proves_forwarding: bool = False  # the channel's row notes when mail came through the customer's forwarding
    report: MailedReport | None = None  # on an answer of ours, for the feedback queue
    arrived_id: KnownMessageId | None = None  # the pending id that this mail turns out to have, as it is from now on
