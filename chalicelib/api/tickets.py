"""`/v1/tickets` and `/v1/pipelines`: what is to be solved, and the steps it goes through."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import read
from chalicelib.errors import InvalidInput
from chalicelib.model.inbox import Priority
from chalicelib.model.texts import Id
from chalicelib.model.ticket import Pipeline, Stage, Ticket


class TicketQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which tickets: those of a stage (with its pipeline), those of an owner, or all."""

    pipeline_id: Id | None = None
    stage_id: Id | None = None
    owner_id: (
        Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=200, description="A user's id, or `none`.")] | None
    ) = None


class TicketAnswer(Struct, frozen=True, kw_only=True):
    """Something to be solved, opened from a conversation."""

    id: str
    inbox_id: str
    conversation_id: str
    contact_id: str
    subject: str
    pipeline_id: str
    stage_id: str
    priority: Priority | None
    owner_id: str | None
    owned_because: str
    owned_because_code: str
    created_at: str


class PipelineAnswer(Struct, frozen=True, kw_only=True):
    """The ordered stages that tickets move through."""

    id: str
    name: str
    stages: tuple[Stage, ...]
    created_at: str


def shape(ticket: Ticket) -> TicketAnswer:
    """A ticket in the shape of the API."""
    return TicketAnswer(
        id=ticket.id,
        inbox_id=ticket.inbox_id,
        conversation_id=ticket.conversation_id,
        contact_id=ticket.contact_id,
        subject=ticket.subject,
        pipeline_id=ticket.pipeline_id,
        stage_id=ticket.stage_id,
        priority=ticket.priority,
        owner_id=ticket.owner_id,
        owned_because=ticket.owned_because.text,
        owned_because_code=ticket.owned_because.code,
        created_at=ticket.created_at,
    )


def list_tickets(call: Call) -> Listing[TicketAnswer]:
    """Tickets of inboxes that the caller may read, newest first."""
    query: TicketQuery = call.query
    if (query.pipeline_id is None) != (query.stage_id is None):
        missing = "/stage_id" if query.stage_id is None else "/pipeline_id"
        raise InvalidInput("A stage is named together with its pipeline.", pointer=missing)
    if query.stage_id is not None and query.owner_id is not None:
        raise InvalidInput("Ask for the tickets of a stage or of an owner, not of both.", pointer="/owner_id")
    stage = (query.pipeline_id, query.stage_id) if query.pipeline_id and query.stage_id else None
    page = read.list_tickets(call.caller, stage, query.owner_id, limit=query.limit, cursor=query.cursor)
    return listing(page, shape)


def get_ticket(call: Call) -> TicketAnswer:
    """One ticket."""
    return shape(read.ticket_for(call.caller, call.path["ticket_id"]))


def list_pipelines(call: Call) -> Listing[PipelineAnswer]:
    """The pipelines of the account, oldest first."""
    query: Paging = call.query
    page = read.list_pipelines(call.caller, limit=query.limit, cursor=query.cursor)
    return listing(page, _pipeline)


def _pipeline(pipeline: Pipeline) -> PipelineAnswer:
    return PipelineAnswer(id=pipeline.id, name=pipeline.name, stages=pipeline.stages, created_at=pipeline.created_at)
