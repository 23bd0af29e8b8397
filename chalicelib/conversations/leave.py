"""What becomes of the work of a user who was removed: conversations and tickets are nobody's, and say why.

The user is nobody from the moment of the removal; this follows page by page, in the request as far as it has time, then
by the sweep, which looks again some minutes later for what was assigned at that very moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.errors import LostRace, PostfachError
from chalicelib.model.conversation import Reason
from chalicelib.storage import accounts, inboxes, leaving
from chalicelib.storage.leaving import Leaving

MOST = 200  # users looked at by one run
SETTLED = timedelta(minutes=10)  # by then no function is at work that read the user as it was before


def go_on(until: Callable[[], bool], now: datetime) -> int:
    """Go on with all removed users until time is over; return how many are gone for good."""
    ended = 0
    for each in leaving.list_leaving(MOST):
        if until():
            break
        try:
            ended += hand_back(each, until, now)
        except PostfachError as error:  # one that fails keeps none of the others back
            log.error("removal_not_finished", error, user=each.user.id)
    return ended


def hand_back(each: Leaving, until: Callable[[], bool], now: datetime) -> bool:
    """Take what is assigned to a removed user away, until time is over; whether the user is gone for good."""
    user = each.user
    account = accounts.read(user.account_id)
    if account is None:
        return False
    unassigned = Reason("assignee_removed", f"{user.called}, who had it, does not work here any more.")
    inbox_ids = [inbox.id for inbox in inboxes.all_inboxes(user.account_id)]
    found = leaving.remove_tokens(user)
    for conversation in leaving.assigned(user, inbox_ids, leaving.years_of(account.created_at, now)):
        if until():
            return False
        found += 1
        leaving.unassign(conversation, unassigned)
    for ticket in leaving.owned(user):
        if until():
            return False
        found += 1
        leaving.disown(ticket, Reason("owner_removed", f"{user.called}, who owned it, does not work here any more."))
    if found or now - datetime.fromisoformat(each.removed_at) < SETTLED:
        return False
    try:
        leaving.end(each)
    except LostRace:
        return False
    return True
