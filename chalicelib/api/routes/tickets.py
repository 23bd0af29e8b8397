"""Tickets, the pipelines they move through and the properties they have. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import pipelines, ticket_properties, tickets
from chalicelib.api.auth import ADMIN, READ, WRITE
from chalicelib.api.dispatch import Route, route
from chalicelib.api.pipelines import PipelineAnswer
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.api.ticket_properties import PropertyAnswer
from chalicelib.api.tickets import (
    CommentRequest,
    LinkRequest,
    TicketAnswer,
    TicketEntryAnswer,
    TicketQuery,
    TicketRequest,
)
from chalicelib.settings.pipelines import PipelineSettings
from chalicelib.settings.ticket_properties import NewProperty, PropertySettings
from chalicelib.tickets.open_by_hand import TicketWish
from chalicelib.tickets.wishes import TicketPatch

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/tickets", READ, tickets.list_tickets, "Tickets", Listing[TicketAnswer], query=TicketQuery),
    route("POST", "/v1/tickets", WRITE, tickets.add_ticket, "Open a ticket", TicketAnswer,
          body=TicketRequest, status=201, rules=True, repeatable=True),
    route("POST", "/v1/conversations/{conversation_id}/tickets", WRITE, tickets.add_ticket_of_conversation,
          "Open a ticket for a conversation", TicketAnswer,
          body=TicketWish, body_optional=True, status=201, rules=True, repeatable=True),
    route("GET", "/v1/tickets/{ticket_id}", READ, tickets.get_ticket, "A ticket", TicketAnswer),
    route("PATCH", "/v1/tickets/{ticket_id}", WRITE, tickets.patch_ticket, "Change a ticket", TicketAnswer,
          body=TicketPatch, rules=True),
    route("POST", "/v1/tickets/{ticket_id}/conversations", WRITE, tickets.link_conversation,
          "Link a conversation with a ticket", TicketAnswer, body=LinkRequest, rules=True, repeatable=True),
    route("DELETE", "/v1/tickets/{ticket_id}/conversations/{conversation_id}", WRITE, tickets.unlink_conversation,
          "Unlink a conversation from a ticket", TicketAnswer, rules=True),
    route("GET", "/v1/tickets/{ticket_id}/entries", READ, tickets.list_entries, "History of a ticket",
          Listing[TicketEntryAnswer], query=Paging),
    route("GET", "/v1/tickets/{ticket_id}/comments", READ, tickets.list_comments, "Comments of a ticket",
          Listing[TicketEntryAnswer], query=Paging),
    route("POST", "/v1/tickets/{ticket_id}/comments", WRITE, tickets.add_comment, "Comment on a ticket",
          TicketEntryAnswer, body=CommentRequest, status=201, rules=True, repeatable=True),
    route("GET", "/v1/pipelines", READ, pipelines.list_pipelines, "Pipelines", Listing[PipelineAnswer], query=Paging),
    route("POST", "/v1/pipelines", ADMIN, pipelines.add_pipeline, "Add a pipeline", PipelineAnswer,
          body=PipelineSettings, status=201, versioned=True, rules=True, repeatable=True),
    route("GET", "/v1/pipelines/{pipeline_id}", READ, pipelines.get_pipeline, "A pipeline", PipelineAnswer,
          versioned=True),
    route("PATCH", "/v1/pipelines/{pipeline_id}", ADMIN, pipelines.patch_pipeline, "Change a pipeline", PipelineAnswer,
          body=PipelineSettings, versioned=True, rules=True),
    route("DELETE", "/v1/pipelines/{pipeline_id}", ADMIN, pipelines.delete_pipeline, "Remove a pipeline", None,
          status=204, rules=True),
    route("GET", "/v1/ticket-properties", READ, ticket_properties.list_properties, "Properties of tickets",
          Listing[PropertyAnswer], query=Paging),
    route("POST", "/v1/ticket-properties", ADMIN, ticket_properties.add_property, "Add a property of tickets",
          PropertyAnswer, body=NewProperty, status=201, versioned=True, rules=True, repeatable=True),
    route("GET", "/v1/ticket-properties/{property_id}", READ, ticket_properties.get_property,
          "A property of tickets", PropertyAnswer, versioned=True),
    route("PATCH", "/v1/ticket-properties/{property_id}", ADMIN, ticket_properties.patch_property,
          "Change a property of tickets", PropertyAnswer, body=PropertySettings, versioned=True, rules=True),
    route("DELETE", "/v1/ticket-properties/{property_id}", ADMIN, ticket_properties.delete_property,
          "Remove a property of tickets", None, status=204, rules=True),
)
# fmt: on
