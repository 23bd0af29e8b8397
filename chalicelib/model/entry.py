"""What is new in a conversation and did not come by mail: an answer, a comment, an event."""

from __future__ import annotations

from msgspec import Struct

from .conversation import Contact, Conversation, Message
from .limits import Spending
from .suppression import Suppression
from .ticket import TicketChange


class RequestKey(Struct, frozen=True):
    """A caller's idempotency key, and the fingerprint of the request it came with.

    `made`: the id of what the request made before, where such an id is kept; then this is a repeat.
    """

    user_id: str
    key: str
    fingerprint: str
    made: str | None = None


class Progress(Struct, frozen=True):
    """How an answer changes on its way; both have `sending`. Written on the version that `before` has.

    `suppresses`: the addresses that automatic mail leaves alone from now on.
    """

    before: Message
    after: Message
    suppresses: tuple[Suppression, ...] = ()


class Entry(Struct, frozen=True):
    """A new message of a conversation, and what comes with it.

    `counted` says by how much users' counters of open conversations change. With `starts` the conversation is a new
    one, and `before` what it would be without the message. `uploads` are used up by it, `ends_drafts` names drafts
    (user, what about) that go with it. `beside` are entries of other conversations that are written together with it.
    """

    before: Conversation
    after: Conversation
    message: Message
    counted: dict[str, int] = {}
    request: RequestKey | None = None
    quota: tuple[Spending, ...] = ()  # what it takes of the limits
    progress: Progress | None = None  # of the answer that an event tells of
    moved: TicketChange | None = None  # the conversation's ticket, where an answer moves it
    starts: bool = False
    contact: Contact | None = None  # a new one
    events: tuple[Message, ...] = ()  # further messages of the conversation, which `after` counts too
    uploads: tuple[str, ...] = ()
    ends_drafts: tuple[tuple[str, str], ...] = ()
    beside: tuple[Entry, ...] = ()
