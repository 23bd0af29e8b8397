"""Rows of what is asked for: repeated requests, how often something limited was done, and turns at sending."""

from __future__ import annotations

from pynamodb.attributes import (
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.storage.tables.row import Row


class IdempotencyRow(Row, discriminator="idempotency"):
    """Which request came with an idempotency key, so that its repeat makes nothing more (`storage/idempotency.py`)."""

    fingerprint = UnicodeAttribute()  # of the request
    made = UnicodeAttribute(null=True)  # the id of what it made, where that is not derived from the key


class CountRow(Row, discriminator="count"):
    """How often something limited was done."""

    times = NumberAttribute()


class SlotRow(Row, discriminator="slots"):
    """When the next mail may leave (`storage/pacing.py`)."""

    next_at = NumberAttribute()  # microseconds since 1970


class SendingLimitsRow(Row, discriminator="sending_limits"):
    """SES's limits as GetAccount told them (`model/pacing.py`)."""

    rate = NumberAttribute()
    quota = NumberAttribute()
    sent = NumberAttribute()
    looked_at = UnicodeAttribute()
    slowed_until = UnicodeAttribute(null=True)
