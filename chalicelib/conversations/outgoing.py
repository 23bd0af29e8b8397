"""What a user writes, as the message that will be stored: by whom, to whom, and whether it may leave at all."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.config import config
from chalicelib.conversations import recipients
from chalicelib.conversations.words import Words
from chalicelib.errors import Refused
from chalicelib.mail.clean import clean_line
from chalicelib.mail.model import Address
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, Direction, Message, Reason, SendingStatus
from chalicelib.model.inbox import Channel
from chalicelib.outbound.answer_subject import answer_subject
from chalicelib.outbound.choose_sender import choose_sender, refused_because
from chalicelib.outbound.new_message import new_message, queued
from chalicelib.storage import inboxes

WRITTEN = Reason("written_here", "A user wrote it here.")


def written_message(caller: Caller, before: Conversation, words: Words, now: datetime) -> Message:
    """What a user writes now in a conversation. `Refused` when it may not leave, or not to whom it names."""
    message = new_message(
        before,
        clock.new_id("ans"),
        words.direction,
        WRITTEN,
        now,
        from_=Address(caller.user.name, caller.user.email),
        body=words.body,
        author_id=caller.user.id,
    )
    return _addressed(caller, before, words, message) if words.direction is Direction.OUTGOING else message


def require_sendable(channel: Channel | None) -> Channel:
    """The channel, if mail may leave through it now; `Refused` says which rule stands against it (S28, S86)."""
    if channel is None:
        raise Refused("The conversation's channel is not there any more.", code="channel_gone")
    because = refused_because(channel)
    if because is not None:
        raise Refused(because.text, code=because.code)
    return channel


def _addressed(caller: Caller, before: Conversation, words: Words, message: Message) -> Message:
    channel = require_sendable(inboxes.get_channel(before.account_id, before.channel_id))
    to = words.to if words.to is not None else (Address(before.contact_name, before.contact_email),)
    envelope = recipients.checked(to, words.cc, (config().inbound_domain, config().free_inbound_domain))
    return replace(
        message,
        from_=choose_sender(channel, caller.user, caller.account.company_name).from_,
        to=to,
        cc=words.cc,
        subject=answer_subject(before.subject) if before.message_count else clean_line(before.subject),
        status=SendingStatus.QUEUED.value,
        sending=queued(envelope, message.created_at),
    )
