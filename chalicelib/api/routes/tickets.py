"""Tickets and the pipelines they move through. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import tickets
from chalicelib.api.auth import READ
from chalicelib.api.dispatch import Route, route
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.api.tickets import PipelineAnswer, TicketAnswer, TicketQuery

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/tickets", READ, tickets.list_tickets, "Tickets", Listing[TicketAnswer], query=TicketQuery),
    route("GET", "/v1/tickets/{ticket_id}", READ, tickets.get_ticket, "A ticket", TicketAnswer),
    route("GET", "/v1/pipelines", READ, tickets.list_pipelines, "Pipelines", Listing[PipelineAnswer], query=Paging),
)
# fmt: on
