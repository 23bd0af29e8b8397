"""Contacts, and what was written with them. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import contacts, erasures, messages
from chalicelib.api.auth import ADMIN, READ, READ_AS_ADMIN, WRITE
from chalicelib.api.contacts import ContactAnswer, ContactQuery, ExportAnswer, ExportQuery, MergeRequest
from chalicelib.api.conversations import ConversationAnswer
from chalicelib.api.dispatch import Route, route
from chalicelib.api.erasures import ErasureAnswer
from chalicelib.api.messages import TimelineEntry
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.contacts.records import ContactPatch, NewContact

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/contacts", READ, contacts.list_contacts, "Contacts", Listing[ContactAnswer], query=ContactQuery),
    route("POST", "/v1/contacts", WRITE, contacts.add_contact, "Add a contact", ContactAnswer,
          body=NewContact, status=201, rules=True, repeatable=True),
    route("GET", "/v1/contacts/{contact_id}", READ, contacts.get_contact, "A contact", ContactAnswer),
    route("PATCH", "/v1/contacts/{contact_id}", WRITE, contacts.patch_contact,
          "Change name, owner or addresses of a contact", ContactAnswer, body=ContactPatch, rules=True),
    route("DELETE", "/v1/contacts/{contact_id}", ADMIN, erasures.erase_contact,
          "Erase a contact with all that was written with it", ErasureAnswer, status=202),
    route("POST", "/v1/contacts/{contact_id}/merge", WRITE, contacts.merge_contacts,
          "Let a contact take another one over", ContactAnswer, body=MergeRequest, rules=True, repeatable=True),
    route("GET", "/v1/contacts/{contact_id}/export", ADMIN, contacts.export_contact,
          "Everything that is kept about a contact", ExportAnswer, query=ExportQuery),
    route("GET", "/v1/contacts/{contact_id}/timeline", READ, messages.list_timeline, "What was written with a contact",
          Listing[TimelineEntry], query=Paging),
    route("GET", "/v1/contacts/{contact_id}/conversations", READ, contacts.list_conversations,
          "Conversations with a contact", Listing[ConversationAnswer], query=Paging),
    route("GET", "/v1/erasures", READ_AS_ADMIN, erasures.list_erasures, "What was erased", Listing[ErasureAnswer],
          query=Paging),
    route("GET", "/v1/erasures/{erasure_id}", READ_AS_ADMIN, erasures.get_erasure, "A certificate of what was erased",
          ErasureAnswer),
)
# fmt: on
