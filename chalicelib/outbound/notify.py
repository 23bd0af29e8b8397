"""Automatic mail to a colleague: alerts, the mail to an absent owner (S60), invitations. One door, one limit.

    notify(account_id, user_id, kind, subject, text, now, about=...)

The notice is stored with what it takes of the limits, then its task goes onto the outbound queue
(`outbound/send_notice.py`). It leaves from `no-reply@` of the account's own domain, marked as automatic (RFC 3834), as
plain text without a signature (S41); answers to it reach nobody, so nothing can loop. Every failure is logged; none is
raised but a `Fault` of storage, after which the same call may simply be made again.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib import log
from chalicelib.clock import derived_id, stamp
from chalicelib.errors import Fault, LostRace
from chalicelib.mail.clean import clean_line, clean_text
from chalicelib.model import limits
from chalicelib.model.conversation import Reason, SendingStatus
from chalicelib.model.notice import PREFIX, Notice
from chalicelib.model.task import NoticeTask
from chalicelib.outbound.still_due import NO_SUCH_USER
from chalicelib.storage import notices, people, suppressions
from chalicelib.storage.limits import used_up
from chalicelib.storage.queues import enqueue_notice

LONGEST_SUBJECT, LONGEST_TEXT = 200, 20_000  # characters


def notify(
    account_id: str,
    user_id: str,
    kind: str,
    subject: str,
    text: str,
    now: datetime,
    *,
    about: str = "",
    message_id: str | None = None,
    channel_id: str | None = None,
) -> Reason:
    """Mail a user of the account; says with a code what became of it: `queued`, `told_before`, or why not.

    `kind` is a short code such as `channel_alert`. `about` names the occasion: the same kind and occasion reach a user
    once, however often this is called; without it, the present moment is the occasion. `message_id`, `channel_id`: what
    it tells of; once that is gone, or out of the user's reach, it does not leave any more (`still_due.py`).
    """
    user = people.get_user(account_id, user_id)
    if user is None:
        return NO_SUCH_USER
    notice = _notice(account_id, user.email, kind, subject, text, now, about)
    return _queue(replace(notice, user_id=user_id, message_id=message_id, channel_id=channel_id), now)


def notify_address(
    account_id: str, address: str, kind: str, subject: str, text: str, now: datetime, *, about: str = ""
) -> Reason:
    """The same to an address that is no user's (yet), such as an invitation's. No secret in `text`: it is stored."""
    return _queue(_notice(account_id, address, kind, subject, text, now, about), now)


def _notice(account_id: str, to: str, kind: str, subject: str, text: str, now: datetime, about: str) -> Notice:
    address = to.lower()
    return Notice(
        account_id=account_id,
        id=derived_id(PREFIX, account_id, address, kind, about or stamp(now)),
        topic=kind,
        address=address,
        subject=clean_line(subject)[:LONGEST_SUBJECT],
        text=clean_text(text)[:LONGEST_TEXT],
        created_at=stamp(now),
        status=SendingStatus.QUEUED,
        due_at=stamp(now),
    )


def _queue(notice: Notice, now: datetime) -> Reason:
    account_id, address, kind = notice.account_id, notice.address, notice.topic
    if suppressions.among(account_id, [address]):
        return _told(kind, address, Reason("suppressed", "Mail to this address came back, or was complained about."))
    spendings = limits.notices(account_id, address)
    try:
        notices.add(notice, spendings, now)
    except LostRace:
        before = notices.find(account_id, notice.id)
        if before is not None and before.status is not SendingStatus.QUEUED:
            return Reason("told_before", "The user was told of this before.")
        if before is None:
            budget = used_up(spendings, now)
            if budget is None:
                raise
            return _told(kind, address, Reason("limit_reached", f"There were {budget.most} such mails already."))
    _leave_soon(notice)
    return Reason("queued", "The mail is on its way.")


def _leave_soon(notice: Notice) -> None:
    try:
        enqueue_notice(NoticeTask(notice.account_id, notice.id))
    except Fault as error:
        log.warning("left_to_the_sweep", notice=notice.id, because=error.detail)


def _told(kind: str, address: str, because: Reason) -> Reason:
    dimensions = {"Function": "notify", "Status": because.code}
    log.metrics("notice", {"Notices": (1, "Count")}, dimensions=dimensions, kind=kind, to=log.mask(address))
    return because
