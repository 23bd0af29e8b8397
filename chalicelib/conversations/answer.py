"""What agents write in a conversation: answers, which leave by mail, and comments, which never do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.conversations import access, read
from chalicelib.conversations.effects import after_writing, quota_of
from chalicelib.conversations.enter import enter
from chalicelib.conversations.files import gather
from chalicelib.conversations.outgoing import written_message
from chalicelib.conversations.words import Words
from chalicelib.errors import ConversationMovedOn, Refused
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, Direction, Message, TicketPlace
from chalicelib.model.entry import Entry, RequestKey
from chalicelib.model.inbox import Inbox
from chalicelib.model.message_ids import locate_message
from chalicelib.model.ticket import Ticket, TicketChange
from chalicelib.outbound.acknowledgement import MARK as ACKNOWLEDGEMENT
from chalicelib.outbound.note_switch import SWITCHED
from chalicelib.routing.count_open import counted
from chalicelib.routing.move_ticket import Trigger, may_move, moved
from chalicelib.storage import conversations, people, tickets

NEWER = 10  # messages told of when a conversation has moved on
NOBODYS = frozenset({ACKNOWLEDGEMENT, SWITCHED})  # marks of what nobody wrote, and nobody has to read first


def write(caller: Caller, conversation_id: str, words: Words, request: RequestKey | None, now: datetime) -> Message:
    """Add an answer or a comment to a conversation. The same request again adds nothing and gives the same message.

    `NotFound`, `Forbidden` (S19); `Refused` when the channel may not send (S28, S86) or a recipient cannot be written
    to; `ConversationMovedOn` when there is more than `last_message_id`.
    """

    def decide() -> Entry:
        before, inbox = read.conversation_for(caller, conversation_id)
        access.require_act(caller.user, inbox)
        require_mentionable(caller, inbox, words.mentions)
        return _decide(caller, before, words, request, now)

    return enter(caller, request, decide, now).message


def _decide(caller: Caller, before: Conversation, words: Words, request: RequestKey | None, now: datetime) -> Entry:
    if words.last_message_id is not None:
        _require_seen(before, words.last_message_id)
    files = gather(caller, words.files, now)
    message = written_message(caller, before, words, now, files)
    existing: Collection[str] = (caller.user.id,)
    if words.close and before.assignee_id is not None:
        existing = people.existing(caller.account_id, [before.assignee_id])
    after = after_writing(before, message, by=caller.user, close=words.close, now=now)
    ticket = _ticket_moved(caller, before, message)
    return Entry(
        before,
        after,
        message if ticket is None else _noting(message, ticket.before),
        counted(before, after, existing),
        request,
        quota_of(caller.account, message),
        moved=ticket,
        uploads=files.uploads,
        ends_drafts=tuple((each, before.id) for each in before.drafting if each not in after.drafting),
    )


def _ticket_moved(caller: Caller, before: Conversation, message: Message) -> TicketChange | None:
    """What an answer does to the conversation's ticket, which is read only if it has to go elsewhere."""
    moves = caller.account.stage_moves
    if message.direction is not Direction.OUTGOING or before.ticket_id is None:
        return None
    if not may_move(moves, before, Trigger.ANSWER):
        return None
    ticket = tickets.get_ticket(before.account_id, before.ticket_id)
    return moved(ticket, moves, Trigger.ANSWER, message.created_at) if ticket else None


def _noting(message: Message, ticket: Ticket) -> Message:
    """The answer, which knows where it has moved the ticket from, in case it is taken back."""
    assert message.sending is not None
    was = TicketPlace(ticket.id, ticket.stage_id, ticket.closed_at)
    return replace(message, sending=replace(message.sending, ticket_was=was))


def require_mentionable(caller: Caller, inbox: Inbox, user_ids: Sequence[str]) -> None:
    """Raise `Refused`, pointing to the first who cannot be named: who is not there, or may not read the inbox."""
    found = people.get_users(caller.account_id, user_ids) if user_ids else {}
    for number, user_id in enumerate(user_ids):
        user = found.get(user_id)
        if user is None or not access.grant(user, inbox.access).may_read:
            raise Refused(
                f"There is no user {user_id} who may read this conversation. Give the user access to the inbox first.",
                pointer=f"/mentions/{number}",
                code="not_mentionable",
            )


def _require_seen(before: Conversation, last_message_id: str) -> None:
    """Raise unless the conversation has nothing after the message that the writer has seen last."""
    try:
        conversation_id, _ = locate_message(last_message_id)
    except ValueError:
        conversation_id = ""
    if conversation_id != before.id:
        raise Refused("The conversation has no such message.", pointer="/last_message_id", code="no_such_message")
    found = conversations.messages_after(before.account_id, last_message_id, NEWER)
    newer = [message for message in found if NOBODYS.isdisjoint(message.marks)]
    if newer:
        raise ConversationMovedOn(
            "Somebody wrote in the conversation meanwhile. Read it, then send again, or send with `force`.",
            newer=tuple(message.id for message in newer),
        )
