"""The story of a notice that leaves: see that it is still due, wait for its turn, claim, ask SES, note what SES said.

As with answers (`send_mail.py`), SES is asked at most once without a clear refusal; a notice of unknown
fate is never sent again.

The return path is SES's own: it takes no empty one (RFC 3834 §3.3), but bounces come to it alone, so nothing loops.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.clock import stamp
from chalicelib.errors import LostRace, MailNotTaken, MailRefused, MailUnconfirmed
from chalicelib.mail.compose import ComposeError, Draft, compose
from chalicelib.mail.model import Address
from chalicelib.model.account import Account
from chalicelib.model.conversation import Reason, SendingStatus
from chalicelib.model.notice import Notice
from chalicelib.model.task import NoticeTask
from chalicelib.outbound.choose_sender import one_line
from chalicelib.outbound.feedback_events import ACCOUNT, MESSAGE
from chalicelib.outbound.pacing import spread
from chalicelib.outbound.retry import LEASE, LONGEST_WAIT, pause
from chalicelib.outbound.still_due import not_due_because
from chalicelib.outbound.system_mail import system_mail
from chalicelib.outbound.take_turn import ask_ses, take_turn
from chalicelib.outbound.written_mail import account_domain
from chalicelib.storage import accounts, notices
from chalicelib.storage.queues import enqueue_notice

LOCAL_PART = "no-reply"


def send_notice(task: NoticeTask, now: datetime) -> SendingStatus | None:
    """Send a notice; None when there is nothing to do: it has left, somebody is at it, or there is none."""
    notice = notices.find(task.account_id, task.notice_id)
    account = accounts.read(task.account_id)
    if notice is None or account is None or notice.status not in notices.UNSENT:
        return None
    try:
        if notice.status is SendingStatus.SENDING:
            if notice.leased_until is not None and notice.leased_until > stamp(now):
                return None
            return _ended(notice, SendingStatus.UNCONFIRMED, "answer_lost", "The function died while SES was asked.")
        refused = not_due_because(notice)
        if refused is not None:
            return _ended(notice, SendingStatus.CANCELLED, refused.code, refused.text)
        if stamp(now - LONGEST_WAIT) >= notice.created_at:
            return _ended(notice, SendingStatus.FAILED, "gave_up", "SES did not take it for a day.")
        return _send(notice, account, now)
    except LostRace:
        log.info("somebody_else_is_at_it")
        return None


def notice_mail(notice: Notice, domain: str, company_name: str, now: datetime) -> Draft:
    """The mail: automatic, answerable by nobody. Pure."""
    sender = Address(one_line(company_name) or None, f"{LOCAL_PART}@{domain}")
    return system_mail(notice.id, sender, notice.address, notice.subject, notice.text, now)


def _send(notice: Notice, account: Account, now: datetime) -> SendingStatus:
    draft = notice_mail(notice, account_domain(account), account.company_name, now)
    try:
        raw = compose(draft)
    except ComposeError as error:
        log.error("notice_not_composed", error, notice=notice.id)
        return _ended(notice, SendingStatus.FAILED, "not_composed", "The mail could not be written.")
    hold = take_turn(1, notice.id, automatic=True)
    if hold is not None:
        return _wait(notice, hold.seconds, Reason(hold.code, hold.text), clock.now())
    now = clock.now()
    claimed = replace(
        notice,
        status=SendingStatus.SENDING,
        leased_until=stamp(now + LEASE),
        attempts=notice.attempts + 1,
        version=notice.version + 1,
    )
    notices.advance(notice, claimed)
    tags = {ACCOUNT: notice.account_id, MESSAGE: notice.id}
    try:
        ses_id = ask_ses(raw, from_address=draft.from_.address, recipients=[notice.address], tags=tags)
    except MailRefused as error:
        return _ended(claimed, SendingStatus.FAILED, "refused", error.detail)
    except MailUnconfirmed as error:
        return _ended(claimed, SendingStatus.UNCONFIRMED, "answer_lost", error.detail)
    except MailNotTaken as error:
        seconds = spread(pause(claimed.attempts), notice.id)
        return _wait(claimed, seconds, Reason("tried_again", error.detail), now)
    sent = replace(_moved(claimed, SendingStatus.SENT, None), ses_id=ses_id)
    notices.advance(claimed, sent)
    return SendingStatus.SENT


def _wait(notice: Notice, seconds: int, because: Reason, now: datetime) -> SendingStatus:
    waiting = _moved(notice, SendingStatus.QUEUED, because)
    notices.advance(notice, replace(waiting, due_at=stamp(now + timedelta(seconds=seconds))))
    enqueue_notice(NoticeTask(notice.account_id, notice.id), delay=seconds)
    return SendingStatus.QUEUED


def _ended(notice: Notice, status: SendingStatus, code: str, text: str) -> SendingStatus:
    log.warning("notice_not_sent", notice=notice.id, status=status, because=code)
    notices.advance(notice, _moved(notice, status, Reason(code, text)))
    return status


def _moved(notice: Notice, status: SendingStatus, because: Reason | None) -> Notice:
    return replace(notice, status=status, because=because, leased_until=None, version=notice.version + 1)
