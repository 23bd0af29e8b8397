"""By which ids mail that answers an answer of ours is known: our own Message-ID, and the one SES wrote over it."""

from __future__ import annotations

from chalicelib.model.conversation import Conversation, Direction, Message
from chalicelib.model.filing import MAX_PARTICIPANTS, KnownMessageId
from chalicelib.storage import ses


def outgoing_ids(message: Message, conversation: Conversation, ses_id: str) -> tuple[KnownMessageId, ...]:
    """The ids of a mail that SES has taken under `ses_id`, with who takes part in its conversation."""
    assert message.sending is not None
    assert message.from_ is not None
    recipients = [each.address for each in message.sending.recipients]
    participants = tuple(dict.fromkeys((*recipients, *conversation.participants)))[:MAX_PARTICIPANTS]
    writer = message.from_.address.lower()
    ids = [message.message_id, ses.message_id_of(ses_id)]
    return tuple(
        KnownMessageId(each, conversation.id, Direction.OUTGOING, False, participants, writer, message.id)
        for each in ids
        if each is not None
    )
