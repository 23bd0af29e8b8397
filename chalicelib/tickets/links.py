"""Linking a ticket with further conversations, and unlinking them (S4). A ticket always has one, a conversation one
ticket at most.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations import access
from chalicelib.conversations.read import conversation_for
from chalicelib.errors import NotFound, Refused
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, Reason
from chalicelib.model.ticket import MAX_LINKED, Ticket, TicketChange, TicketLink
from chalicelib.routing.move_ticket import changed
from chalicelib.storage import tickets
from chalicelib.tickets import read
from chalicelib.tickets.change import once_or_again
from chalicelib.tickets.open_by_hand import require_no_ticket
from chalicelib.tickets.read import SeenTicket


def link(caller: Caller, ticket_id: str, conversation_id: str, now: datetime) -> SeenTicket:
    """Link a conversation; nothing happens if it is. The caller acts on the ticket and in the conversation's inbox.

    `Conflict` when the conversation has another ticket; `Refused` when the ticket has as many as it can.
    """
    seen = read.ticket_for(caller, ticket_id)
    read.require_act(caller.user, seen)
    conversation, inbox = conversation_for(caller, conversation_id)
    access.require_act(caller.user, inbox)
    if conversation.ticket_id == seen.ticket.id:
        return seen
    require_no_ticket(conversation)
    change = decide_link(seen.ticket, conversation, caller.user, stamp(now))

    def look() -> None:
        require_no_ticket(conversation_for(caller, conversation_id)[0])

    once_or_again(seen.ticket, lambda: tickets.save(change, linked=conversation), look)
    return read.ticket_for(caller, ticket_id)


def unlink(caller: Caller, ticket_id: str, conversation_id: str, now: datetime) -> SeenTicket:
    """Unlink a conversation. `NotFound` when it is not the ticket's; `Refused` for the only one."""
    seen = read.ticket_for(caller, ticket_id)
    read.require_act(caller.user, seen)
    found = next((each for each in seen.ticket.links if each.conversation_id == conversation_id), None)
    if found is None or found.inbox_id not in seen.inbox_ids:
        raise NotFound("The ticket has no such conversation.")
    conversation, inbox = conversation_for(caller, conversation_id)
    access.require_act(caller.user, inbox)
    change = decide_unlink(seen.ticket, found, caller.user, stamp(now))
    once_or_again(seen.ticket, lambda: tickets.save(change, unlinked=conversation.id))
    return SeenTicket(change.after, seen.inboxes)


def decide_link(ticket: Ticket, conversation: Conversation, by: User, at: str) -> TicketChange:
    """The ticket with one conversation more. Pure."""
    if len(ticket.links) >= MAX_LINKED:
        raise Refused(
            f"A ticket has at most {MAX_LINKED} conversations. Open another one.",
            pointer="/conversation_id",
            code="too_many_conversations",
        )
    added = TicketLink(conversation.id, conversation.inbox_id)
    because = Reason("conversation_linked", f"{by.called} linked a conversation.")
    return changed(ticket, replace(ticket, further=(*ticket.further, added)), because, by.id, at, link=added)


def decide_unlink(ticket: Ticket, gone: TicketLink, by: User, at: str) -> TicketChange:
    """The ticket with one conversation less; when it was the first, the next one is. Pure."""
    left = [each for each in ticket.links if each != gone]
    if not left:
        raise Refused(
            "A ticket keeps one conversation at least. Link another one first, or close the ticket.",
            code="last_conversation",
        )
    first, *further = left
    after = replace(ticket, conversation_id=first.conversation_id, inbox_id=first.inbox_id, further=tuple(further))
    because = Reason("conversation_unlinked", f"{by.called} unlinked a conversation.")
    return changed(ticket, after, because, by.id, at, link=gone)
