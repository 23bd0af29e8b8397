"""Going on with what a request had no time for: merges and erasures of contacts. The sweep's part of both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chalicelib import log
from chalicelib.contacts import erasure, merging
from chalicelib.errors import PostfachError
from chalicelib.model.conversation import ContactState
from chalicelib.storage import contacts

MOST = 200  # contacts looked at by one run


def go_on(until: Callable[[], bool], now: datetime) -> int:
    """Go on with all that is unfinished, the oldest first, until time is over; return how many came to their end.

    The failure of one is logged and keeps none of the others back.
    """
    ended = 0
    for contact in contacts.list_unfinished(MOST):
        if until():
            break
        story = erasure if contact.state is ContactState.ERASING else merging
        try:
            ended += story.go_on(contact, until, now)
        except PostfachError as error:
            log.error("contact_not_finished", error, contact=contact.id)
    return ended
