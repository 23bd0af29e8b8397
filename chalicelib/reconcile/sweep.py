"""The sweep: the scheduled function's story. Nothing that SES stored stays without a row, no answer stays unsent.

Answers that were due some minutes ago and have not left go onto the outbound queue again. Then it pages through `raw/`,
asks the table which mails have all their rows, and puts the others on the inbound queue again. A run stops before its
time is over and the next goes on where it stopped; a lease lets one run at a time. Requests grow with pages of the
bucket, not with mails.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.model.task import NoticeTask
from chalicelib.reconcile.lost_mail import MAX_REQUEUES, is_due, raw_id_of, recover_arrival
from chalicelib.storage import sweeps
from chalicelib.storage.queues import enqueue, enqueue_answer, enqueue_notice
from chalicelib.storage.raw_mail import StoredMail, fetch_head, list_raw
from chalicelib.storage.sending import list_unsent

PAGE = 1000  # objects that S3 lists in one request
BATCH = 50  # raw mails asked about in one request
PAGES = 5  # of a thousand objects, listed by one run: raw mail is kept for ever, and listing all of it every time costs
MARGIN = timedelta(seconds=60)  # of a lease over the time that its work may take
OVERDUE = timedelta(minutes=10)  # the queue has had its chance
MOST_ANSWERS = 1000  # put back by one run


class SweepReport(Struct, frozen=True):
    """What one run did. `given_up` mails were requeued often enough: admins see them; `finished`: to the end."""

    looked_at: int
    requeued: int
    given_up: int
    unreadable: int
    finished: bool
    ran: bool = True
    answers_requeued: int = 0


SKIPPED = SweepReport(0, 0, 0, 0, finished=False, ran=False)


def sweep(*, everything: bool = False, seconds: float = 240.0, pages: int = PAGES) -> SweepReport:
    """One run. `everything` starts at the beginning and takes mail of any age: after the local cloud was restarted.

    Any other run stops after so many `pages`, so that a long history costs time until a lost mail is found, not money.
    """
    owner = clock.new_id("run")
    if not sweeps.take_lease(owner, clock.now(), timedelta(seconds=max(seconds, 0)) + MARGIN):
        log.info("sweep_skipped", because="another run is at work")
        return SKIPPED
    try:
        return sweep_leased(owner, everything=everything, seconds=seconds, pages=pages)
    finally:
        sweeps.give_back(owner)


def sweep_leased(owner: str, *, everything: bool = False, seconds: float = 240.0, pages: int = PAGES) -> SweepReport:
    """The same for `owner`, who holds the lease and keeps it."""
    now = clock.now()
    position = None if everything else sweeps.read_position()
    deadline = time.monotonic() + seconds
    counts = _Counts()
    try:
        answers = _requeue_answers(now if everything else now - OVERDUE)
        for number, stored in enumerate(list_raw(position), 1):
            due = [each for each in stored if is_due(each.key, each.stored_at, now, everything=everything)]
            for start in range(0, len(due), BATCH):
                _requeue_lost(due[start : start + BATCH], now, counts)
            position = stored[-1].key if stored else position
            if time.monotonic() > deadline or (number >= pages and not everything and len(stored) == PAGE):
                break
        else:
            position = None
    finally:
        sweeps.remember_position(owner, position)
    report = SweepReport(
        counts.looked_at,
        counts.requeued,
        counts.given_up,
        counts.unreadable,
        finished=position is None,
        answers_requeued=answers,
    )
    log.metrics(
        "sweep",
        {
            "RawMailRequeued": (report.requeued, "Count"),
            "RawMailGivenUp": (report.given_up + report.unreadable, "Count"),
            "AnswersRequeued": (report.answers_requeued, "Count"),
        },
        dimensions={"Function": "reconcile"},
    )
    return report


def _requeue_answers(due_before: datetime) -> int:
    """An answer that is on the queue twice is sent once: its row decides (`outbound/retry.py`)."""
    tasks = list_unsent(due_before, MOST_ANSWERS)
    for task in tasks:
        if isinstance(task, NoticeTask):
            enqueue_notice(task)
        else:
            enqueue_answer(task)
    return len(tasks)


class _Counts:
    """Running totals of one run."""

    def __init__(self) -> None:
        self.looked_at = self.requeued = self.given_up = self.unreadable = 0


def _requeue_lost(batch: list[StoredMail], now: datetime, counts: _Counts) -> None:
    counts.looked_at += len(batch)
    lost = sweeps.unhandled([raw_id_of(each.key) for each in batch], MAX_REQUEUES)
    for mail in batch:
        times = lost.get(raw_id_of(mail.key))
        if times is None:
            continue
        if times >= MAX_REQUEUES:
            counts.given_up += 1
        if times > MAX_REQUEUES:
            continue
        arrival = recover_arrival(mail.key, fetch_head(mail.key), mail.stored_at)
        if arrival is None:
            counts.unreadable += 1
            log.warning("raw_mail_without_envelope", raw=raw_id_of(mail.key))
            continue
        gives_up = times == MAX_REQUEUES  # one more time, for a row that says so, and that admins see
        # Before it is counted: a mail that could not be requeued must not be given up for it.
        enqueue(replace(arrival, gives_up=gives_up))
        sweeps.note_requeue(arrival.raw_id, now)
        counts.requeued += not gives_up
        log.info("raw_mail_requeued", raw=arrival.raw_id, times=times + 1)
