"""What a contact will see of a mail from a channel (S47): composed by what composes the mail that is sent.

With a conversation it is the answer that would leave now, to its contact; without one a first mail, to nobody yet.
Nothing is stored and nothing is sent.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from chalicelib.clock import new_id, stamp
from chalicelib.conversations import read, recipients
from chalicelib.conversations.words import body_of
from chalicelib.errors import Refused
from chalicelib.mail.compose import ComposeError, Draft, compose
from chalicelib.mail.model import Address
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import (
    Conversation,
    Direction,
    Message,
    MessageBody,
    Reason,
)
from chalicelib.model.inbox import Channel
from chalicelib.outbound.compose_answer import AnswerParts, answer_draft
from chalicelib.outbound.new_message import new_message, queued
from chalicelib.outbound.sending_way import Way, find_way
from chalicelib.outbound.signature_files import signature_files
from chalicelib.outbound.written_mail import account_domain, written_mail
from chalicelib.storage import inboxes, people

PREVIEWED = Reason("previewed", "It is shown, not sent.")


class Words(Struct, frozen=True):
    """What would be written: by whom (None: the caller), in which conversation (None: a first mail)."""

    text: str | None = None
    html: str | None = None
    subject: str = ""
    user_id: str | None = None
    conversation_id: str | None = None


class Preview(Struct, frozen=True):
    """The mail, its bytes, why it is from whom it is from, why it would not leave (None: it would), the signature."""

    draft: Draft
    raw: bytes
    because: Reason
    refused: Reason | None
    signature: str


def preview(caller: Caller, channel_id: str, words: Words, now: datetime) -> Preview:
    """Compose what would be sent. `NotFound` where the caller may not read; `Refused` for what does not fit."""
    channel, _ = read.channel_for(caller, channel_id)
    user = _user(caller, words.user_id)
    body = body_of(words.text, words.html) if words.text or words.html else MessageBody()
    conversation = None if words.conversation_id is None else conversation_for(caller, words.conversation_id)
    way = _way(channel, conversation)
    if conversation is None:
        draft = _first_mail(caller, way, user, words.subject, body, now)
    else:
        draft = written_mail(_answer(conversation, user, body, now), conversation, caller.account, way, user, now)
    try:
        raw = compose(draft)
    except ComposeError as error:
        raise Refused(f"The mail cannot be written: {error.code} in {error.field}.", code="not_composed") from error
    because = way.sender(user, caller.account.company_name).because
    return Preview(draft, raw, because, way.refused, way.acting.signature)


def _user(caller: Caller, user_id: str | None) -> User:
    user = caller.user if user_id in (None, caller.user.id) else people.get_user(caller.account_id, str(user_id))
    if user is None:
        raise Refused(f"There is no user {user_id}.", pointer="/user_id", code="no_such_user")
    return user


def conversation_for(caller: Caller, conversation_id: str) -> Conversation:
    """A conversation that the caller may read."""
    conversation, _ = read.conversation_for(caller, conversation_id)
    return conversation


def _way(channel: Channel, conversation: Conversation | None) -> Way:
    """How the mail would leave; a conversation is shown through its own channel, or through what stands in for it."""
    if conversation is None or conversation.channel_id == channel.id:
        return find_way(channel, conversation.inbox_id if conversation else channel.inbox_id)
    own = inboxes.get_channel(conversation.account_id, conversation.channel_id)
    way = find_way(own, conversation.inbox_id) if own else None
    if way is None or way.acting.id != channel.id:
        raise Refused(
            "The conversation is held through another channel.", pointer="/conversation_id", code="of_another_channel"
        )
    return way


def _answer(conversation: Conversation, user: User, body: MessageBody, now: datetime) -> Message:
    to = (Address(conversation.contact_name, conversation.contact_email),)
    envelope = recipients.checked(to, (), (), ())
    return new_message(
        conversation,
        new_id("ans"),
        Direction.OUTGOING,
        PREVIEWED,
        now,
        to=to,
        status="preview",
        body=body,
        author_id=user.id,
        sending=queued(envelope, stamp(now)),
    )


def _first_mail(caller: Caller, way: Way, user: User, subject: str, body: MessageBody, now: datetime) -> Draft:
    identity = way.sender(user, caller.account.company_name)
    return answer_draft(
        AnswerParts(
            identity=identity,
            to=(),
            subject=subject,
            is_reply=False,
            message_id=f"{new_id('ans')}@{account_domain(caller.account)}",
            date=now,
            text=body.text,
            html=body.html,
            locale=caller.account.locale,
            signature_files=signature_files(caller.account_id, identity),
        )
    )
