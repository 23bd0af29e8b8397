"""What requests begin and have no time to end, and what begins by the clock: a step of the scheduled function.

Contacts that are merged or erased, conversations and tickets of users who were removed, and waiting conversations for
those whose working hours began. A failure of one is logged and keeps none of the others back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib import log
from chalicelib.contacts import unfinished as unfinished_contacts
from chalicelib.conversations import leave, offer_again
from chalicelib.errors import PostfachError

LOOKS_BACK = timedelta(minutes=20)  # hours that began since: a run that was lost does no harm


class Unfinished(Struct, frozen=True):
    """How many contacts and removed users came to their end, and how many waiting conversations found somebody."""

    contacts: int
    users: int
    offered: int


def go_on(now: datetime, deadline: float) -> Unfinished:
    """Go on with all of it until `deadline` (`time.monotonic()`)."""

    def is_over() -> bool:
        return time.monotonic() > deadline

    return Unfinished(
        contacts=_attempt("contacts", lambda: unfinished_contacts.go_on(is_over, now)),
        users=_attempt("leaving_users", lambda: leave.go_on(is_over, now)),
        offered=_attempt("working_hours", lambda: offer_again.offer_by_the_clock(now - LOOKS_BACK, now, is_over)),
    )


def _attempt(what: str, act: Callable[[], int]) -> int:
    try:
        return act()
    except PostfachError as error:
        log.error("unfinished_failed", error, what=what)
        return 0
