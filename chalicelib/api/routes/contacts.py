"""Contacts, and what was written with them. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import contacts, messages
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.contacts import ContactAnswer, ContactQuery
from chalicelib.api.conversations import ConversationAnswer
from chalicelib.api.dispatch import Route, route
from chalicelib.api.messages import TimelineEntry
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.conversations.contacts import ContactPatch

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/contacts", READ, contacts.list_contacts, "Contacts", Listing[ContactAnswer], query=ContactQuery),
    route("GET", "/v1/contacts/{contact_id}", READ, contacts.get_contact, "A contact", ContactAnswer),
    route("PATCH", "/v1/contacts/{contact_id}", WRITE, contacts.patch_contact, "Change name or owner of a contact",
          ContactAnswer, body=ContactPatch, rules=True),
    route("GET", "/v1/contacts/{contact_id}/timeline", READ, messages.list_timeline, "What was written with a contact",
          Listing[TimelineEntry], query=Paging),
    route("GET", "/v1/contacts/{contact_id}/conversations", READ, contacts.list_conversations,
          "Conversations with a contact", Listing[ConversationAnswer], query=Paging),
)
# fmt: on
