"""What a written message does to its conversation and to its account's allowance. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model import limits
from chalicelib.model.account import Account, Plan, User
from chalicelib.model.conversation import (
    Conversation,
    ConversationStatus,
    Direction,
    Message,
    MessageBody,
    Reason,
)
from chalicelib.model.filing import MAX_PARTICIPANTS
from chalicelib.model.limits import Spending
from chalicelib.outbound.new_message import with_message

PREVIEW = 140  # characters


def after_writing(before: Conversation, message: Message, *, by: User, close: bool, now: datetime) -> Conversation:
    """The conversation once a message was written in it.

    Whoever answers an unassigned conversation becomes its assignee (§4); a comment assigns nothing, and its words show
    in no list.
    """
    after = with_message(before, message)
    if message.direction is Direction.OUTGOING:
        addresses = [state.address for state in message.sending.recipients] if message.sending else []
        words = (message.body or MessageBody()).text
        after = replace(
            after,
            preview=" ".join(words[: 8 * PREVIEW].split())[:PREVIEW],
            participants=tuple(dict.fromkeys((*before.participants, *addresses)))[:MAX_PARTICIPANTS],
        )
        after = replace(after, drafting=tuple(each for each in before.drafting if each != by.id))
        if before.assignee_id is None:
            because = Reason("answered_first", f"{by.called} answered while it was nobody's.")
            after = replace(after, assignee_id=by.id, assigned_because=because)
    if close and before.status is ConversationStatus.OPEN:
        after = replace(after, status=ConversationStatus.CLOSED, closed_at=stamp(now))
    return after


def quota_of(account: Account, message: Message) -> tuple[Spending, ...]:
    """What an answer takes of the account's hour; nothing for a comment."""
    if message.sending is None:
        return ()
    return limits.answers(account.id, len(message.sending.recipients), free=account.plan is Plan.FREE)
