"""Rows of what became of a mail, and of the sweep that looks after them."""

from __future__ import annotations

from pynamodb.attributes import (
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.storage.tables.row import Json, Row


class ClaimRow(Row, discriminator="claim"):
    """Which delivery filed this content for a channel, where the row of the mail's own Message-ID does not say it."""

    delivery_id = UnicodeAttribute()


class DeliveryRow(Row, discriminator="delivery"):
    """`model.Delivery`."""

    id = UnicodeAttribute()
    channel_id = UnicodeAttribute(null=True)
    inbox_id = UnicodeAttribute(null=True)
    recipients = Json()
    verdict = UnicodeAttribute()
    because = Json()
    arrival = Json()
    received_at = UnicodeAttribute()
    conversation_id = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    from_address = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    of_delivery_id = UnicodeAttribute(null=True)
    attempts = NumberAttribute()


class RawMailRow(Row, discriminator="raw_mail"):
    """That every delivery of a raw mail has its row."""


class RequeueRow(Row, discriminator="requeue"):
    """How often the sweep put a raw mail on the queue again."""

    times = NumberAttribute()


class SweepRow(Row, discriminator="sweep"):
    """The one lease on sweeping, and the key of the object after which the next run goes on."""

    leased_until = UnicodeAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    position = UnicodeAttribute(null=True)


class RunRow(Row, discriminator="run"):
    """`model.Run`."""

    id = UnicodeAttribute()
    started_at = UnicodeAttribute()
    leased_until = UnicodeAttribute()
    ended_at = UnicodeAttribute(null=True)
    requests = NumberAttribute()
    steps = Json()
