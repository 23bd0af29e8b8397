"""Changing a ticket: subject, stage, priority, owner, properties. One save, whole or not at all.

Of two who change a ticket at once one wins, and the other is told so (`ticket_changed`); a mail that moves it meanwhile
does not count, unless it changed the ticket too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec import UNSET

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, LostRace, Refused
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.ticket import Pipeline, Stage, Ticket
from chalicelib.model.ticket_property import PropertyValue
from chalicelib.storage import people, pipelines, ticket_properties, tickets
from chalicelib.tickets import read
from chalicelib.tickets.property_values import merged
from chalicelib.tickets.read import SeenTicket
from chalicelib.tickets.wishes import TicketPatch, decide_change, stage_in

TRIES = 4
Made = TypeVar("Made")


def change(caller: Caller, ticket_id: str, patch: TicketPatch, now: datetime) -> SeenTicket:
    """Save a patch. `NotFound`, `Forbidden` (S19); `Refused` says which field is at fault; `Conflict` as above."""
    seen = read.ticket_for(caller, ticket_id)
    read.require_act(caller.user, seen)
    before = seen.ticket
    if patch.version is not UNSET:
        _require_version(before, patch.version)
    owner = _owner(caller, seen, patch)
    place = _place(caller, before, patch)
    change = decide_change(before, patch, caller.user, owner, place, _properties(caller, before, patch), stamp(now))
    if change is None:
        return seen
    pipeline = place[0] if place and change.after.stage_id != before.stage_id else None
    once_or_again(before, lambda: tickets.save(change, pipeline=pipeline), lambda: _require_place(place))
    return SeenTicket(change.after, seen.inboxes)


def once_or_again(before: Ticket, save: Callable[[], None], look: Callable[[], None] = lambda: None) -> None:
    """Save what was decided on `before`, again if only a mail was in the way; `look` may say what else was.

    `Conflict` when somebody else has changed the ticket.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return save()
        except LostRace:
            now = tickets.get_ticket(before.account_id, before.id)
            _require_version(before, now.version if now else 0)
            look()
            if attempt == TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def _require_version(ticket: Ticket, version: int) -> None:
    if ticket.version != version:
        raise Conflict(
            "Somebody changed the ticket meanwhile. Read it again, and repeat what is still to be changed.",
            code="ticket_changed",
        )


def _owner(caller: Caller, seen: SeenTicket, patch: TicketPatch) -> User | None:
    if patch.owner_id is UNSET or patch.owner_id is None or patch.owner_id == seen.ticket.owner_id:
        return None
    return owner_for(caller, seen, patch.owner_id)


def owner_for(caller: Caller, seen: SeenTicket, owner_id: str) -> User:
    """A user who can own the ticket; `Refused` otherwise."""
    owner = people.get_user(caller.account_id, owner_id)
    if owner is None:
        raise Refused(f"There is no user {owner_id}.", pointer="/owner_id", code="no_such_user")
    if not read.may_own(owner, seen):
        raise Refused(
            f"{owner.called} has no access to the ticket's inbox. Choose the user for the inbox first.",
            pointer="/owner_id",
            code="owner_without_access",
        )
    return owner


def _place(caller: Caller, before: Ticket, patch: TicketPatch) -> tuple[Pipeline, Stage] | None:
    if patch.pipeline_id is UNSET and patch.stage_id is UNSET:
        return None
    pipeline_id = before.pipeline_id if patch.pipeline_id is UNSET else patch.pipeline_id
    stage_id = None if patch.stage_id is UNSET else patch.stage_id
    if stage_id is None and pipeline_id == before.pipeline_id:
        return None
    return stage_in(pipelines.get_pipeline(caller.account_id, pipeline_id), stage_id)


def _require_place(place: tuple[Pipeline, Stage] | None) -> None:
    """Raise `Refused` if the stage was removed meanwhile."""
    if place is not None:
        pipeline, stage = place
        now = pipelines.get_pipeline(pipeline.account_id, pipeline.id)
        if now is None or now.version != pipeline.version:
            raise Conflict(
                f"The pipeline {pipeline.name} was changed meanwhile. Read it, and choose the stage again.",
                pointer="/stage_id",
                code="pipeline_changed",
            )
        stage_in(now, stage.id)


def _properties(caller: Caller, before: Ticket, patch: TicketPatch) -> dict[str, PropertyValue]:
    if patch.properties is UNSET or not patch.properties:
        return before.properties
    known = ticket_properties.all_properties(caller.account_id)
    return merged(before.properties, patch.properties, known, "/properties")
