"""The story of an answer that leaves: read, compose, wait for its turn, claim, ask SES, note what SES said.

SES is asked at most once for an answer without a clear refusal. The claim comes last before it, so that what fails
before leaves the answer queued; whoever finds a claim that ran out cannot know whether the mail left, and says so
(`unconfirmed`). SES's events settle it then (`take_feedback`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.clock import stamp
from chalicelib.errors import (
    Fault,
    LostRace,
    MailNotTaken,
    MailRefused,
    MailUnconfirmed,
    NotANotification,
    PermanentFault,
)
from chalicelib.mail.compose import ComposeError, compose
from chalicelib.mail.outgoing_files import LARGEST_MAIL
from chalicelib.model.conversation import Conversation, Message, Reason, SendingStatus
from chalicelib.model.entry import Progress
from chalicelib.model.message_ids import locate_message
from chalicelib.model.pacing import Hold
from chalicelib.model.task import InvitationTask, NoticeTask, ProbeTask, ProofTask, SendTask
from chalicelib.outbound.feedback_events import ACCOUNT, CONVERSATION, MESSAGE, ROUND
from chalicelib.outbound.left_mail import outgoing_ids
from chalicelib.outbound.note_switch import note_switch
from chalicelib.outbound.pacing import WAITS_ITS_TURN, spread
from chalicelib.outbound.progress import moved, newly_failed
from chalicelib.outbound.retry import LEASE, Step, next_step, pause, seconds_until
from chalicelib.outbound.send_invitation import send_invitation
from chalicelib.outbound.send_notice import send_notice
from chalicelib.outbound.send_probe import send_probe
from chalicelib.outbound.send_proof import send_proof
from chalicelib.outbound.sending_way import find_way
from chalicelib.outbound.take_turn import ask_ses, take_turn
from chalicelib.outbound.tell_failure import tell_failure
from chalicelib.outbound.written_mail import written_mail
from chalicelib.storage import conversations
from chalicelib.storage.queues import enqueue_answer
from chalicelib.storage.sending import advance, read_writers

TRIES = 10  # at noting a failure: whoever gives up leaves an answer of unknown fate


def send_mail(body: str) -> SendingStatus | None:
    """Handle one message of the outbound queue; return how far the answer got, None when there was nothing to do."""
    task = read_task(body)
    if isinstance(task, ProofTask):
        return send_proof(task, clock.now())
    if isinstance(task, InvitationTask):
        return send_invitation(task, clock.now())
    if isinstance(task, NoticeTask):
        return send_notice(task, clock.now())
    if isinstance(task, ProbeTask):
        return send_probe(task, clock.now())
    log.follow(task.message_id)
    found = conversations.get_message(task.account_id, task.message_id)
    if found is None:
        _require_id(task.message_id)
        log.info("erased_before_it_left")  # since it is written before it is queued
        return None
    if found[0].sending is None:
        raise PermanentFault("the queue names what is no answer")
    message, conversation = found
    now = clock.now()
    try:
        match next_step(found[0].sending, message.created_at, now):
            case Step.LEAVE:
                return None
            case Step.WAIT:
                enqueue_answer(task, delay=seconds_until(found[0].sending.due_at, now))
            case Step.UNCONFIRM:
                return _unconfirm(message, now, "The function that sent it died before it could note SES's answer.")
            case Step.GIVE_UP:
                return fail(message, Reason("gave_up", "SES did not take it for a day."), now)
            case Step.SEND:
                return _send(message, conversation, now)
    except LostRace:
        log.info("somebody_else_is_at_it")
    return None


def _require_id(message_id: str) -> None:
    try:
        locate_message(message_id)
    except ValueError as error:
        raise PermanentFault("the queue names what is no answer") from error


def read_task(body: str) -> SendTask | ProofTask | NoticeTask | ProbeTask | InvitationTask:
    """The task in a message of the outbound queue."""
    try:
        told = msgspec.json.decode(body)
        if isinstance(told, dict) and "proof_id" in told:
            return msgspec.convert(told, ProofTask)
        if isinstance(told, dict) and "invitation_id" in told:
            return msgspec.convert(told, InvitationTask)
        if isinstance(told, dict) and "notice_id" in told:
            return msgspec.convert(told, NoticeTask)
        if isinstance(told, dict) and "probe_id" in told:
            return msgspec.convert(told, ProbeTask)
        return msgspec.convert(told, SendTask)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotANotification(f"the queue message is no task: {error}") from error


def _send(message: Message, conversation: Conversation, now: datetime) -> SendingStatus:
    writers = read_writers(message, conversation.channel_id)
    if writers.account is None or writers.channel is None:
        return fail(message, Reason("channel_gone", "The conversation's channel is not there any more."), now)
    way = find_way(writers.channel, conversation.inbox_id)
    if way.refused is not None:
        return fail(message, way.refused, now)
    conversation = note_switch(conversation, way, now)
    try:
        draft = written_mail(message, conversation, writers.account, way, writers.author, now)
        raw = compose(draft)
        draft = replace(draft, inline=(), attachments=())  # their bytes are in the mail: not kept twice
    except Fault:
        raise
    except Exception as error:  # it would fail again and again: better told to a person at once
        log.error("not_composed", error)
        said = (
            f"{error.field}: {error.code}" if isinstance(error, ComposeError) else "an error of ours, which is logged"
        )
        return fail(message, Reason("not_composed", f"The mail could not be written ({said})."), now)
    if len(raw) > LARGEST_MAIL:
        text = f"The mail has {len(raw)} bytes; SES takes at most {LARGEST_MAIL}."
        return fail(message, Reason("mail_too_large", text), now)
    assert message.sending is not None
    hold = take_turn(len(_recipients(message)), message.id, automatic=message.automatic is not None)
    if hold is not None:
        return _hold_back(message, hold, clock.now())
    now = clock.now()
    claim = moved(
        replace(
            message,
            from_=draft.from_,
            reply_to=draft.reply_to,
            subject=draft.subject,
            message_id=draft.message_id,
            in_reply_to=(draft.in_reply_to,) if draft.in_reply_to else (),
            references=draft.references,
        ),
        SendingStatus.SENDING,
        now,
        leased_until=stamp(now + LEASE),
        attempts=message.sending.attempts + 1,
    )
    advance(Progress(message, claim.after))
    return _ask(claim.after, conversation, raw)


def _ask(message: Message, conversation: Conversation, raw: bytes) -> SendingStatus:
    """Ask SES, once. `message` is claimed by us."""
    assert message.sending is not None
    assert message.from_ is not None
    number = message.sending.round
    tags = {ACCOUNT: message.account_id, CONVERSATION: message.conversation_id, MESSAGE: message.id}
    tags |= {ROUND: str(number)} if number else {}
    try:
        ses_id = ask_ses(raw, from_address=message.from_.address, recipients=_recipients(message), tags=tags)
    except MailRefused as error:
        return fail(message, Reason("refused", error.detail), clock.now())
    except MailNotTaken as error:
        return _try_again(message, error.detail, clock.now())
    except MailUnconfirmed as error:
        log.warning("unconfirmed", because=error.detail)
        return _unconfirm(message, clock.now(), "SES's answer was lost.")
    now = clock.now()
    done = moved(message, SendingStatus.SENT, now, ses_id=ses_id)
    done = Progress(message, replace(done.after, sent_at=stamp(now)))
    advance(done, outgoing_ids(done.after, conversation, ses_id))
    return SendingStatus.SENT


def _recipients(message: Message) -> list[str]:
    """Who gets the mail in this round."""
    assert message.sending is not None
    return [each.address for each in message.sending.recipients if each.round == message.sending.round]


def _hold_back(message: Message, hold: Hold, now: datetime) -> SendingStatus:
    """Wait for room, which is no attempt; people see why, unless it is a matter of seconds."""
    if hold.code != WAITS_ITS_TURN:
        due_at = stamp(now + timedelta(seconds=hold.seconds))
        advance(moved(message, SendingStatus.QUEUED, now, because=Reason(hold.code, hold.text), due_at=due_at))
    enqueue_answer(SendTask(message.account_id, message.id), delay=hold.seconds)
    return SendingStatus.QUEUED


def _try_again(message: Message, said: str, now: datetime) -> SendingStatus:
    """Wait, ever longer; should the task be lost, the sweep finds the answer."""
    assert message.sending is not None
    seconds = spread(pause(message.sending.attempts), message.id)
    due_at = stamp(now + timedelta(seconds=seconds))
    advance(moved(message, SendingStatus.QUEUED, now, because=Reason("tried_again", said), due_at=due_at))
    enqueue_answer(SendTask(message.account_id, message.id), delay=seconds)
    return SendingStatus.QUEUED


def _unconfirm(message: Message, now: datetime, said: str) -> SendingStatus:
    text = f"{said} It may have left, so it is not sent again by itself; SES's events will tell."
    advance(moved(message, SendingStatus.UNCONFIRMED, now, because=Reason("answer_lost", text)))
    return SendingStatus.UNCONFIRMED


def fail(message: Message, because: Reason, now: datetime) -> SendingStatus:
    """The answer will not be sent: say so, with the reason, in its conversation."""
    assert message.sending is not None
    failed = moved(message, SendingStatus.FAILED, now, because=because)
    assert failed.after.sending is not None
    if message.automatic is not None:  # nobody has to do anything about it: it shows on the message
        advance(failed)
        return SendingStatus.FAILED
    told = newly_failed(message.sending, failed.after.sending)
    for attempt in range(1, TRIES + 1):
        conversation = conversations.get_conversation(message.account_id, message.conversation_id)
        if conversation is None:
            raise PermanentFault("the conversation of the answer is not there")
        try:
            tell_failure(conversation, failed, told, now)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return SendingStatus.FAILED
    raise AssertionError("the last attempt returns or raises")
