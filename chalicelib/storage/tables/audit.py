"""Rows of the audit log."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from chalicelib.storage.tables.row import Json, Row


class AuditRow(Row, discriminator="audit"):
    """`model.AuditEntry`."""

    at = UnicodeAttribute()
    action = UnicodeAttribute()
    subject_id = UnicodeAttribute()
    user_id = UnicodeAttribute(null=True)
    token_id = UnicodeAttribute(null=True)
    before = Json(null=True)
    after = Json(null=True)
