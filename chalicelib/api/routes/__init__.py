"""The route tables: the whole of the API and its security, one file an area.

A row is method, path, permission, function, and what documents and validates it (`dispatch.Route`). What a permission
asks for stands in `auth.py`; what may be done in an inbox, in `conversations/access.py`.
"""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice, Response

from chalicelib.api import dispatch
from chalicelib.api.dispatch import Route
from chalicelib.api.routes import account, contacts, conversations, health, inboxes, operations, tickets

ROUTES: tuple[Route, ...] = (
    *operations.ROUTES,
    *account.ROUTES,
    *inboxes.ROUTES,
    *health.ROUTES,
    *conversations.ROUTES,
    *contacts.ROUTES,
    *tickets.ROUTES,
)


def register(app: Chalice) -> None:
    """Make every row a route of the app."""
    for route in ROUTES:
        name = f"{route.method}_{route.path.strip('/')}".translate(str.maketrans("/{}-.", "_____")).lower()
        # No content types here: Chalice would answer 415 in its own envelope.
        app.route(route.path, methods=[route.method], content_types=[], name=name)(_view(app, route))


def _view(app: Chalice, route: Route) -> Any:
    def view(**params: str) -> Response:
        request = app.current_request
        assert request is not None, "Chalice calls views with a request"
        return dispatch.respond(route, request, _request_id(app, request.context))

    return view


def _request_id(app: Chalice, context: dict[str, Any]) -> str:
    """API Gateway's id of the request, which it also tells the client, or Lambda's."""
    return str(context.get("requestId") or getattr(app.lambda_context, "aws_request_id", None) or "-")
