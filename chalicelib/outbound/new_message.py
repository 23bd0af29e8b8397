"""A new entry of a conversation that did not come by mail, as it begins: what nobody says of it is empty. Pure.

Answers, comments, events and previews are all made here, so that a field which messages gain has one place to begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.conversation import (
    Authentication,
    Conversation,
    Direction,
    Message,
    MessageBody,
    Reason,
    RecipientState,
    Sending,
    SendingStatus,
)
from chalicelib.model.message_ids import message_id_of

INTERNAL = "internal"  # the status of what never leaves


def new_message(
    conversation: Conversation, seed: str, direction: Direction, because: Reason, now: datetime, **fields: Any
) -> Message:
    """An entry of a conversation, after everything that is there; `fields` are those of `Message`.

    Its id is the same for the same conversation, time and `seed`.
    """
    created_at = stamp(max(now, datetime.fromisoformat(conversation.last_message_at) + timedelta(milliseconds=1)))
    blank = Message(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        id=message_id_of(conversation.id, created_at, seed),
        inbox_id=conversation.inbox_id,
        contact_id=conversation.contact_id,
        direction=direction,
        from_=None,
        to=(),
        cc=(),
        reply_to=(),
        subject=conversation.subject,
        authentication=Authentication(),
        attachments=(),
        created_at=created_at,
        status=INTERNAL,
        joined_because=because,
    )
    return replace(blank, **fields)


def new_event(conversation: Conversation, seed: str, code: str, text: str, now: datetime, **fields: Any) -> Message:
    """What happened in a conversation, as its readers are told: `code` is its reason and its mark, `text` its words."""
    body = MessageBody(text=text, reply_text=text)
    return new_message(conversation, seed, Direction.EVENT, Reason(code, text), now, marks=(code,), body=body, **fields)


def with_message(conversation: Conversation, message: Message) -> Conversation:
    """The conversation once it has one message more, which is the newest."""
    return replace(
        conversation,
        message_count=conversation.message_count + 1,
        last_message_at=message.created_at,
        version=conversation.version + 1,
    )


def queued(envelope: Sequence[str], due_at: str) -> Sending:
    """The way of a mail that has not begun; `envelope` are the lower-case addresses of its recipients."""
    recipients = tuple(RecipientState(address, SendingStatus.QUEUED) for address in envelope)
    return Sending(status=SendingStatus.QUEUED, recipients=recipients, due_at=due_at)
