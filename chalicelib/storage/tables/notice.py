"""Rows of automatic mail to colleagues, and of the addresses that automatic mail leaves alone."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.storage.tables.row import Json, Row


class NoticeRow(Row, discriminator="notice"):
    """`model.Notice`; at `expires_at` DynamoDB forgets it."""

    id = UnicodeAttribute()
    topic = UnicodeAttribute()
    address = UnicodeAttribute()
    subject = UnicodeAttribute()
    text = UnicodeAttribute()
    status = UnicodeAttribute()
    due_at = UnicodeAttribute()
    attempts = NumberAttribute()
    leased_until = UnicodeAttribute(null=True)
    because = Json(null=True)
    ses_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    channel_id = UnicodeAttribute(null=True)


class SuppressionRow(Row, discriminator="suppression"):
    """`model.Suppression`."""

    id = UnicodeAttribute()
    address = UnicodeAttribute()
    because = Json()
    message_id = UnicodeAttribute(null=True)
