"""`/v1/channels/{channel_id}/held`: what came while a channel was off."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api import deliveries
from chalicelib.api.deliveries import DeliveryAnswer
from chalicelib.api.requests import Call, Cursor, Limit, Paging
from chalicelib.conversations import held


class HeldAnswer(Struct, frozen=True):
    """The mail that a channel holds, oldest first; of each only that it came. `count` is of all pages."""

    count: int
    items: tuple[DeliveryAnswer, ...]
    next: str | None


class ReleaseRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How much to release, oldest first; `cursor` is `next` of the answer before."""

    limit: Limit = 50
    cursor: Cursor | None = None


class ReleaseAnswer(Struct, frozen=True):
    """What is on its way now. Ask again with `next` as `cursor` until it is null."""

    released: int
    next: Annotated[str, Meta(description="Where to go on; null when everything is on its way.")] | None
    gone: Annotated[int, Meta(description="How many stay held, since their raw form is not kept any more.")] = 0


def list_held(call: Call) -> HeldAnswer:
    """What came while the channel was off (S87, S90)."""
    query: Paging = call.query
    found = held.held_mail(call.caller, call.path["channel_id"], limit=query.limit, cursor=query.cursor)
    return HeldAnswer(found.count, tuple(map(deliveries.shape, found.page.items)), found.page.next)


def release(call: Call) -> ReleaseAnswer:
    """Let it come in as if it came now (S90)."""
    told: ReleaseRequest = call.body
    done = held.release(call.caller, call.path["channel_id"], limit=told.limit, cursor=told.cursor, now=call.now)
    return ReleaseAnswer(done.released, done.next, done.gone)
