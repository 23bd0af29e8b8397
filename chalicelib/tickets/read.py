"""Tickets that are read. `ticket_for` is the only door to one.

Whoever may read the inbox of one of its conversations may read a ticket, and learns of those conversations alone that
lie in inboxes of the reader's (S16). Acting on it asks for one inbox in which the user may act (S19).
"""

from __future__ import annotations

from msgspec import Struct

from chalicelib.conversations import access, read
from chalicelib.errors import NotFound
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Inbox
from chalicelib.model.page import Page
from chalicelib.model.ticket import Ticket, TicketEntry
from chalicelib.storage import inboxes, tickets
from chalicelib.storage.inboxes import Sight


class SeenTicket(Struct, frozen=True):
    """A ticket, and the inboxes of its conversations that the caller may read."""

    ticket: Ticket
    inboxes: tuple[Inbox, ...]

    @property
    def inbox_ids(self) -> frozenset[str]:
        """Their ids."""
        return frozenset(inbox.id for inbox in self.inboxes)


def ticket_for(caller: Caller, ticket_id: str) -> SeenTicket:
    """A ticket that the caller may read."""
    ticket = tickets.get_ticket(caller.account_id, ticket_id)
    found = [inboxes.get_inbox(caller.account_id, each) for each in sorted(ticket.inbox_ids)] if ticket else []
    visible = tuple(inbox for inbox in found if inbox and access.grant(caller.user, inbox.access).may_read)
    if ticket is None or not visible:
        raise NotFound("There is no such ticket.")
    return SeenTicket(ticket, visible)


def require_act(user: User, seen: SeenTicket) -> None:
    """Raise as `access.require_act` does unless the user may act in one inbox of the ticket, at least (S19)."""
    acting = [inbox for inbox in seen.inboxes if access.grant(user, inbox.access).may_act]
    access.require_act(user, next((each for each in acting if each.archived_at is None), (*acting, *seen.inboxes)[0]))


def may_own(user: User, seen: SeenTicket) -> bool:
    """Whether a ticket can be given to a user: who may act in none of its inboxes, cannot work on it."""
    return any(access.grant(user, inbox.access).may_act for inbox in seen.inboxes)


def list_tickets(
    caller: Caller,
    stage: tuple[str, str] | None,
    owner: str | None,
    sight: Sight,
    *,
    limit: int,
    cursor: str | None,
) -> Page[Ticket]:
    """Tickets of the inboxes in sight, newest first: of a stage, of an owner (or `NOBODY`), or all."""
    account = caller.account_id
    if stage is not None:
        return tickets.page_of_stage(account, *stage, sight, limit=limit, cursor=cursor)
    if owner is not None:
        someone = None if owner == read.NOBODY else owner
        return tickets.page_of_owner(account, someone, sight, limit=limit, cursor=cursor)
    return tickets.page_of_all(account, sight, limit=limit, cursor=cursor)


def list_entries(
    caller: Caller, seen: SeenTicket, *, only_comments: bool, limit: int, cursor: str | None
) -> Page[TicketEntry]:
    """What was written to a ticket, and, unless `only_comments`, what happened to it; oldest first."""
    page = tickets.page_of_comments if only_comments else tickets.page_of_entries
    return page(caller.account_id, seen.ticket.id, limit=limit, cursor=cursor)
