"""Opening a ticket by hand, from one conversation or several (S4).

What the request does not say comes from the channel of the first conversation, as if it had opened the ticket (S66 to
S69), whether or not it opens tickets by itself; where the channel says nothing, from the account's default pipeline.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id, stamp
from chalicelib.conversations import access
from chalicelib.conversations.read import conversation_for
from chalicelib.errors import Conflict, LostRace, Refused
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation
from chalicelib.model.inbox import Inbox, Priority, Ticketing
from chalicelib.model.texts import Id, Name
from chalicelib.model.ticket import (
    EntryType,
    Pipeline,
    Stage,
    StageKind,
    Ticket,
    TicketEntry,
    TicketLink,
)
from chalicelib.model.ticket_property import PropertyValue
from chalicelib.routing.open_ticket import open_ticket
from chalicelib.storage import inboxes, pipelines, ticket_properties, tickets
from chalicelib.tickets import read
from chalicelib.tickets.change import owner_for
from chalicelib.tickets.property_values import merged
from chalicelib.tickets.read import SeenTicket
from chalicelib.tickets.wishes import given, stage_in

TRIES = 4


class TicketWish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a new ticket shall be; what is absent is as the conversation's channel would have it."""

    subject: Name | None = None
    pipeline_id: Id | None = None
    stage_id: Id | None = None
    priority: Priority | None = None
    owner_id: Id | None = None
    properties: dict[Id, PropertyValue] = {}


def open_by_hand(
    caller: Caller, ticket_id: str, conversation_ids: tuple[str, ...], wish: TicketWish, now: datetime
) -> SeenTicket:
    """Open a ticket and link it with conversations, both ways. The same id again opens none, and gives the same ticket.

    `NotFound`, `Forbidden` (S19) about a conversation; `Conflict` when one has a ticket already; `Refused` by field.
    """
    for attempt in range(1, TRIES + 1):
        found = [_conversation(caller, each) for each in dict.fromkeys(conversation_ids)]
        seen_inboxes = tuple({inbox.id: inbox for _, inbox in found}.values())
        made = tickets.get_ticket(caller.account_id, ticket_id)
        if made is not None:
            return read.ticket_for(caller, made.id)  # it may have gone elsewhere since
        conversations = [conversation for conversation, _ in found]
        for conversation in conversations:
            require_no_ticket(conversation)
        ticket, pipeline = _decide(caller, ticket_id, conversations, seen_inboxes, wish, now)
        try:
            tickets.open_by_hand(ticket, conversations, _opened(caller, ticket), pipeline)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return SeenTicket(ticket, seen_inboxes)
    raise AssertionError("the last attempt returns or raises")


def require_no_ticket(conversation: Conversation) -> None:
    """Raise `Conflict` if the conversation has a ticket: it has one at most."""
    if conversation.ticket_id is not None:
        raise Conflict(
            f"The conversation {conversation.id} has the ticket {conversation.ticket_id}. Unlink it from that first.",
            code="has_ticket",
        )


def _conversation(caller: Caller, conversation_id: str) -> tuple[Conversation, Inbox]:
    conversation, inbox = conversation_for(caller, conversation_id)
    access.require_act(caller.user, inbox)
    return conversation, inbox


def _decide(
    caller: Caller,
    ticket_id: str,
    conversations: list[Conversation],
    seen_inboxes: tuple[Inbox, ...],
    wish: TicketWish,
    now: datetime,
) -> tuple[Ticket, Pipeline]:
    first, *others = conversations
    channel = inboxes.get_channel(caller.account_id, first.channel_id)
    ticketing = channel.ticketing if channel else Ticketing()
    pipeline, stage = _place(caller, ticketing, wish)
    ticketing = replace(ticketing, enabled=True, pipeline_id=pipeline.id, stage_id=stage.id)
    ticket = open_ticket(ticketing, ticket_id, first)
    assert ticket is not None, "a channel with tickets, a pipeline and a stage opens one"
    at = stamp(now)
    known = ticket_properties.all_properties(caller.account_id) if wish.properties else {}
    ticket = replace(
        ticket,
        created_at=at,
        subject=wish.subject or ticket.subject,
        priority=wish.priority or ticket.priority,
        closed_at=at if stage.kind is StageKind.CLOSED else None,
        further=tuple(TicketLink(each.id, each.inbox_id) for each in others),
        properties=merged(ticket.properties, wish.properties, known, "/properties"),
    )
    if wish.owner_id is not None:
        owner = owner_for(caller, SeenTicket(ticket, seen_inboxes), wish.owner_id)
        ticket = replace(ticket, owner_id=owner.id, owned_because=given(caller.user, owner))
    return ticket, pipeline


def _place(caller: Caller, ticketing: Ticketing, wish: TicketWish) -> tuple[Pipeline, Stage]:
    """The pipeline and stage that the wish names, else the channel's, else the first of the account's default."""
    if wish.pipeline_id is not None or wish.stage_id is not None:
        pipeline_id = wish.pipeline_id or ticketing.pipeline_id or caller.account.default_pipeline_id
        return stage_in(pipelines.get_pipeline(caller.account_id, pipeline_id), wish.stage_id)
    if ticketing.pipeline_id is not None:
        try:
            return stage_in(pipelines.get_pipeline(caller.account_id, ticketing.pipeline_id), ticketing.stage_id)
        except Refused:  # what the channel names is gone: nobody here can mend that
            pass
    return stage_in(pipelines.get_pipeline(caller.account_id, caller.account.default_pipeline_id), None)


def _opened(caller: Caller, ticket: Ticket) -> TicketEntry:
    return TicketEntry(
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        id=derived_id("tke", ticket.id, str(ticket.version)),
        type=EntryType.EVENT,
        created_at=ticket.created_at,
        text=f"{caller.user.called} opened the ticket.",
        author_id=caller.user.id,
        code="opened_by_hand",
    )
