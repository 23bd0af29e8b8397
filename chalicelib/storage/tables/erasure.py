"""Rows of the certificates that say what was erased of a contact."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.storage.tables.row import Json, Row


class CertificateRow(Row, discriminator="certificate"):
    """`model.Certificate`; `position` is where looking through deliveries goes on."""

    id = UnicodeAttribute()
    status = UnicodeAttribute()
    contact_id = UnicodeAttribute(null=True)
    contact_digest = UnicodeAttribute()
    address_digests = Json()
    asked_by = UnicodeAttribute()
    token_id = UnicodeAttribute()
    erased_at = UnicodeAttribute(null=True)
    counts = Json()
    looked_through = BooleanAttribute(null=True)
    position = UnicodeAttribute(null=True)


class CertifiedRow(Row, discriminator="certified"):
    """What was erased at one stroke of an erasure: noted before, so that a count is never lost nor made twice."""

    counts = Json()
