"""An answer that did not reach everybody, sent again to those whom it did not reach.

It is the same message, in another round of sending (`outbound/progress.py: sent_again`): whoever has it gets no second
copy, and what SES tells of an earlier round changes nothing in a later one.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib import clock
from chalicelib.conversations import access, read
from chalicelib.conversations.enter import leave_soon, require_recipients
from chalicelib.conversations.outgoing import require_sendable
from chalicelib.errors import Conflict, LostRace, Refused
from chalicelib.mail.addresses import as_kept
from chalicelib.model import limits
from chalicelib.model.account import Plan
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Message, Reason, Sending, SendingStatus
from chalicelib.outbound.progress import STUCK, sent_again
from chalicelib.storage import entries, inboxes, suppressions

TRIES = 4
MOST_ROUNDS = 20
NOT_REACHED = frozenset({SendingStatus.FAILED, SendingStatus.BOUNCED})


def resend(caller: Caller, message_id: str, now: datetime, *, force: bool = False) -> Message:
    """Send an answer again to whom it did not reach; with `force` also where nobody knows whether it did.

    `NotFound`, `Forbidden` (S19), `Refused` when nothing may be sent (S28, S86), `Conflict` when everybody has it, it
    is under way, or it is automatic and its recipient is suppressed, `TooManyRequests`.
    """
    for attempt in range(1, TRIES + 1):
        message, conversation, inbox = read.message_in(caller, message_id)
        access.require_act(caller.user, inbox)
        if message.sending is None:
            raise Refused("Only what leaves by mail can be sent again.", code="not_a_mail")
        to = not_left_alone(message, not_reached(message.sending, force=force))
        require_sendable(inboxes.get_channel(conversation.account_id, conversation.channel_id), conversation.inbox_id)
        if not to:  # it waits, since its task died: the same round, soon
            leave_soon(message, clock.now())
            return message
        because = Reason("sent_again", f"{caller.user.called} sent it again.")
        progress = sent_again(message, to, because, now)
        quota = limits.answers(caller.account_id, len(to), free=caller.account.plan is Plan.FREE)
        try:
            entries.send_again(progress, quota, now)
        except LostRace:
            require_recipients(quota, now)
            if attempt == TRIES:
                raise
            continue
        leave_soon(progress.after, clock.now())
        return progress.after
    raise AssertionError("the last attempt returns or raises")


def not_left_alone(message: Message, to: tuple[str, ...]) -> tuple[str, ...]:
    """Of automatic mail those recipients that are not suppressed (decision 119); `Conflict` when all of them are."""
    if message.automatic is None or message.sending is None:
        return to
    asked = to or tuple(each.address for each in message.sending.recipients)
    left_alone = suppressions.among(message.account_id, asked)
    if all(as_kept(each) in left_alone for each in asked):
        raise Conflict(
            "Mail to this address came back for good, or was complained about, so that no automatic mail goes there. "
            "Lift its suppression first, or write an answer.",
            code="suppressed",
        )
    return tuple(each for each in to if as_kept(each) not in left_alone)


def not_reached(sending: Sending, *, force: bool) -> tuple[str, ...]:
    """The recipients to whom a mail may be sent again. `Conflict` when there is none, `Refused` when `force` is needed.
    None when it is stuck on its way (`outbound/give_up.py`): a new task is all it takes. Pure.
    """
    if sending.status is SendingStatus.QUEUED and sending.because is not None and sending.because.code == STUCK:
        return ()
    if sending.status in (SendingStatus.QUEUED, SendingStatus.SENDING):
        raise Conflict("It is under way already.", code="under_way")
    again = NOT_REACHED | {SendingStatus.UNCONFIRMED} if force else NOT_REACHED
    to = tuple(each.address for each in sending.recipients if each.status in again)
    if not to and sending.status is SendingStatus.UNCONFIRMED:
        raise Refused(
            "Nobody knows whether this answer left. With `force` it is sent again, and may arrive twice.",
            pointer="/force",
            code="unconfirmed",
        )
    if not to:
        raise Conflict("It failed for nobody: there is nobody to send it to again.", code="nobody_left")
    if sending.round >= MOST_ROUNDS:
        raise Conflict(f"It was sent {MOST_ROUNDS} times more already. Write a new one.", code="sent_too_often")
    return to
