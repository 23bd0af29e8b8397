"""What deciding about one delivery needs to know, and what it decides: the values between storage and the pure files."""

from __future__ import annotations

from msgspec import Struct

from .account import User
from .conversation import Contact, Conversation, Direction, Message
from .delivery import Arrival, Delivery
from .inbox import Channel
from .ticket import Ticket


class Door(Struct, frozen=True):
    """Where an envelope recipient leads: the channel's address, or a signed reply address of a conversation."""

    recipient: str
    account_id: str | None = None
    inbox_id: str | None = None
    channel_id: str | None = None
    conversation_id: str | None = None  # by a signed reply address


class KnownMessageId(Struct, frozen=True):
    """An RFC 5322 Message-ID that an inbox has seen.

    `pending`: only cited so far, by mail that arrived before the mail it answers. `participants`: who took part in the
    conversation when the id was noted, as lower-case addresses.
    """

    message_id: str
    conversation_id: str
    direction: Direction
    pending: bool
    participants: tuple[str, ...] = ()


class Evidence(Struct, frozen=True):
    """What storage knows about one delivery before it is decided.

    `conversation` is read only where the known ids do not suffice; `people` and the owner only where somebody has to
    be chosen. `own_id` is what is known of the mail's own Message-ID.
    """

    channel: Channel
    delivery: Delivery | None = None
    claimed_by: str | None = None
    contact: Contact | None = None
    own_id: KnownMessageId | None = None
    known_ids: tuple[KnownMessageId, ...] = ()
    conversation: Conversation | None = None
    people: tuple[User, ...] | None = None


class Joining(Struct, frozen=True):
    """How a conversation changes when a mail joins it.

    With `assumed`, the conversation was not read: it is taken to be open, with `sender` among its participants, and
    the write fails when it is not. Otherwise `seen` is the conversation decided on.
    """

    conversation_id: str
    sender: str
    at: str
    preview: str
    assumed: bool
    seen: Conversation | None = None
    newest: bool = True
    reopens: bool = False
    new_participants: tuple[str, ...] = ()


class Filing(Struct, frozen=True):
    """All that becomes of one delivery, written in one transaction."""

    arrival: Arrival
    delivery: Delivery
    replaces: Delivery | None = None  # a replayed delivery, as it was
    claim: tuple[str | None, str] | None = None  # Message-ID and content hash
    message: Message | None = None
    contact: Contact | None = None  # a new one
    conversation: Conversation | None = None  # a new one
    joining: Joining | None = None
    ticket: Ticket | None = None
    assignee: User | None = None  # as seen when chosen
    learned_ids: tuple[KnownMessageId, ...] = ()
    arrived_id: KnownMessageId | None = None  # the pending id that this mail turns out to have
