"""`/v1/tickets`: what is to be solved."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, read_body
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations.read import sight_of
from chalicelib.errors import InvalidInput
from chalicelib.model.inbox import Priority
from chalicelib.model.texts import Id
from chalicelib.model.ticket import MAX_LINKED, EntryType, FieldChange, Ticket, TicketEntry
from chalicelib.model.ticket_property import PropertyValue
from chalicelib.routing.move_ticket import OPENED
from chalicelib.tickets import change, comments, links, read
from chalicelib.tickets.open_by_hand import TicketWish, open_by_hand
from chalicelib.tickets.read import SeenTicket
from chalicelib.tickets.wishes import TicketPatch


class TicketQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which tickets: those of a stage (with its pipeline), those of an owner, or all."""

    pipeline_id: Id | None = None
    stage_id: Id | None = None
    owner_id: (
        Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=200, description="A user's id, or `none`.")] | None
    ) = None


class TicketRequest(TicketWish, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A ticket for one conversation or several. What is absent is as the first one's channel would have it."""

    conversation_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MAX_LINKED)]


class LinkRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation to link."""

    conversation_id: Id


class CommentRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A comment: for colleagues, it never leaves."""

    text: Annotated[str, Meta(min_length=1, max_length=5000)]


class TicketAnswer(Struct, frozen=True, kw_only=True):
    """Something to be solved. Only conversations that the caller may read are named.

    `conversation_id` and `inbox_id` are of the first of them. `version` grows with each change. `properties` are values
    by the id of the property. Each `..._because` is a sentence for people, its `_code` is stable.
    """

    id: str
    inbox_id: str
    conversation_id: str
    conversation_ids: tuple[str, ...]
    contact_id: str
    subject: str
    pipeline_id: str
    stage_id: str
    staged_because: str
    staged_because_code: str
    priority: Priority | None
    owner_id: str | None
    owned_because: str
    owned_because_code: str
    properties: dict[str, PropertyValue]
    created_at: str
    closed_at: str | None
    version: int


class TicketEntryAnswer(Struct, frozen=True, kw_only=True):
    """What somebody wrote, or what happened: `code` is stable, `changes` says from what to what, `text` is for people.

    `author_id` null: it happened by itself. `conversation_id`: what was linked or unlinked, if the caller may read it.
    """

    id: str
    type: EntryType
    author_id: str | None
    text: str
    code: str | None
    changes: dict[str, FieldChange]
    conversation_id: str | None
    created_at: str


def shape(ticket: Ticket, visible: Container[str]) -> TicketAnswer:
    """A ticket as somebody sees it who may read these inboxes, of which it has one at least."""
    shown = [link for link in ticket.links if link.inbox_id in visible]
    staged = ticket.staged_because or OPENED
    return TicketAnswer(
        id=ticket.id,
        inbox_id=shown[0].inbox_id,
        conversation_id=shown[0].conversation_id,
        conversation_ids=tuple(link.conversation_id for link in shown),
        contact_id=ticket.contact_id,
        subject=ticket.subject,
        pipeline_id=ticket.pipeline_id,
        stage_id=ticket.stage_id,
        staged_because=staged.text,
        staged_because_code=staged.code,
        priority=ticket.priority,
        owner_id=ticket.owner_id,
        owned_because=ticket.owned_because.text,
        owned_because_code=ticket.owned_because.code,
        properties=ticket.properties,
        created_at=ticket.created_at,
        closed_at=ticket.closed_at,
        version=ticket.version,
    )


def shape_entry(entry: TicketEntry, visible: frozenset[str]) -> TicketEntryAnswer:
    """An entry as somebody sees it who may read these inboxes."""
    return TicketEntryAnswer(
        id=entry.id,
        type=entry.type,
        author_id=entry.author_id,
        text=entry.text,
        code=entry.code,
        changes=entry.changes,
        conversation_id=entry.link.conversation_id if entry.link and entry.link.inbox_id in visible else None,
        created_at=entry.created_at,
    )


def list_tickets(call: Call) -> Listing[TicketAnswer]:
    """Tickets of inboxes that the caller may read, newest first."""
    query: TicketQuery = call.query
    if (query.pipeline_id is None) != (query.stage_id is None):
        missing = "/stage_id" if query.stage_id is None else "/pipeline_id"
        raise InvalidInput("A stage is named together with its pipeline.", pointer=missing)
    if query.stage_id is not None and query.owner_id is not None:
        raise InvalidInput("Ask for the tickets of a stage or of an owner, not of both.", pointer="/owner_id")
    stage = (query.pipeline_id, query.stage_id) if query.pipeline_id and query.stage_id else None
    sight = sight_of(call.caller)
    page = read.list_tickets(call.caller, stage, query.owner_id, sight, limit=query.limit, cursor=query.cursor)
    return listing(page, lambda ticket: shape(ticket, sight))


def add_ticket(call: Call) -> Answered:
    """A ticket made by hand (S4). The caller acts in the inbox of each conversation; none may have a ticket (409)."""
    told: TicketRequest = call.body
    fields = {name: getattr(told, name) for name in TicketWish.__struct_fields__}
    return _opened(call, told.conversation_ids, TicketWish(**fields))


def add_ticket_of_conversation(call: Call) -> Answered:
    """A ticket made by hand from this conversation (S4), which may not have one yet (409)."""
    return _opened(call, (call.path["conversation_id"],), call.body)


def _opened(call: Call, conversation_ids: tuple[str, ...], wish: TicketWish) -> Answered:
    seen = open_by_hand(call.caller, call.id_for("tck"), conversation_ids, wish, call.now)
    return Answered(_seen(seen), location=f"/v1/tickets/{seen.ticket.id}")


def get_ticket(call: Call) -> TicketAnswer:
    """One ticket."""
    return _seen(read.ticket_for(call.caller, call.path["ticket_id"]))


def patch_ticket(call: Call) -> TicketAnswer:
    """Subject, stage, priority, owner, properties, in one save. Of two changes at once one wins; the other gets 409."""
    patch = read_body(call.body, TicketPatch)
    return _seen(change.change(call.caller, call.path["ticket_id"], patch, call.now))


def link_conversation(call: Call) -> TicketAnswer:
    """Link a further conversation, which may not have another ticket (409)."""
    told: LinkRequest = call.body
    return _seen(links.link(call.caller, call.path["ticket_id"], told.conversation_id, call.now))


def unlink_conversation(call: Call) -> TicketAnswer:
    """Unlink a conversation; one always stays (422)."""
    return _seen(links.unlink(call.caller, call.path["ticket_id"], call.path["conversation_id"], call.now))


def list_entries(call: Call) -> Listing[TicketEntryAnswer]:
    """What happened to a ticket and what was written to it, oldest first."""
    return _entries(call, only_comments=False)


def list_comments(call: Call) -> Listing[TicketEntryAnswer]:
    """What was written to a ticket, oldest first."""
    return _entries(call, only_comments=True)


def _entries(call: Call, *, only_comments: bool) -> Listing[TicketEntryAnswer]:
    query: Paging = call.query
    seen = read.ticket_for(call.caller, call.path["ticket_id"])
    page = read.list_entries(call.caller, seen, only_comments=only_comments, limit=query.limit, cursor=query.cursor)
    return listing(page, lambda entry: shape_entry(entry, seen.inbox_ids))


def add_comment(call: Call) -> Answered:
    """Write a comment to a ticket."""
    told: CommentRequest = call.body
    entry = comments.add(call.caller, call.path["ticket_id"], call.id_for("tkc"), told.text, call.now)
    return Answered(shape_entry(entry, frozenset()), location=f"/v1/tickets/{entry.ticket_id}/comments")


def _seen(seen: SeenTicket) -> TicketAnswer:
    return shape(seen.ticket, seen.inbox_ids)
