"""`/v1/contacts`: the people outside."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api import conversations
from chalicelib.api.conversations import ConversationAnswer
from chalicelib.api.requests import Call, Paging, read_body
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import contacts, read
from chalicelib.conversations.contacts import ContactPatch
from chalicelib.model.conversation import Contact


class ContactQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which contacts."""

    email: (
        Annotated[str, Meta(min_length=1, max_length=320, description="Exactly this address, in any case.")] | None
    ) = None


class ContactAnswer(Struct, frozen=True, kw_only=True):
    """A person outside, known by address."""

    id: str
    email: str
    name: str | None
    owner_id: Annotated[str, Meta(description="The user who looks after the contact (S57).")] | None
    created_at: str


def shape(contact: Contact) -> ContactAnswer:
    """A contact in the shape of the API."""
    return ContactAnswer(
        id=contact.id,
        email=contact.email,
        name=contact.name,
        owner_id=contact.owner_id,
        created_at=contact.created_at,
    )


def list_contacts(call: Call) -> Listing[ContactAnswer]:
    """The contacts of the account, newest first."""
    query: ContactQuery = call.query
    page = contacts.page(call.caller, query.email, limit=query.limit, cursor=query.cursor)
    return listing(page, shape)


def get_contact(call: Call) -> ContactAnswer:
    """One contact."""
    return shape(read.contact_for(call.caller, call.path["contact_id"]))


def patch_contact(call: Call) -> ContactAnswer:
    """Name and owner."""
    patch = read_body(call.body, ContactPatch)
    return shape(contacts.change(call.caller, call.path["contact_id"], patch))


def list_conversations(call: Call) -> Listing[ConversationAnswer]:
    """The conversations with a contact in inboxes that the caller may read."""
    query: Paging = call.query
    page = read.list_contact_conversations(call.caller, call.path["contact_id"], limit=query.limit, cursor=query.cursor)
    return listing(page, conversations.shape)
