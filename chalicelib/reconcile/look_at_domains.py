"""A step of the scheduled function: ask SES again for domains that are sent from, so that what it says of DKIM and
MAIL FROM does not grow old.

SES takes one such request a second ("Service quotas in Amazon SES"), so a run asks for as many as its time allows, the
longest unasked first; the list is in that order, so the next run goes on by itself. What its owner sets up now is asked
for every few minutes; what is verified twice a day, which bounds how long a change at SES stays unseen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import zip_longest

from msgspec import Struct

from chalicelib import log
from chalicelib.errors import LostRace, TemporaryFault
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.outbound.refresh_domain import refresh
from chalicelib.reconcile.mend_ses import mend_identity
from chalicelib.storage import sending_domains
from chalicelib.storage.observing import Pace

AGAIN = {
    DomainState.PENDING: timedelta(minutes=5),
    DomainState.FAILED: timedelta(hours=1),
    DomainState.VERIFIED: timedelta(hours=12),
}
MOST = 40  # of each state, listed by one run


class DomainsReport(Struct, frozen=True):
    """What one run did. `changed`: whose state became another; `finished`: none of those listed is left."""

    asked: int
    changed: int
    failed: int
    finished: bool


def look_at_domains(now: datetime, deadline: float, pace: Pace | None = None) -> DomainsReport:
    """Ask for the domains that are due until `time.monotonic()` is past `deadline`. `TemporaryFault`: SES is ill."""
    pace = pace or Pace()
    asked = changed = failed = 0
    for domain in _in_turn(now):
        if time.monotonic() >= deadline:
            return DomainsReport(asked, changed, failed, finished=False)
        pace.wait()
        asked += 1
        try:
            after = refresh(domain, now)
            changed += after.state is not domain.state
            if mend_identity(after, deadline, pace):
                refresh(after, now)
        except TemporaryFault:
            raise  # it concerns all of them; the next run begins with the same one
        except Exception as error:
            failed += 1
            log.error("domain_not_looked_at", error, domain=domain.domain)
            _put_off(domain, now)
    return DomainsReport(asked, changed, failed, finished=True)


def _in_turn(now: datetime) -> Iterator[SendingDomain]:
    """Those that are due, one of each state in turn, so that many of one state hold the others up for no long time."""
    lists = [sending_domains.looked_at_before(state, now - pause, MOST) for state, pause in AGAIN.items()]
    for group in zip_longest(*lists):
        yield from (each for each in group if each is not None)


def _put_off(domain: SendingDomain, now: datetime) -> None:
    try:
        sending_domains.put_off(domain, now)
    except LostRace:
        log.info("domain_changed_meanwhile", domain=domain.domain)
