"""`/v1/deliveries` and `/v1/dead-letters`: what became of mail, and how it is handled again."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered, Link
from chalicelib.api.messages import link
from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import deliveries
from chalicelib.model.dead_letter import QueueName
from chalicelib.model.delivery import Delivery, Verdict


class DeliveryQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which of the deliveries that did not become a conversation."""

    verdict: Verdict | None = None


class ReplayRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How to handle a delivery again. `release`: an admin says that it is no spam."""

    release: bool = False


class ReturnRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How many dead letters to return at most."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    queue: QueueName = QueueName.INBOUND


class DeadLetterQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which dead letters, and how many at most."""

    queue: QueueName = QueueName.OUTBOUND
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class DeadLetterAnswer(Struct, frozen=True):
    """Something that a queue gave up on after five tries. `about`: the message or other mail, where it is known.

    Of the inbound queue it is a delivery: `POST /v1/deliveries/{id}/replay` handles its mail again.
    """

    queue: QueueName
    about: str | None
    since: str


class ReturnAnswer(Struct, frozen=True):
    """How many dead letters were put back on the queue."""

    moved: int


class DeliveryAnswer(Struct, frozen=True, kw_only=True):
    """One mail at one channel, and what became of it. Of mail to a channel that is off, only that it came."""

    id: str
    verdict: Verdict
    because: str
    because_code: str
    inbox_id: str | None
    channel_id: str | None
    conversation_id: str | None
    message_id: str | None
    of_delivery_id: Annotated[str, Meta(description="Of a duplicate: the delivery that was filed.")] | None
    recipients: tuple[str, ...]
    from_address: str | None
    subject: str | None
    attempts: int
    received_at: str
    raw_url: str | None


def shape(delivery: Delivery) -> DeliveryAnswer:
    """A delivery in the shape of the API."""
    return DeliveryAnswer(
        id=delivery.id,
        verdict=delivery.verdict,
        because=delivery.because.text,
        because_code=delivery.because.code,
        inbox_id=delivery.inbox_id,
        channel_id=delivery.channel_id,
        conversation_id=delivery.conversation_id,
        message_id=delivery.message_id,
        of_delivery_id=delivery.of_delivery_id,
        recipients=delivery.recipients,
        from_address=delivery.from_address,
        subject=delivery.subject,
        attempts=delivery.attempts,
        received_at=delivery.received_at,
        raw_url=None if delivery.verdict is Verdict.CHANNEL_OFF else f"/v1/deliveries/{delivery.id}/raw",
    )


def list_deliveries(call: Call) -> Listing[DeliveryAnswer]:
    """What did not become a conversation, and why, newest first (§7.1)."""
    query: DeliveryQuery = call.query
    page = deliveries.page(call.caller, query.verdict, limit=query.limit, cursor=query.cursor, now=call.now)
    return listing(page, shape)


def get_delivery(call: Call) -> DeliveryAnswer:
    """One delivery, also one that was filed."""
    return shape(deliveries.delivery_for(call.caller, call.path["delivery_id"]))


def get_raw(call: Call) -> Link:
    """A link to the raw mail."""
    return link(deliveries.raw_link(call.caller, call.path["delivery_id"], call.now))


def replay(call: Call) -> Answered:
    """Put back on the queue; the answer is the delivery as it still is."""
    told: ReplayRequest = call.body
    delivery = deliveries.replay(call.caller, call.path["delivery_id"], released=told.release, now=call.now)
    return Answered(shape(delivery), location=f"/v1/deliveries/{delivery.id}")


def return_dead_letters(call: Call) -> ReturnAnswer:
    """What the queue gave up on is tried again."""
    told: ReturnRequest = call.body
    return ReturnAnswer(deliveries.return_dead_letters(told.limit, told.queue))


def list_dead_letters(call: Call) -> Listing[DeadLetterAnswer]:
    """What a queue gave up on, of this account where that is known."""
    query: DeadLetterQuery = call.query
    found = deliveries.dead_letters(call.caller, query.queue, query.limit, call.now)
    return Listing(tuple(DeadLetterAnswer(each.queue, each.about, each.since) for each in found), None)
