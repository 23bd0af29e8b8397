"""Handling a delivery again, after a mended fault or because an admin released it: without duplicates.

A delivery that was not filed is judged anew, as if the mail came now. One that was filed keeps its place: the message
is understood anew and written over the old, and nothing else moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import TemporaryFault
from chalicelib.inbound.choose_channel import Visit
from chalicelib.inbound.decide import Case
from chalicelib.inbound.file_mail import read_as, refreshed
from chalicelib.mail import read_mail
from chalicelib.model.delivery import Arrival, Delivery, Source
from chalicelib.model.delivery_ids import locate_delivery
from chalicelib.model.filing import Door
from chalicelib.storage import filing as store
from chalicelib.storage.queues import enqueue


def replay(delivery: Delivery, now: datetime, *, released: bool = False) -> None:
    """Put a delivery's mail on the inbound queue again; `released`: an admin says it is no spam."""
    arrival = replace(
        delivery.arrival,
        received_at=stamp(now),
        recipients=delivery.recipients,
        source=Source.REPLAY,
        delivery_id=delivery.id,
        after_attempts=delivery.attempts,
        released=released,
    )
    enqueue(arrival)


def judge_again(
    arrival: Arrival,
    visits: Sequence[Visit],
    raw: Future[bytes],
    deliver: Callable[[Case, Future[bytes]], Delivery],
) -> Delivery:
    """Handle a replayed arrival; `visits` is where its recipients lead today."""
    seen = store.read_delivery(*locate_delivery(arrival.delivery_id or ""))
    if seen is None:
        raise TemporaryFault("the delivery to replay is not there")
    if seen.attempts > arrival.after_attempts > 0:
        return seen  # the queue delivers twice; an admin asked once
    if seen.verdict.is_filed:
        return _refresh(seen, raw.result())
    same = [visit for visit in visits if visit.door.channel_id == seen.channel_id]
    anywhere = [visit for visit in visits if visit.door.channel_id is not None]
    nowhere = Visit(Door(seen.recipients[0], seen.account_id), seen.recipients)
    visit = [*same, *anywhere, nowhere][0] if seen.channel_id else [*anywhere, nowhere][0]
    return deliver(Case(arrival, visit, replaces=seen), raw)


def _refresh(seen: Delivery, raw: bytes) -> Delivery:
    message = store.read_message(seen)
    if message is None:
        raise TemporaryFault("the message of the delivery is not there")
    original_sender = message.forwarded_by is not None
    reading = read_as(read_mail(raw), seen.arrival, to_original_sender=original_sender)
    delivery, message = refreshed(seen, message, reading)
    store.refresh(delivery, message, seen)
    return delivery
