"""Rows of what is observed of channels."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from chalicelib.storage.tables.row import Json, Row


class HealthRow(Row, discriminator="health"):
    """`model.ChannelHealth`: apart from the channel's settings, so that the versions of both never collide."""

    channel_id = UnicodeAttribute()
    incoming = Json()
    outgoing = Json()
    checked_at = UnicodeAttribute()


class HealthChangeRow(Row, discriminator="health_change"):
    """`model.HealthChange`."""

    channel_id = UnicodeAttribute()
    at = UnicodeAttribute()
    direction = UnicodeAttribute()
    before = UnicodeAttribute()
    after = UnicodeAttribute()
    because = Json()
    evidence = Json()
