"""`/v1/ticket-properties`: what an account notes of its tickets beyond subject, stage, priority and owner."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.model.ticket_property import PropertyType, TicketProperty
from chalicelib.settings import ticket_properties
from chalicelib.settings.ticket_properties import NewProperty


class PropertyAnswer(Struct, frozen=True, kw_only=True):
    """A property. Values: `text` and `date` (YYYY-MM-DD) are strings, `one_of` is a choice, `several_of` a list."""

    id: str
    name: str
    type: PropertyType
    choices: tuple[str, ...]
    created_at: str


def shape(found: TicketProperty) -> PropertyAnswer:
    """A property in the shape of the API."""
    return PropertyAnswer(
        id=found.id, name=found.name, type=found.type, choices=found.choices, created_at=found.created_at
    )


def list_properties(call: Call) -> Listing[PropertyAnswer]:
    """The properties of the account's tickets, oldest first."""
    query: Paging = call.query
    return listing(ticket_properties.page(call.caller, limit=query.limit, cursor=query.cursor), shape)


def add_property(call: Call) -> Answered:
    """A further property; its type stays for good."""
    told: NewProperty = call.body
    added = ticket_properties.add(call.caller, call.id_for("tpr"), told, call.now)
    return Answered(shape(added), added.version, f"/v1/ticket-properties/{added.id}")


def get_property(call: Call) -> Answered:
    """One property."""
    found = ticket_properties.property_for(call.caller, call.path["property_id"])
    return Answered(shape(found), found.version)


def patch_property(call: Call) -> Answered:
    """Name and choices. Tickets keep a choice that is taken out; it only cannot be given any more."""
    before = ticket_properties.property_for(call.caller, call.path["property_id"])
    after = patched(ticket_properties.settings_of(before), call.body)
    changed = ticket_properties.change(call.caller, before, after, call.accepted_versions, call.now)
    return Answered(shape(changed), changed.version)


def delete_property(call: Call) -> None:
    """Only one that no channel sets (409). Tickets keep the values they have."""
    found = ticket_properties.property_for(call.caller, call.path["property_id"])
    ticket_properties.delete(call.caller, found, call.now)
