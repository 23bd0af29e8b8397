"""What a user writes, as the message that will be stored: by whom, to whom, and whether it may leave at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.conversations import recipients
from chalicelib.conversations.files import NO_FILES, Files
from chalicelib.conversations.words import Words
from chalicelib.errors import Refused
from chalicelib.inbound.judge import own_addresses
from chalicelib.mail.clean import clean_line
from chalicelib.mail.model import Address
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, ConversationStatus, Direction, Message, Reason, SendingStatus
from chalicelib.model.inbox import Channel
from chalicelib.outbound.answer_subject import answer_subject
from chalicelib.outbound.new_message import new_message, queued
from chalicelib.outbound.sending_way import Way, find_way
from chalicelib.storage import inboxes

LONGEST_UNDO = 900  # seconds, as SQS holds a message back at most
WRITTEN = Reason("written_here", "A user wrote it here.")


def written_message(
    caller: Caller, before: Conversation, words: Words, now: datetime, files: Files = NO_FILES
) -> Message:
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
        attachments=files.attachments,
        file_keys=files.keys,
        mentions=words.mentions,
        forwards=words.forwards,
    )
    return _addressed(caller, before, words, message, now) if words.direction is Direction.OUTGOING else message


def require_sendable(channel: Channel | None, inbox_id: str) -> Way:
    """How mail of a conversation in the inbox leaves now; `Refused` says which rule stands against it (S28, S86)."""
    if channel is None:
        raise Refused("The conversation's channel is not there any more.", code="channel_gone")
    way = find_way(channel, inbox_id)
    if way.refused is not None:
        raise Refused(way.refused.text, code=way.refused.code)
    return way


def _addressed(caller: Caller, before: Conversation, words: Words, message: Message, now: datetime) -> Message:
    way = require_sendable(inboxes.get_channel(before.account_id, before.channel_id), before.inbox_id)
    to = words.to if words.to is not None else (Address(before.contact_name, before.contact_email),)
    domains = (config().inbound_domain, config().free_inbound_domain)
    envelope = recipients.checked(to, words.cc, words.bcc, domains, own_addresses(way.channel))
    due_at = stamp(now + timedelta(seconds=min(caller.account.answering.undo_seconds, LONGEST_UNDO)))
    return replace(
        message,
        from_=way.sender(caller.user, caller.account.company_name).from_,
        to=to,
        cc=words.cc,
        bcc=words.bcc,
        subject=answer_subject(before.subject) if before.message_count else clean_line(before.subject),
        status=SendingStatus.QUEUED.value,
        sending=replace(queued(envelope, due_at), closed=words.close and before.status is ConversationStatus.OPEN),
    )
