"""Properties that an account gives its tickets: name, type, and the choices of a list (S66).

The type never changes, and tickets keep the values they have: a choice that is taken out of the list, and a property
that is removed, only cannot be given any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, LostRace, NotFound, Refused
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.page import Page
from chalicelib.model.texts import Name
from chalicelib.model.ticket_property import PropertyType, TicketProperty
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import inboxes, ticket_properties

MOST = 100  # properties of an account
Choices = Annotated[tuple[Name, ...], Meta(max_length=200, description="Only of a list type.")]


class PropertySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a property."""

    name: Name
    choices: Choices = ()


class NewProperty(Struct, frozen=True, forbid_unknown_fields=True):
    """A property as it is added."""

    name: Name
    type: PropertyType
    choices: Choices = ()


def settings_of(found: TicketProperty) -> PropertySettings:
    """The part of a property that can be changed."""
    return PropertySettings(found.name, found.choices)


def property_for(caller: Caller, property_id: str) -> TicketProperty:
    """A property of the account's tickets."""
    found = ticket_properties.get_property(caller.account_id, property_id)
    if found is None:
        raise NotFound("Tickets have no such property.")
    return found


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[TicketProperty]:
    """The properties of the account's tickets, oldest first."""
    return ticket_properties.page_of_properties(caller.account_id, limit=limit, cursor=cursor)


def add(caller: Caller, property_id: str, new: NewProperty, now: datetime) -> TicketProperty:
    """Add a property. The same id again adds none, and gives the one that is there."""
    known = ticket_properties.all_properties(caller.account_id)
    if property_id in known:
        return known[property_id]
    if len(known) >= MOST:
        raise Conflict(f"Tickets have at most {MOST} properties. Remove one first.", code="too_many_properties")
    added = TicketProperty(caller.account_id, property_id, new.name, new.type, new.choices, stamp(now))
    require_sound(added, known.values())
    noted = audited(caller, "ticket_property.added", property_id, None, new, added.created_at)
    try:
        ticket_properties.add_property(added, noted)
    except LostRace:
        made = ticket_properties.get_property(caller.account_id, property_id)
        if made is None:
            raise
        return made
    return added


def change(
    caller: Caller,
    before: TicketProperty,
    after: PropertySettings,
    accepted: Collection[int] | None,
    now: datetime,
) -> TicketProperty:
    """Save name and choices."""
    require_version(before.version, accepted)
    changed = replace(before, name=after.name, choices=after.choices, version=before.version + 1)
    require_sound(changed, ticket_properties.all_properties(caller.account_id).values())
    noted = audited(caller, "ticket_property.changed", before.id, settings_of(before), after, stamp(now))
    with saving():
        ticket_properties.change_property(before, changed, noted)
    return changed


def delete(caller: Caller, gone: TicketProperty, now: datetime) -> None:
    """Remove a property; `Conflict` while a channel sets it on new tickets."""
    channels = (each for each in inboxes.all_channels(caller.account_id) if each.disconnected_at is None)
    naming = next((channel for channel in channels if gone.id in channel.ticketing.properties), None)
    if naming is not None:
        raise Conflict(
            f"The channel {naming.address} ({naming.id}) sets it on new tickets. Take it out there first.",
            code="named_by_channel",
        )
    before = NewProperty(gone.name, gone.type, gone.choices)
    noted = audited(caller, "ticket_property.deleted", gone.id, before, None, stamp(now))
    with saving():
        ticket_properties.delete_property(gone, noted)


def require_sound(found: TicketProperty, others: Collection[TicketProperty]) -> None:
    """Raise `Refused` unless choices belong to the type and differ, and no other property has the name. Pure."""
    if found.type.has_choices and not found.choices:
        raise Refused("A list needs choices.", pointer="/choices", code="choices_missing")
    if not found.type.has_choices and found.choices:
        raise Refused(f"A {found.type.value} has no choices.", pointer="/choices", code="choices_not_used")
    folded = [choice.casefold() for choice in found.choices]
    for number, choice in enumerate(folded):
        if choice in folded[:number]:
            raise Refused(
                f"The choice {found.choices[number]} is there twice.",
                pointer=f"/choices/{number}",
                code="choice_twice",
            )
    if any(found.name.casefold() == each.name.casefold() and each.id != found.id for each in others):
        raise Refused(f"There is a property named {found.name} already.", pointer="/name", code="name_taken")
