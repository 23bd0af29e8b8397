"""The story of what SES tells of an answer: it was sent, arrived, was delayed, came back, was unwanted (§7.9).

Events come in any order and more than once; each is applied to the answer as it is then. The first one of an answer
whose sending was not confirmed also notes what `send_mail` could not: that it left, and the ids that replies cite.
"""

from __future__ import annotations

from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.errors import LostRace
from chalicelib.model.conversation import Conversation, Message, Sending, SendingStatus
from chalicelib.model.entry import Progress
from chalicelib.outbound.feedback_events import read_feedback
from chalicelib.outbound.left_mail import outgoing_ids
from chalicelib.outbound.progress import Feedback, after_feedback, newly_failed, progressed
from chalicelib.outbound.tell_failure import tell_failure
from chalicelib.storage import conversations
from chalicelib.storage.sending import advance

TRIES = 6


def take_feedback(body: str) -> SendingStatus | None:
    """Handle one message of the feedback queue; return how far the answer got, None when nothing changed."""
    told = read_feedback(body)
    if told is None:
        return None
    log.follow(told.message_id)
    for attempt in range(1, TRIES + 1):
        found = conversations.get_message(told.account_id, told.message_id, with_body=False)
        if found is None or found[0].sending is None:
            log.warning("feedback_on_nothing", status=told.status)
            return None
        try:
            return _apply(told, *found)
        except LostRace:
            if attempt == TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def _apply(told: Feedback, message: Message, conversation: Conversation) -> SendingStatus | None:
    sending = message.sending
    assert sending is not None
    was_unknown = sending.ses_id is None
    if was_unknown:
        message, sending = _note_left(told, message, sending, conversation)
    after = after_feedback(sending, told)
    if after == sending:
        return sending.status if was_unknown else None
    progress = progressed(message, after)
    failed = newly_failed(sending, after)
    if failed:
        tell_failure(conversation, progress, failed, clock.now())
    else:
        advance(progress)
    return after.status


def _note_left(
    told: Feedback, message: Message, sending: Sending, conversation: Conversation
) -> tuple[Message, Sending]:
    """SES tells of a mail whose sending we could not note: it has left."""
    left = after_feedback(sending, replace(told, status=SendingStatus.SENT, recipients=None, because=()))
    progress = Progress(message, progressed(replace(message, sent_at=told.at), left).after)
    advance(progress, outgoing_ids(progress.after, conversation))
    return progress.after, left
