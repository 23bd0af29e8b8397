"""Rows of pipelines and tickets."""

from __future__ import annotations

from pynamodb.attributes import (
    UnicodeAttribute,
)

from chalicelib.storage.tables.row import Json, Row


class PipelineRow(Row, discriminator="pipeline"):
    """`model.Pipeline`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    stages = Json()


class TicketRow(Row, discriminator="ticket"):
    """`model.Ticket`."""

    id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    subject = UnicodeAttribute()
    pipeline_id = UnicodeAttribute()
    stage_id = UnicodeAttribute()
    priority = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)
    owned_because = Json()
