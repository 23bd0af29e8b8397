"""The sweep's part of what requests begin and have no time to end, and of what begins by the clock.

Contacts that are merged or erased, conversations and tickets of users who were removed, and waiting conversations for
those whose working hours began. A failure of one is logged and keeps none of the others back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.clock import deadline
from chalicelib.contacts import unfinished as unfinished_contacts
from chalicelib.conversations import leave, offer_again
from chalicelib.errors import PostfachError

SECONDS = 60.0  # of a run, for each of the three
LOOKS_BACK = timedelta(minutes=20)  # hours that began since: a run that was lost does no harm


def go_on(now: datetime) -> int:
    """Go on with all of it; return how much came to its end or found somebody."""
    return sum(
        (
            _attempt("contacts", lambda: unfinished_contacts.go_on(deadline(SECONDS), now)),
            _attempt("leaving_users", lambda: leave.go_on(deadline(SECONDS), now)),
            _attempt("working_hours", lambda: offer_again.offer_by_the_clock(now - LOOKS_BACK, now, deadline(SECONDS))),
        )
    )


def _attempt(what: str, act: Callable[[], int]) -> int:
    try:
        return act()
    except PostfachError as error:
        log.error("unfinished_failed", error, what=what)
        return 0
