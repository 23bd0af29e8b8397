"""Rows of what is asked for: repeated requests, and how often something limited was done."""

from __future__ import annotations

from pynamodb.attributes import (
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.storage.tables.row import Row


class IdempotencyRow(Row, discriminator="idempotency"):
    """What a request with an idempotency key made, so that its repeat makes nothing more."""

    fingerprint = UnicodeAttribute()  # of the request
    made = UnicodeAttribute()  # the id of what it made


class CountRow(Row, discriminator="count"):
    """How often something limited was done."""

    times = NumberAttribute()
