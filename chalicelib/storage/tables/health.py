"""Rows of what is observed of channels."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

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


class ProbeRow(Row, discriminator="probe"):
    """`model.ProbeState`."""

    channel_id = UnicodeAttribute()
    probe_id = UnicodeAttribute()
    asked_at = UnicodeAttribute()
    fates = Json()
    changed = Json()
    missed = NumberAttribute()
    day = UnicodeAttribute()
    sent_on_day = NumberAttribute()
    proven_at = UnicodeAttribute(null=True)


class TrafficRow(Row, discriminator="traffic"):
    """`model.Traffic` of one hour."""

    channel_id = UnicodeAttribute()
    delivered = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    last_delivered_at = UnicodeAttribute(null=True)
