"""The story of an incoming mail: read, understand, decide, commit. What follows from it (notifications, webhooks) hangs
on the table's stream, never on this function.

One call handles one queue message: one raw mail, one delivery for each channel it arrived at. Handling it again ends in
the same state: ids are derived, and a delivery that has its row is done. What fails is raised, so that the queue
tries again; the deliveries before it are kept, the ones after it are still tried.
"""

from __future__ import annotations

import hashlib
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from msgspec.structs import replace

from chalicelib import log
from chalicelib.config import config
from chalicelib.errors import LostRace, TemporaryFault
from chalicelib.inbound.arrivals import read_arrival
from chalicelib.inbound.choose_channel import visits
from chalicelib.inbound.decide import Case, decide
from chalicelib.inbound.find_doors import find_doors
from chalicelib.inbound.give_up import record
from chalicelib.inbound.replay import judge_again
from chalicelib.mail import read_mail
from chalicelib.mail.model import ParsedMail
from chalicelib.model.delivery import Delivery, Source, Verdict
from chalicelib.model.delivery_ids import locate_delivery
from chalicelib.storage import filing as store
from chalicelib.storage.queues import enqueue_report
from chalicelib.storage.raw_mail import fetch

MAX_DECISIONS = 12  # how often one delivery is decided anew when it loses races, before the queue tries again later

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch")


def receive_mail(body: str) -> tuple[Delivery, ...]:
    """Handle one message of the inbound queue; return what became of it, a delivery a channel.

    Raises `NotANotification` for what is no mail, and the family of `errors.Fault` for what could not be done (now).
    """
    arrival = read_arrival(body, bucket=config().mail_bucket)
    log.follow(arrival.raw_id)
    if arrival.gives_up:
        return record(arrival)
    raw = _pool.submit(fetch, arrival.raw_key)
    todo = visits(find_doors(arrival))
    if arrival.source is Source.REPLAY:
        return (judge_again(arrival, todo, raw, _deliver),)
    deliveries: list[Delivery] = []
    failures: list[Exception] = []
    for number, visit in enumerate(todo, 1):
        case = Case(arrival, visit, completes=number == len(todo) and not failures)
        try:
            deliveries.append(_deliver(case, raw))
        except Exception as error:
            log.error("delivery_failed", error, recipients=[log.mask(each) for each in visit.recipients])
            failures.append(error)
    wait([raw])  # nothing of a mail that nobody had to read goes on behind the function's back
    if failures:
        raise failures[0]
    return tuple(deliveries)


def _deliver(case: Case, raw: Future[bytes]) -> Delivery:
    """Bring one delivery to its row; a mail that cannot be handled as what it is becomes an unreadable one.

    A raw mail that cannot be fetched is not unreadable: that is raised, whatever the reason.
    """
    if case.leads_nowhere:
        return _settle(case, None)
    content = raw.result()
    try:
        return _settle(case, read_mail(content))
    except TemporaryFault:
        raise
    except Exception as error:
        log.error("filed_as_unreadable", error)
        return _settle(case, _unreadable(content))


def _settle(case: Case, mail: ParsedMail | None) -> Delivery:
    for attempt in range(MAX_DECISIONS):
        if attempt:
            time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 6)))  # noqa: S311 jitter, no secret
            done = store.read_delivery(*locate_delivery(case.delivery_id))
            if done is not None and done.verdict is Verdict.DEAD_LETTER and case.replaces is None:
                case = replace(case, replaces=done)  # it was given up, and is handled after all
            elif done is not None and (case.replaces is None or done.attempts > case.replaces.attempts):
                if case.completes:
                    store.complete(done)
                log.info("was_done_before", verdict=done.verdict, delivery=done.id)
                return done
        try:
            filing = decide(case, mail, afresh=attempt > 0)
            if filing.report is not None:  # first: told twice it changes nothing, untold it would be lost
                enqueue_report(filing.report)
            store.commit(filing)
        except LostRace as race:
            log.info("decided_again", attempt=attempt + 1, because=race.detail)
        else:
            return filing.delivery
    raise LostRace(f"the delivery lost {MAX_DECISIONS} races")


def _unreadable(raw: bytes) -> ParsedMail:
    return ParsedMail(defects=("unreadable",), content_hash=hashlib.sha256(raw).hexdigest())
