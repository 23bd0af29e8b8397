"""Moving a conversation to another inbox: by whoever acts in both, with its ticket, and so that replies still join it.

It is answered through a channel of its new inbox, since inboxes are wholly separate (S72). Mail that still comes to the
old channel joins it in the new inbox, as its Message-IDs and its signed addresses lead to it from there, too; the rules
of who may join stay as they are. Docs: docs/decisions/098.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.conversations import access, read
from chalicelib.errors import LostRace, NotFound, Refused
from chalicelib.mail.addresses import as_kept
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, Direction, Message, Reason
from chalicelib.model.filing import KnownMessageId
from chalicelib.model.inbox import AccessMode, Channel, ChannelType, Inbox
from chalicelib.model.ticket import Ticket, TicketLink
from chalicelib.outbound.new_message import new_event, with_message
from chalicelib.outbound.written_mail import known_as
from chalicelib.routing.count_open import counted
from chalicelib.storage import conversations, inboxes, people, tickets, transfers

TRIES = 4
MOST_IDS = 60  # Message-IDs that lead to it in its new inbox: of its newest messages
MOVED = "moved_to_another_inbox"


def transfer(
    caller: Caller, conversation_id: str, inbox_id: str, channel_id: str | None, now: datetime
) -> Conversation:
    """Move a conversation; one that is there already stays as it is.

    `NotFound`, `Forbidden` (S19) for either inbox, `Conflict` when one is archived, `Refused` when the new inbox does
    not exist for the caller, or has no (such) channel to answer through.
    """
    for attempt in range(1, TRIES + 1):
        before, source = read.conversation_for(caller, conversation_id)
        access.require_act(caller.user, source)
        target = _target(caller, inbox_id)
        if before.inbox_id == target.id:
            transfers.move_messages(before)
            return before
        channel = _channel(before, target, channel_id)
        assignee = people.get_user(caller.account_id, before.assignee_id) if before.assignee_id else None
        after = moved(before, target, channel, assignee)
        event = _event(before, after, source, target, caller.user, now)
        after = with_message(after, event)
        ticket = tickets.get_ticket(caller.account_id, before.ticket_id) if before.ticket_id else None
        move = transfers.Transfer(
            before,
            after,
            event,
            counted(before, after, [assignee.id] if assignee else []),
            _known_ids(before, after),
            (ticket, ticket_moved(ticket, after)) if ticket else None,
        )
        try:
            transfers.commit(move)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        transfers.move_messages(after)
        return after
    raise AssertionError("the last attempt returns or raises")


def moved(before: Conversation, target: Inbox, channel: Channel, assignee: User | None) -> Conversation:
    """The conversation in its new inbox, but for the event that tells of it. Pure.

    An assignee who may not act there does not keep it (S19).
    """
    after = replace(before, inbox_id=target.id, channel_id=channel.id, answers_over=None)
    if before.assignee_id is not None and (assignee is None or not access.grant(assignee, target.access).may_act):
        name = assignee.called if assignee else before.assignee_id
        because = Reason("moved_out_of_reach", f"It was moved to {named(target)}, where {name} may not act.")
        after = replace(after, assignee_id=None, assigned_because=because)
    return after


def named(inbox: Inbox) -> str:
    """An inbox as an event tells of it, which others may read by then: only one that everyone sees has a name, since
    the rest do not exist for others (S16). Pure.
    """
    return inbox.name if inbox.access.mode is AccessMode.EVERYONE else "another inbox"


def ticket_moved(ticket: Ticket, conversation: Conversation) -> Ticket:
    """The ticket once one of its conversations is in another inbox. Pure."""
    inbox_id = conversation.inbox_id if ticket.conversation_id == conversation.id else ticket.inbox_id
    further = tuple(
        TicketLink(link.conversation_id, conversation.inbox_id) if link.conversation_id == conversation.id else link
        for link in ticket.further
    )
    return replace(ticket, inbox_id=inbox_id, further=further, version=ticket.version + 1)


def _target(caller: Caller, inbox_id: str) -> Inbox:
    try:
        target = read.inbox_for(caller, inbox_id)
    except NotFound as error:
        raise Refused("There is no such inbox.", pointer="/inbox_id", code="no_such_inbox") from error
    access.require_act(caller.user, target)
    return target


def _channel(before: Conversation, target: Inbox, channel_id: str | None) -> Channel:
    """The named channel of the inbox; else the first of the kind that the conversation had, else the first."""
    found = inboxes.page_of_channels(target.account_id, target.id, limit=100, cursor=None).items
    if channel_id is not None:
        named = [each for each in found if each.id == channel_id]
        if not named:
            raise Refused("The inbox has no such channel.", pointer="/channel_id", code="no_such_channel")
        return named[0]
    if not found:
        raise Refused(
            f"{target.name} has no channel to answer through. Connect one first.",
            pointer="/inbox_id",
            code="no_channel",
        )
    old = inboxes.get_channel(before.account_id, before.channel_id)
    kind = old.type if old else ChannelType.FALLBACK_EMAIL
    return next((each for each in found if each.type is kind), found[0])


def _event(before: Conversation, after: Conversation, source: Inbox, target: Inbox, by: User, now: datetime) -> Message:
    text = f"{by.called} moved it from {named(source)} to {named(target)}."
    if after.assignee_id != before.assignee_id:
        text += f" {after.assigned_because.text}"
    seed = f"{MOVED}:{target.id}:{before.version}"
    return new_event(before, seed, MOVED, text, now, inbox_id=target.id, author_id=by.id)


def _known_ids(before: Conversation, after: Conversation) -> tuple[KnownMessageId, ...]:
    """By which ids mail to the new inbox joins: those of the newest messages that the inbox does not know otherwise."""
    found: dict[str, KnownMessageId] = {}
    for message in conversations.newest_messages(before.account_id, before.id, MOST_IDS):
        writer = as_kept(message.from_.address) if message.from_ else ""
        answer_id = message.id if message.direction is Direction.OUTGOING else None
        for each in (message.message_id, known_as(message)):
            if each is not None and message.direction in (Direction.INCOMING, Direction.OUTGOING):
                known = KnownMessageId(
                    each, before.id, message.direction, False, before.participants, writer, answer_id
                )
                found.setdefault(each, known)
    ids = list(found)[:MOST_IDS]
    return tuple(found[each] for each in transfers.unknown_ids(after.account_id, after.inbox_id, ids))
