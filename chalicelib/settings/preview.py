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
from chalicelib.outbound.choose_sender import choose_sender, refused_because
from chalicelib.outbound.compose_answer import AnswerParts, answer_draft
from chalicelib.outbound.new_message import new_message, queued
from chalicelib.outbound.written_mail import account_domain, written_mail
from chalicelib.storage import people

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
    if words.conversation_id is None:
        draft = _first_mail(caller, channel, user, words.subject, body, now)
    else:
        conversation = _conversation(caller, channel, words.conversation_id)
        draft = written_mail(_answer(conversation, user, body, now), conversation, caller.account, channel, user, now)
    try:
        raw = compose(draft)
    except ComposeError as error:
        raise Refused(f"The mail cannot be written: {error.code} in {error.field}.", code="not_composed") from error
    because = choose_sender(channel, user, caller.account.company_name).because
    return Preview(draft, raw, because, refused_because(channel), channel.signature)


def _user(caller: Caller, user_id: str | None) -> User:
    user = caller.user if user_id in (None, caller.user.id) else people.get_user(caller.account_id, str(user_id))
    if user is None:
        raise Refused(f"There is no user {user_id}.", pointer="/user_id", code="no_such_user")
    return user


def _conversation(caller: Caller, channel: Channel, conversation_id: str) -> Conversation:
    conversation, _ = read.conversation_for(caller, conversation_id)
    if conversation.channel_id != channel.id:
        raise Refused(
            "The conversation is held through another channel.", pointer="/conversation_id", code="of_another_channel"
        )
    return conversation


def _answer(conversation: Conversation, user: User, body: MessageBody, now: datetime) -> Message:
    to = (Address(conversation.contact_name, conversation.contact_email),)
    envelope = recipients.checked(to, (), ())
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


def _first_mail(caller: Caller, channel: Channel, user: User, subject: str, body: MessageBody, now: datetime) -> Draft:
    return answer_draft(
        AnswerParts(
            identity=choose_sender(channel, user, caller.account.company_name),
            to=(),
            subject=subject,
            is_reply=False,
            message_id=f"{new_id('ans')}@{account_domain(caller.account)}",
            date=now,
            text=body.text,
            html=body.html,
            locale=caller.account.locale,
        )
    )
