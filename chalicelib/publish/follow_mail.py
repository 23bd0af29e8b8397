"""What follows from a mail that came in: an acknowledgement (`outbound/acknowledge.py`), or the mail to its absent
owner (`outbound/tell_owner.py`). Reads consistently: the stream may be faster than the table's copies."""

from __future__ import annotations

from datetime import datetime

from chalicelib import log
from chalicelib.model.conversation import Conversation, Direction, Message, Reason
from chalicelib.model.event import Change
from chalicelib.outbound.acknowledge import acknowledge
from chalicelib.outbound.automatic_mail import is_for_absent_owner
from chalicelib.outbound.tell_owner import tell_owner
from chalicelib.storage import conversations
from chalicelib.storage.sending import read_writers


def follow(change: Change, now: datetime) -> None:
    """Do what follows from a change, if it is a mail that came in; what is done twice has its effect once."""
    message = change.new
    if change.old is not None or not isinstance(message, Message) or message.direction is not Direction.INCOMING:
        return
    conversation = conversations.get_conversation(message.account_id, message.conversation_id)
    if conversation is None:
        return
    is_first = message.created_at == conversation.created_at
    if is_first or is_for_absent_owner(message, conversation):
        for because in _follow(message, conversation, now):
            dimensions = {"Function": "publish_changes", "Reason": because.code}
            log.metrics("followed", {"Followed": (1, "Count")}, dimensions=dimensions, message=message.id)


def _follow(message: Message, conversation: Conversation, now: datetime) -> list[Reason]:
    writers = read_writers(message, conversation.channel_id)
    if writers.account is None or writers.channel is None:
        return []
    done = [acknowledge(message, conversation, writers.account, writers.channel, now)]
    if is_for_absent_owner(message, conversation):
        done.append(tell_owner(message, conversation, writers.account, now))
    return done
