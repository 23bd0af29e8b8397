"""The route table: the whole of the API and its security on two screens.

A row is method, path, permission, function, and what documents and validates it (`dispatch.Route`). What a permission
asks for stands in `auth.py`; what may be done in an inbox, in `conversations/access.py`.
"""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice, Response

from chalicelib.api import (
    answering,
    channels,
    contacts,
    conversations,
    deliveries,
    dispatch,
    from_addresses,
    inboxes,
    messages,
    previews,
    service,
    teams,
    tickets,
    tokens,
    users,
)
from chalicelib.api.answering import ConversationRequest, MessageRequest
from chalicelib.api.answers import Link
from chalicelib.api.auth import Permission
from chalicelib.api.channels import ChannelAnswer, SenderAnswer
from chalicelib.api.contacts import ContactAnswer, ContactQuery
from chalicelib.api.conversations import ConversationAnswer, ConversationPatch, ConversationQuery
from chalicelib.api.deliveries import DeliveryAnswer, DeliveryQuery, ReplayRequest, ReturnAnswer, ReturnRequest
from chalicelib.api.dispatch import Route
from chalicelib.api.from_addresses import FromAddressRequest, ProofAnswer
from chalicelib.api.inboxes import InboxAnswer, InboxRequest
from chalicelib.api.messages import MessageAnswer, MessageQuery, TimelineEntry
from chalicelib.api.previews import PreviewAnswer, PreviewQuery, PreviewRequest
from chalicelib.api.requests import Paging
from chalicelib.api.service import HealthAnswer
from chalicelib.api.shapes import Listing
from chalicelib.api.teams import TeamAnswer
from chalicelib.api.tickets import PipelineAnswer, TicketAnswer, TicketQuery
from chalicelib.api.tokens import NewTokenAnswer, TokenAnswer, TokenRequest
from chalicelib.api.users import AccountAnswer, MeAnswer, UserAnswer, UserRequest
from chalicelib.conversations.contacts import ContactPatch
from chalicelib.settings.channels import ChannelSettings
from chalicelib.settings.inboxes import InboxSettings
from chalicelib.settings.teams import TeamSettings
from chalicelib.settings.users import UserSettings

PUBLIC, READ, WRITE = Permission.PUBLIC, Permission.READ, Permission.WRITE
READ_AS_ADMIN, ADMIN, SUPER_ADMIN = Permission.READ_AS_ADMIN, Permission.ADMIN, Permission.SUPER_ADMIN


def _row(
    method: str, path: str, permission: Permission, function: Any, summary: str, answer: Any, **more: Any
) -> Route:
    return Route(
        method=method, path=path, permission=permission, function=function, summary=summary, answer=answer, **more
    )


# fmt: off
ROUTES: tuple[Route, ...] = (
    _row("GET", "/v1/health", PUBLIC, service.get_health, "Whether the service lives", HealthAnswer),
    _row("GET", "/v1/openapi.json", PUBLIC, service.get_openapi, "This description", dict[str, Any]),

    _row("GET", "/v1/account", READ, users.get_account, "The account of the token", AccountAnswer),
    _row("GET", "/v1/me", READ, users.get_me, "Whom the token stands for", MeAnswer),

    _row("GET", "/v1/users", READ, users.list_users, "Users", Listing[UserAnswer], query=Paging),
    _row("POST", "/v1/users", ADMIN, users.add_user, "Add a user", UserAnswer,
         body=UserRequest, status=201, versioned=True, rules=True),
    _row("GET", "/v1/users/{user_id}", READ, users.get_user, "A user", UserAnswer, versioned=True),
    _row("PATCH", "/v1/users/{user_id}", WRITE, users.patch_user, "Change a user", UserAnswer,
         body=UserSettings, versioned=True, rules=True),

    _row("GET", "/v1/teams", READ, teams.list_teams, "Teams", Listing[TeamAnswer], query=Paging),
    _row("POST", "/v1/teams", ADMIN, teams.add_team, "Add a team", TeamAnswer,
         body=TeamSettings, status=201, versioned=True),
    _row("GET", "/v1/teams/{team_id}", READ, teams.get_team, "A team", TeamAnswer, versioned=True),
    _row("PATCH", "/v1/teams/{team_id}", ADMIN, teams.patch_team, "Rename a team", TeamAnswer,
         body=TeamSettings, versioned=True),

    _row("GET", "/v1/tokens", READ_AS_ADMIN, tokens.list_tokens, "Access tokens", Listing[TokenAnswer], query=Paging),
    _row("POST", "/v1/tokens", ADMIN, tokens.add_token, "Make an access token", NewTokenAnswer,
         body=TokenRequest, status=201, rules=True),
    _row("DELETE", "/v1/tokens/{token_id}", ADMIN, tokens.delete_token, "Revoke an access token", None, status=204),

    _row("GET", "/v1/inboxes", READ, inboxes.list_inboxes, "Inboxes", Listing[InboxAnswer], query=Paging),
    _row("POST", "/v1/inboxes", ADMIN, inboxes.add_inbox, "Add an inbox", InboxAnswer,
         body=InboxRequest, status=201, versioned=True, rules=True),
    _row("GET", "/v1/inboxes/{inbox_id}", READ, inboxes.get_inbox, "An inbox", InboxAnswer, versioned=True),
    _row("PATCH", "/v1/inboxes/{inbox_id}", ADMIN, inboxes.patch_inbox, "Rename an inbox, or change who has access",
         InboxAnswer, body=InboxSettings, versioned=True, rules=True),

    _row("GET", "/v1/inboxes/{inbox_id}/channels", READ, channels.list_channels, "Channels of an inbox",
         Listing[ChannelAnswer], query=Paging),
    _row("GET", "/v1/channels/{channel_id}", READ, channels.get_channel, "A channel", ChannelAnswer, versioned=True),
    _row("PATCH", "/v1/channels/{channel_id}", ADMIN, channels.patch_channel, "Change a channel's settings",
         ChannelAnswer, body=ChannelSettings, versioned=True, rules=True),
    _row("POST", "/v1/channels/{channel_id}/preview", READ, previews.add_preview, "A mail as its recipient will see it",
         PreviewAnswer, query=PreviewQuery, body=PreviewRequest, body_optional=True, rules=True),
    _row("POST", "/v1/channels/{channel_id}/from-address", ADMIN, from_addresses.add_from_address,
         "Send from an address of one's own", SenderAnswer, body=FromAddressRequest, status=202, rules=True,
         limited=True),
    _row("POST", "/v1/from-address-proofs/{token}", PUBLIC, from_addresses.give_proof,
         "Prove an address by the code that was mailed to it", ProofAnswer, rules=True),

    _row("GET", "/v1/inboxes/{inbox_id}/conversations", READ, conversations.list_conversations,
         "Conversations of an inbox", Listing[ConversationAnswer], query=ConversationQuery),
    _row("POST", "/v1/inboxes/{inbox_id}/conversations", WRITE, answering.add_conversation, "Begin a conversation",
         ConversationAnswer, body=ConversationRequest, status=201, rules=True, limited=True,
         repeatable=True),
    _row("GET", "/v1/conversations/{conversation_id}", READ, conversations.get_conversation, "A conversation",
         ConversationAnswer),
    _row("PATCH", "/v1/conversations/{conversation_id}", WRITE, conversations.patch_conversation,
         "Assign, close or reopen a conversation", ConversationAnswer, body=ConversationPatch, rules=True),
    _row("GET", "/v1/conversations/{conversation_id}/messages", READ, messages.list_messages,
         "Messages of a conversation", Listing[MessageAnswer], query=MessageQuery),
    _row("POST", "/v1/conversations/{conversation_id}/messages", WRITE, answering.add_message, "Answer, or comment",
         MessageAnswer, body=MessageRequest, status=201, rules=True, limited=True, repeatable=True),
    _row("GET", "/v1/messages/{message_id}", READ, messages.get_message, "A message", MessageAnswer),
    _row("GET", "/v1/messages/{message_id}/raw", READ, messages.get_raw, "A link to the raw mail", Link),
    _row("GET", "/v1/messages/{message_id}/body", READ, messages.get_body, "A link to the whole body as JSON", Link),
    _row("GET", "/v1/messages/{message_id}/attachments/{index}", READ, messages.get_attachment,
         "A link to an attachment", Link),

    _row("GET", "/v1/contacts", READ, contacts.list_contacts, "Contacts", Listing[ContactAnswer], query=ContactQuery),
    _row("GET", "/v1/contacts/{contact_id}", READ, contacts.get_contact, "A contact", ContactAnswer),
    _row("PATCH", "/v1/contacts/{contact_id}", WRITE, contacts.patch_contact, "Change name or owner of a contact",
         ContactAnswer, body=ContactPatch, rules=True),
    _row("GET", "/v1/contacts/{contact_id}/timeline", READ, messages.list_timeline, "What was written with a contact",
         Listing[TimelineEntry], query=Paging),
    _row("GET", "/v1/contacts/{contact_id}/conversations", READ, contacts.list_conversations,
         "Conversations with a contact", Listing[ConversationAnswer], query=Paging),

    _row("GET", "/v1/tickets", READ, tickets.list_tickets, "Tickets", Listing[TicketAnswer], query=TicketQuery),
    _row("GET", "/v1/tickets/{ticket_id}", READ, tickets.get_ticket, "A ticket", TicketAnswer),
    _row("GET", "/v1/pipelines", READ, tickets.list_pipelines, "Pipelines", Listing[PipelineAnswer], query=Paging),

    _row("GET", "/v1/deliveries", READ_AS_ADMIN, deliveries.list_deliveries, "Mail that became no conversation",
         Listing[DeliveryAnswer], query=DeliveryQuery),
    _row("GET", "/v1/deliveries/{delivery_id}", READ_AS_ADMIN, deliveries.get_delivery, "What became of a mail",
         DeliveryAnswer),
    _row("GET", "/v1/deliveries/{delivery_id}/raw", READ_AS_ADMIN, deliveries.get_raw, "A link to the raw mail", Link),
    _row("POST", "/v1/deliveries/{delivery_id}/replay", ADMIN, deliveries.replay, "Handle a mail again",
         DeliveryAnswer, body=ReplayRequest, body_optional=True, status=202),
    _row("POST", "/v1/dead-letters/return", SUPER_ADMIN, deliveries.return_dead_letters,
         "Put dead letters back on the queue", ReturnAnswer, body=ReturnRequest, body_optional=True),
)
# fmt: on


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
