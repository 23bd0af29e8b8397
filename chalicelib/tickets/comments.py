"""What users write to a ticket: for colleagues alone, it never leaves."""

from __future__ import annotations

from datetime import datetime

from chalicelib.clock import stamp
from chalicelib.errors import LostRace, Refused
from chalicelib.mail.clean import clean_text
from chalicelib.model.caller import Caller
from chalicelib.model.ticket import EntryType, TicketEntry
from chalicelib.storage import tickets
from chalicelib.tickets import read


def add(caller: Caller, ticket_id: str, entry_id: str, text: str, now: datetime) -> TicketEntry:
    """Write a comment. The same id again writes nothing, and gives the same one. `NotFound`, `Forbidden` (S19)."""
    seen = read.ticket_for(caller, ticket_id)
    read.require_act(caller.user, seen)
    plain = clean_text(text)
    if not plain.strip():
        raise Refused("There is nothing in it: write a text.", pointer="/text", code="empty_comment")
    comment = TicketEntry(
        account_id=caller.account_id,
        ticket_id=seen.ticket.id,
        id=entry_id,
        type=EntryType.COMMENT,
        created_at=stamp(now),
        text=plain,
        author_id=caller.user.id,
    )
    try:
        tickets.add_entry(comment)
    except LostRace:
        made = tickets.get_entry(caller.account_id, seen.ticket.id, entry_id)
        if made is None:
            raise
        return made
    return comment
