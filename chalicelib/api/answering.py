"""What users write: `POST /v1/conversations/{id}/messages`, an answer, which leaves by mail, or a comment, which never
does; `POST /v1/inboxes/{id}/conversations`, the first mail of a conversation.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.api import conversations
from chalicelib.api.answers import Answered
from chalicelib.api.messages import shape
from chalicelib.api.requests import Call
from chalicelib.conversations import answer, start
from chalicelib.conversations.words import Words, body_of
from chalicelib.errors import InvalidInput
from chalicelib.mail.model import Address
from chalicelib.model.conversation import Direction
from chalicelib.model.texts import END, Email, Id, Name

Written = Annotated[str, Meta(max_length=200_000)]
Subject = Annotated[str, Meta(pattern=r"^(?=.*\S)[^\u0000-\u001f\u007f]*" + END, min_length=1, max_length=500)]


class Mailbox(Struct, frozen=True, forbid_unknown_fields=True):
    """An address with a display name."""

    address: Email
    name: Name | None = None


Mailboxes = Annotated[tuple[Email | Mailbox, ...], Meta(max_length=50)]


class MessageRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to write: a text, HTML, or both; without a text it is made from the HTML, which is cleaned.

    A reply goes `to` the contact unless said otherwise, and `cc` to exactly those who are named. `last_message_id` is
    the newest message that the writer has seen: if there are newer ones the reply is refused (409), unless `force`.
    """

    type: Literal["reply", "comment"]
    text: Written | None = None
    html: Written | None = None
    to: Annotated[Mailboxes, Meta(min_length=1)] | None = None
    cc: Mailboxes = ()
    last_message_id: Id | None = None
    force: bool = False
    close: Annotated[bool, Meta(description="Close the conversation with it.")] = False


class ConversationRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first mail of a conversation. The first of `to` is the contact with whom it is held.

    Without `channel_id` it leaves through the inbox's first channel.
    """

    to: Annotated[Mailboxes, Meta(min_length=1)]
    subject: Subject
    text: Written | None = None
    html: Written | None = None
    cc: Mailboxes = ()
    channel_id: Id | None = None


def add_conversation(call: Call) -> Answered:
    """Begin a conversation with a mail (S83); answers to it land in it."""
    told: ConversationRequest = call.body
    opening = start.Opening(
        to=tuple(map(_address, told.to)),
        subject=told.subject,
        body=body_of(told.text, told.html),
        cc=tuple(map(_address, told.cc)),
        channel_id=told.channel_id,
    )
    conversation = start.start(call.caller, call.path["inbox_id"], opening, call.request, call.now)
    return Answered(conversations.shape(conversation), location=f"/v1/conversations/{conversation.id}")


def add_message(call: Call) -> Answered:
    """Answer, or comment. An answer is `queued` and leaves soon; its `status` tells how far it got."""
    told: MessageRequest = call.body
    is_reply = told.type == "reply"
    if not is_reply and (told.to is not None or told.cc):
        raise InvalidInput("A comment goes to nobody.", pointer="/cc" if told.cc else "/to")
    words = Words(
        direction=Direction.OUTGOING if is_reply else Direction.COMMENT,
        body=body_of(told.text, told.html),
        to=None if told.to is None else tuple(map(_address, told.to)),
        cc=tuple(map(_address, told.cc)),
        last_message_id=None if told.force else told.last_message_id,
        close=told.close,
    )
    message = answer.write(call.caller, call.path["conversation_id"], words, call.request, call.now)
    return Answered(shape(message), location=f"/v1/messages/{message.id}")


def _address(told: str | Mailbox) -> Address:
    return Address(None, told) if isinstance(told, str) else Address(told.name, told.address)
