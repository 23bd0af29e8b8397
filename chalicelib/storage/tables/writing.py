"""Rows of what users write before it is sent, and of whom they name."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.storage.tables.row import Deflated, Row


class DraftRow(Row, discriminator="draft"):
    """`model.Draft`: its keys say of whom and about what."""

    content = Deflated()


class MentionRow(Row, discriminator="mention"):
    """`model.Mention`."""

    message_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    author_id = UnicodeAttribute()
    preview = UnicodeAttribute(null=True)


class UploadRow(Row, discriminator="upload"):
    """`model.Upload`; at `expires_at` DynamoDB may forget it, as the bucket does its bytes."""

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    filename = UnicodeAttribute()
    content_type = UnicodeAttribute()
    size = NumberAttribute()
    upload_expires_at = UnicodeAttribute()
