"""The story of what SES tells of an answer: it was sent, arrived, was delayed, came back, was unwanted (§7.9).

Events come in any order and more than once; each is applied to the answer as it is then. The first one of an answer
whose sending was not confirmed also notes what `send_mail` could not: that it left, and the ids that replies cite.
"""

from __future__ import annotations

from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.errors import Fault, LostRace
from chalicelib.model import notice, probe
from chalicelib.model.conversation import Conversation, Message, RecipientState, Sending, SendingStatus
from chalicelib.model.entry import Progress
from chalicelib.outbound.apply_report import find_feedback, read_report
from chalicelib.outbound.feedback_events import read_feedback
from chalicelib.outbound.left_mail import outgoing_ids
from chalicelib.outbound.progress import Feedback, after_feedback, id_of_round, newly_failed, progressed
from chalicelib.outbound.send_probe import note_feedback
from chalicelib.outbound.suppress import suppressed_by, suppressions_of
from chalicelib.outbound.tell_failure import tell_failure
from chalicelib.storage import conversations, notices, suppressions
from chalicelib.storage.probes import count_outcome
from chalicelib.storage.sending import advance

TRIES = 6


def take_feedback(body: str) -> SendingStatus | None:
    """Handle one message of the feedback queue; return how far the answer got, None when nothing changed."""
    report = read_report(body)
    told = find_feedback(report) if report is not None else read_feedback(body)
    if told is None:
        return None
    log.follow(told.message_id)
    if told.message_id.startswith(probe.PREFIX):
        return note_feedback(told.account_id, told.message_id, told.status, told.at)
    if told.message_id.startswith(notice.PREFIX):
        return _of_notice(told)
    for attempt in range(1, TRIES + 1):
        found = conversations.get_message(told.account_id, told.message_id, with_body=False)
        if found is None or found[0].sending is None:
            log.warning("feedback_on_nothing", status=told.status)
            return None
        try:
            return _apply(told, *found, by_mail=report is not None)
        except LostRace:
            if attempt == TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def _of_notice(told: Feedback) -> SendingStatus | None:
    """A notice that came back for good, or was unwanted: its address gets no more."""
    found = notices.find(told.account_id, told.message_id)
    if found is None:
        return None
    reasons = dict(told.because)
    because = reasons.get(found.address) or reasons.get("")
    told_of = suppressed_by(told.account_id, RecipientState(found.address, told.status, because, told.at))
    suppressions.add(told_of)
    return told.status if told_of else None


def _apply(
    told: Feedback, message: Message, conversation: Conversation, *, by_mail: bool = False
) -> SendingStatus | None:
    sending = message.sending
    assert sending is not None
    was_unknown = told.round <= sending.round and id_of_round(sending, told.round) is None
    if was_unknown:
        message, sending = _note_left(told, message, sending, conversation)
    after = after_feedback(sending, told)
    if after == sending:
        return sending.status if was_unknown else None
    progress = replace(progressed(message, after), suppresses=suppressions_of(message, sending, after))
    failed = newly_failed(sending, after)
    if not by_mail:
        _count(told, conversation, len(failed))
    if failed and message.automatic is None:
        tell_failure(conversation, progress, failed, clock.now())
    else:
        advance(progress)
    return after.status


def _count(told: Feedback, conversation: Conversation, failed: int) -> None:
    """For the channel's status (`reconcile/evidence/sending.py`); uncounted, it is as good as not seen."""
    delivered = len(told.recipients or ()) if told.status is SendingStatus.DELIVERED else 0
    if not delivered and not failed:
        return
    try:
        count_outcome(conversation.account_id, conversation.channel_id, clock.now(), delivered=delivered, failed=failed)
    except Fault as error:
        log.warning("outcome_not_counted", because=error.detail)


def _note_left(
    told: Feedback, message: Message, sending: Sending, conversation: Conversation
) -> tuple[Message, Sending]:
    """SES tells of a mail whose sending we could not note: it has left."""
    left = after_feedback(sending, replace(told, status=SendingStatus.SENT, recipients=None, because=()))
    progress = Progress(message, progressed(replace(message, sent_at=told.at), left).after)
    advance(progress, outgoing_ids(progress.after, conversation, told.ses_id))
    return progress.after, left
