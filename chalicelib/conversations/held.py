"""Held mail, for admins: what came while a channel was off (S87), counted, listed, and released as if it came now.

A release (S90) puts mail on the inbound queue, oldest first, each a millisecond after the one before, so that messages
stand in the order in which they came, whatever order the queue keeps. Releasing again what is still on its way does
nothing more: a delivery is handled once for each number of attempts (`inbound/replay.py`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.conversations import read
from chalicelib.conversations.deliveries import raw_mail_gone, shown
from chalicelib.errors import Conflict
from chalicelib.inbound.replay import replay
from chalicelib.model.caller import Caller
from chalicelib.model.delivery import Delivery
from chalicelib.model.page import Page
from chalicelib.storage import held, raw_mail


class Held(Struct, frozen=True):
    """How much mail a channel holds, and a page of it, oldest first."""

    count: int
    page: Page[Delivery]


class Released(Struct, frozen=True):
    """How many mails are on their way now, and the cursor from which to release the rest (None: that was all).

    `gone`: how many stay behind, since their raw form is not kept any more.
    """

    released: int
    next: str | None
    gone: int = 0


def held_mail(caller: Caller, channel_id: str, *, limit: int, cursor: str | None) -> Held:
    """What a channel holds; of each mail only that it came (S87, S88)."""
    channel, _ = read.channel_for(caller, channel_id)
    found = held.page(caller.account_id, channel.id, limit=limit, cursor=cursor)
    return Held(
        held.how_many(caller.account_id, channel.id),
        Page(tuple(map(shown, found.items)), found.next),
    )


def release(caller: Caller, channel_id: str, *, limit: int, cursor: str | None, now: datetime) -> Released:
    """Let the `limit` oldest mails behind `cursor` come in.

    `Conflict` while the channel is off, and when the last of them are all gone for good.
    """
    channel, _ = read.channel_for(caller, channel_id)
    if not channel.enabled:
        raise Conflict(
            "The channel is off: what it holds would be held again. Switch it on first, then release.",
            code="channel_off",
        )
    found = held.page(caller.account_id, channel.id, limit=limit, cursor=cursor)
    kept = raw_mail.which_are_kept([each.arrival.raw_key for each in found.items])
    going = [each for each in found.items if each.arrival.raw_key in kept]
    if found.items and not going and found.next is None:
        raise raw_mail_gone("The raw form of what is held here is not kept any more, so that it cannot come in.")
    for number, delivery in enumerate(going):
        replay(delivery, now + timedelta(milliseconds=number))
    return Released(len(going), found.next, len(found.items) - len(going))
