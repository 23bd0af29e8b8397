"""`/v1/contacts`: the people outside. What is erased for good: `erasures.py`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.api import conversations
from chalicelib.api.answers import Answered, Link
from chalicelib.api.conversations import ConversationAnswer
from chalicelib.api.requests import Call, Cursor, Paging, read_body
from chalicelib.api.shapes import Listing, listing
from chalicelib.api.suppressions import WarningAnswer, shape_warning
from chalicelib.clock import deadline
from chalicelib.contacts import export, merging, records
from chalicelib.contacts.records import ContactPatch, NewContact
from chalicelib.conversations import read
from chalicelib.conversations.warnings import warnings_about
from chalicelib.model.conversation import Contact
from chalicelib.model.texts import Id

MERGING_SECONDS = 10.0  # what a request takes at most of what follows a merge


class ContactQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which contacts."""

    email: (
        Annotated[str, Meta(min_length=1, max_length=320, description="Exactly this address, in any case.")] | None
    ) = None


class ContactAnswer(Struct, frozen=True, kw_only=True):
    """A person outside, known by address."""

    id: str
    email: str
    addresses: Annotated[tuple[str, ...], Meta(description="Further addresses that mail of the contact comes from.")]
    name: str | None
    owner_id: Annotated[str, Meta(description="The user who looks after the contact (S57).")] | None
    merged_ids: Annotated[tuple[str, ...], Meta(description="Contacts it took over: their ids lead here.")]
    created_at: str
    warnings: Annotated[
        tuple[WarningAnswer, ...], Meta(description="Only where one contact is asked for: mail to it came back.")
    ] = ()


class MergeRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The contact that is taken over, with its addresses and all that was written with it. It cannot be undone."""

    contact_id: Id


class ExportQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which part of an export, and how large."""

    limit: Annotated[int, Meta(ge=1, le=export.LARGEST_PART, description="How many messages a part has at most.")] = (
        export.LARGEST_PART
    )
    cursor: Cursor | None = None


class ExportAnswer(Struct, frozen=True, kw_only=True):
    """A part of an export: here, or behind a link when it is large. `next` is the cursor of the part after it."""

    document: (
        Annotated[dict[str, Any], Meta(description="`{exported_at, contact, conversations, tickets, messages}`.")]
        | None
    )
    link: Link | None
    next: str | None


def shape(contact: Contact) -> ContactAnswer:
    """A contact in the shape of the API."""
    return ContactAnswer(
        id=contact.id,
        email=contact.email,
        addresses=contact.addresses,
        name=contact.name,
        owner_id=contact.owner_id,
        merged_ids=contact.merged_ids,
        created_at=contact.created_at,
    )


def list_contacts(call: Call) -> Listing[ContactAnswer]:
    """The contacts of the account, newest first."""
    query: ContactQuery = call.query
    page = records.page(call.caller, query.email, limit=query.limit, cursor=query.cursor)
    return listing(page, shape)


def add_contact(call: Call) -> Answered:
    """A contact before its first mail."""
    told: NewContact = call.body
    contact = records.add(call.caller, told, call.id_for("ctc"), call.now)
    return Answered(shape(contact), location=f"/v1/contacts/{contact.id}")


def get_contact(call: Call) -> ContactAnswer:
    """One contact; the id of one that was merged into it answers with it, too."""
    contact = read.contact_for(call.caller, call.path["contact_id"])
    warned = warnings_about(call.caller.account_id, contact.all_addresses)
    return replace(shape(contact), warnings=tuple(map(shape_warning, warned)))


def patch_contact(call: Call) -> ContactAnswer:
    """Name, owner and addresses."""
    patch = read_body(call.body, ContactPatch)
    return shape(records.change(call.caller, call.path["contact_id"], patch))


def merge_contacts(call: Call) -> ContactAnswer:
    """The contact takes another one over; what takes longer than a request follows within minutes."""
    told: MergeRequest = call.body
    until = deadline(MERGING_SECONDS)
    return shape(merging.merge(call.caller, call.path["contact_id"], told.contact_id, until, call.now))


def export_contact(call: Call) -> ExportAnswer:
    """A part of everything that is kept about a contact."""
    query: ExportQuery = call.query
    part = export.export(call.caller, call.path["contact_id"], limit=query.limit, cursor=query.cursor, now=call.now)
    link = Link(part.link.url, part.link.expires_at) if part.link else None
    return ExportAnswer(document=part.document, link=link, next=part.next)


def list_conversations(call: Call) -> Listing[ConversationAnswer]:
    """The conversations with a contact in inboxes that the caller may read."""
    query: Paging = call.query
    page = read.list_contact_conversations(call.caller, call.path["contact_id"], limit=query.limit, cursor=query.cursor)
    return listing(page, lambda each: conversations.shape(each, call.caller))
