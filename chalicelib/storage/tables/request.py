"""Rows of what is asked for: repeated requests, and how often something limited was done."""

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
