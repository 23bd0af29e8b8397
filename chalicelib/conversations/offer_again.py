"""Offering again what nobody got because nobody was available (S61): when somebody becomes available, by a click
or by the clock, or gets a seat.

The channel's rule decides as it did when the conversation began, on who is there now. Bounded, so that one change of
availability stays one quick request; what is left waits for the next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from chalicelib import log
from chalicelib.clock import stamp
from chalicelib.errors import LostRace
from chalicelib.model.conversation import Conversation, ConversationStatus
from chalicelib.model.inbox import Access, Channel
from chalicelib.routing.availability import as_of, began
from chalicelib.routing.choose_assignee import Assignment, choose_assignee
from chalicelib.storage import contacts, conversations, inboxes, people, waiting

MOST = 50  # conversations offered by one change of availability
MOST_BY_THE_CLOCK = 1000  # of one account, when hours begin: the sweep has the time


def offer_again(account_id: str, now: datetime, most: int = MOST) -> int:
    """Offer up to `most` waiting conversations of an account; return how many found somebody."""
    found = waiting.list_waiting(account_id, most)
    if not found:
        return 0
    users = {user.id: user for user in as_of(people.list_users(account_id), now)}
    channels: dict[str, Channel | None] = {}
    assigned = 0
    for conversation_id in found:
        conversation = conversations.get_conversation(account_id, conversation_id)
        if conversation is None or not _still_waits(conversation):
            waiting.forget(account_id, conversation_id)
            continue
        if conversation.channel_id not in channels:
            channels[conversation.channel_id] = inboxes.get_channel(account_id, conversation.channel_id)
        channel = channels[conversation.channel_id]
        if channel is None:
            waiting.forget(account_id, conversation_id)
            continue
        contact = contacts.get_contact(account_id, conversation.contact_id)
        inbox = inboxes.get_inbox(account_id, conversation.inbox_id)
        choice = choose_assignee(
            channel.routing,
            list(users.values()),
            contact.owner_id if contact else None,
            inbox.access if inbox else Access(),
        )
        if choice.assignee is None:
            continue
        if _assign(conversation, choice, stamp(now)):
            seen = choice.assignee
            users[seen.id] = replace(seen, open_conversations=seen.open_conversations + 1, last_assigned_at=stamp(now))
            assigned += 1
    log.info("offered_again", waiting=len(found), assigned=assigned)
    return assigned


def offer_by_the_clock(since: datetime, now: datetime, until: Callable[[], bool]) -> int:
    """Offer what waits to those whose working hours began after `since`, in all accounts; return how many found
    somebody. A request for each list of waiting conversations and one for each account with any: the rest is read only
    where hours did begin.
    """
    assigned = 0
    for account_id in waiting.waiting_accounts():
        if until():
            break
        if began(people.list_users(account_id), since, now):
            assigned += offer_again(account_id, now, MOST_BY_THE_CLOCK)
    return assigned


def _still_waits(conversation: Conversation) -> bool:
    waits = Assignment(None, conversation.assigned_because).waits
    return conversation.assignee_id is None and conversation.status is ConversationStatus.OPEN and waits


def _assign(conversation: Conversation, choice: Assignment, at: str) -> bool:
    assert choice.assignee is not None
    try:
        waiting.assign_waiting(conversation, choice.assignee, choice.because, at)
    except LostRace:  # a mail or a colleague came first; the row stays for the next time
        return False
    return True
