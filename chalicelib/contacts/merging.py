"""Two contacts that are one person: one takes the other over, and what was written with it follows.

At once, in one transaction: the addresses lead to the kept contact, and the other one's page answers with it. Then
conversations, tickets and messages follow, page by page, as far as the request has time; the sweep does the rest, and
looks again some minutes later for what was being filed meanwhile.

Any user may merge, as any user keeps contacts: conversations stay in their inboxes, and nobody gets to see one more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib import log
from chalicelib.clock import stamp
from chalicelib.contacts.records import MOST_ADDRESSES
from chalicelib.conversations import read
from chalicelib.errors import LostRace, NotFound, Refused, TemporaryFault
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Contact, ContactState
from chalicelib.storage import accounts, contact_history, contacts

TRIES = 4
MOST_MERGED = 50  # contacts that one has taken over
SETTLED = timedelta(minutes=10)  # by then no function is at work that read the contact as it was before


def merge(caller: Caller, kept_id: str, gone_id: str, until: Callable[[], bool], now: datetime) -> Contact:
    """Let one contact take another one over; return it. What is missing of it (name, owner) it gets from the other.

    `until` says when time is over. `Refused`: they are the same, or together have too many addresses.
    """
    for attempt in range(1, TRIES + 1):
        kept = read.contact_for(caller, kept_id)
        gone = _other(caller, gone_id)
        if gone.id == kept.id and gone_id != kept_id:
            return kept  # they were merged before
        if gone.id == kept.id:
            raise Refused("This is the same contact.", pointer="/contact_id", code="same_contact")
        after, left = merged(kept, gone, stamp(now))
        try:
            if not set(kept.all_addresses).isdisjoint(gone.all_addresses):
                raise LostRace("one was merged into the other between the two reads")
            contacts.begin_merge((kept, after), (gone, left))
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        try:
            go_on(left, until, now)
        except TemporaryFault as error:  # it is merged: the sweep lets the rest follow
            log.warning("merge_goes_on_later", contact=left.id, error=type(error).__name__)
        return after
    raise AssertionError("the last attempt returns or raises")


def _other(caller: Caller, contact_id: str) -> Contact:
    try:
        return read.contact_for(caller, contact_id)
    except NotFound as error:
        raise Refused(f"There is no contact {contact_id}.", pointer="/contact_id", code="no_such_contact") from error


def merged(kept: Contact, gone: Contact, at: str) -> tuple[Contact, Contact]:
    """Both contacts once the one has taken the other over; nothing personal is left in the other. Pure."""
    addresses = tuple(dict.fromkeys((*kept.addresses, *gone.all_addresses)))
    ids = tuple(dict.fromkeys((*kept.merged_ids, *gone.all_ids)))
    if len(addresses) + 1 > MOST_ADDRESSES or len(ids) > MOST_MERGED:
        raise Refused(
            f"A contact has at most {MOST_ADDRESSES} addresses, and takes over at most {MOST_MERGED} others.",
            pointer="/contact_id",
            code="too_many_addresses",
        )
    after = replace(
        kept,
        name=kept.name or gone.name,
        owner_id=kept.owner_id or gone.owner_id,
        addresses=addresses,
        merged_ids=ids,
        version=kept.version + 1,
    )
    left = replace(
        gone,
        email="",
        name=None,
        owner_id=None,
        addresses=(),
        merged_ids=(),
        state=ContactState.MERGING,
        state_since=at,
        merged_into=kept.id,
        version=gone.version + 1,
    )
    return after, left


def go_on(gone: Contact, until: Callable[[], bool], now: datetime) -> bool:
    """Let follow what has not yet, until time is over; whether the merge is at its end."""
    kept = read.surviving(gone)
    account = accounts.read(gone.account_id)
    if kept is None or account is None:
        return False  # it is being erased, and with it what has not followed
    years = range(now.year, int(account.created_at[:4]) - 1, -1)
    found = 0
    for item in contact_history.everything_of(gone.account_id, [gone.id], years):
        if until():
            return False
        found += 1
        contact_history.move(item, kept.id)
    if found or now - datetime.fromisoformat(gone.state_since or gone.created_at) < SETTLED:
        return False
    try:
        contacts.end_merge(gone, replace(gone, state=ContactState.MERGED, version=gone.version + 1))
    except LostRace:
        return False
    return True
