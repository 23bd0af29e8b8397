"""Rows of pipelines, tickets and what belongs to them."""

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
    on_answer_stage_id = UnicodeAttribute(null=True)
    on_reply_stage_id = UnicodeAttribute(null=True)


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
    further = Json(null=True)
    properties = Json(null=True)
    staged_because = Json(null=True)
    closed_at = UnicodeAttribute(null=True)


class TicketEntryRow(Row, discriminator="ticket_entry"):
    """`model.TicketEntry`."""

    id = UnicodeAttribute()
    ticket_id = UnicodeAttribute()
    type = UnicodeAttribute()
    text = UnicodeAttribute()
    author_id = UnicodeAttribute(null=True)
    code = UnicodeAttribute(null=True)
    changes = Json(null=True)
    link = Json(null=True)


class TicketPropertyRow(Row, discriminator="ticket_property"):
    """`model.TicketProperty`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    type = UnicodeAttribute()
    choices = Json()
