"""What is new in a conversation and did not come by mail: an answer, a comment, an event."""

from __future__ import annotations

from msgspec import Struct

from .conversation import Contact, Conversation, Message


class RequestKey(Struct, frozen=True):
    """A caller's idempotency key, and the fingerprint of the request it came with."""

    user_id: str
    key: str
    fingerprint: str


class Progress(Struct, frozen=True):
    """How an answer changes on its way; both have `sending`. Written on the version that `before` has."""

    before: Message
    after: Message


class Quota(Struct, frozen=True):
    """That an answer goes to `recipients` people, and to how many (`most`) an account may write in one hour."""

    recipients: int
    most: int


class Entry(Struct, frozen=True):
    """A new message of a conversation, and what comes with it.

    `counted` says by how much users' counters of open conversations change. With `starts` the conversation is a new
    one, and `before` what it would be without the message.
    """

    before: Conversation
    after: Conversation
    message: Message
    counted: dict[str, int] = {}
    request: RequestKey | None = None
    quota: Quota | None = None
    progress: Progress | None = None  # of the answer that an event tells of
    starts: bool = False
    contact: Contact | None = None  # a new one
