"""An answer that is taken back before it leaves: it stays in the conversation as `cancelled`, its draft is there again.

Taking back and sending both write on the version of the answer that they read, so exactly one of them happens. What
closed the conversation opens it again, and a ticket that it moved goes back; whoever got the conversation by answering
keeps it, since a draft of theirs is in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations import access, read
from chalicelib.errors import Conflict, LostRace, Refused
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, ConversationStatus, Message, Reason, SendingStatus
from chalicelib.model.draft import Draft, FileRef
from chalicelib.model.ticket import Pipeline, TicketChange
from chalicelib.outbound.progress import moved
from chalicelib.routing.count_open import counted
from chalicelib.routing.move_ticket import moved_back
from chalicelib.storage import drafts, entries, people, pipelines, tickets

TRIES = 6


def cancel(caller: Caller, message_id: str, now: datetime) -> Message:
    """Take an answer back that waits to leave; one that was taken back already is given as it is.

    `NotFound`, `Forbidden` (S19), `Refused` for what is no mail of ours, `Conflict` once it is leaving or has left.
    """
    for attempt in range(1, TRIES + 1):
        message, before, inbox = read.message_in(caller, message_id)
        access.require_act(caller.user, inbox)
        if message.sending is None:
            raise Refused("Only what leaves by mail can be taken back.", code="not_a_mail")
        if message.sending.status is SendingStatus.CANCELLED:
            return message
        if message.sending.status is not SendingStatus.QUEUED or message.sending.round:
            raise Conflict("The answer is leaving, or has left: it cannot be taken back any more.", code="has_left")
        because = Reason("taken_back", f"{caller.user.called} took it back.")
        progress = moved(message, SendingStatus.CANCELLED, now, because=because)
        draft = _draft_again(message, before, now)
        existing = _existing(before)
        after = after_cancelling(before, message, draft)
        ticket = _ticket_back(before, message, now)
        try:
            entries.take_back(progress, before, after, counted(before, after, existing), draft, ticket)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return progress.after
    raise AssertionError("the last attempt returns or raises")


def after_cancelling(before: Conversation, message: Message, draft: Draft | None) -> Conversation:
    """The conversation once an answer in it was taken back. Pure."""
    after = replace(before, version=before.version + 1)
    if draft is not None:
        after = replace(after, drafting=tuple(dict.fromkeys((*before.drafting, draft.user_id))))
    if message.sending is not None and message.sending.closed and before.status is ConversationStatus.CLOSED:
        after = replace(after, status=ConversationStatus.OPEN, closed_at=None)
    return after


def draft_of(message: Message, now: datetime) -> Draft | None:
    """What somebody wrote, as a draft of the same; its files are those of the message. Pure."""
    if message.author_id is None or message.body is None:
        return None
    files = tuple(
        FileRef(message_id=message.id, index=each.index, content_id=each.content_id) for each in message.attachments
    )
    return Draft(
        account_id=message.account_id,
        user_id=message.author_id,
        about_id=message.conversation_id,
        changed_at=stamp(now),
        text=message.body.text,
        html=message.body.html,
        to=message.to,
        cc=message.cc,
        bcc=message.bcc,
        files=files,
    )


def _draft_again(message: Message, before: Conversation, now: datetime) -> Draft | None:
    """The author's draft, unless another one was begun meanwhile."""
    draft = draft_of(message, now)
    if draft is None or draft.user_id in before.drafting:
        return None
    known = drafts.find_draft(draft.account_id, draft.user_id, draft.about_id)
    return None if known else draft


def _ticket_back(before: Conversation, message: Message, now: datetime) -> tuple[TicketChange, Pipeline] | None:
    """The ticket's way back to where the answer found it, in its pipeline, unless somebody wrote after it."""
    was = message.sending.ticket_was if message.sending else None
    if was is None or before.ticket_id != was.ticket_id or before.last_message_at != message.created_at:
        return None
    ticket = tickets.get_ticket(before.account_id, was.ticket_id)
    pipeline = pipelines.get_pipeline(ticket.account_id, ticket.pipeline_id) if ticket else None
    change = moved_back(ticket, was, pipeline, stamp(now)) if ticket and pipeline else None
    return (change, pipeline) if change and pipeline else None


def _existing(before: Conversation) -> Collection[str]:
    if before.assignee_id is None or before.status is ConversationStatus.OPEN:
        return ()
    return people.existing(before.account_id, [before.assignee_id])
