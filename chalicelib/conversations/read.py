"""What agents read: inboxes, conversations, messages and contacts' histories.

Each `..._for` function is the only door to its thing: it reads, asks `access.py`, and makes missing and hidden look
alike (S16). Lists that cross inboxes leave out what the caller may not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.conversations import access
from chalicelib.errors import NotFound
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Contact, ContactState, Conversation, ConversationStatus, Message
from chalicelib.model.draft import Mention
from chalicelib.model.inbox import Channel, Inbox
from chalicelib.model.page import Page
from chalicelib.storage import contacts, conversations, inboxes, mentions
from chalicelib.storage.inboxes import Sight

NOBODY = "none"  # as assignee or owner in a query


def inbox_for(caller: Caller, inbox_id: str, what: str = "inbox") -> Inbox:
    """An inbox that the caller may read; else `NotFound` about `what`."""
    inbox = caller.inbox
    if inbox is None or inbox.id != inbox_id:
        inbox = inboxes.get_inbox(caller.account_id, inbox_id)
    return access.require_read(caller.user, inbox, what)


def channel_for(caller: Caller, channel_id: str) -> tuple[Channel, Inbox]:
    """A channel of an inbox that the caller may read, and the inbox."""
    channel = inboxes.get_channel(caller.account_id, channel_id)
    if channel is None or channel.disconnected_at is not None:
        raise NotFound("There is no such channel.")
    return channel, inbox_for(caller, channel.inbox_id, "channel")


def conversation_for(caller: Caller, conversation_id: str) -> tuple[Conversation, Inbox]:
    """A conversation of an inbox that the caller may read, and the inbox."""
    conversation = conversations.get_conversation(caller.account_id, conversation_id)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    return conversation, inbox_for(caller, conversation.inbox_id, "conversation")


def message_for(caller: Caller, message_id: str) -> Message:
    """A message, with its body, of a conversation that the caller may read."""
    return message_in(caller, message_id)[0]


def message_in(caller: Caller, message_id: str) -> tuple[Message, Conversation, Inbox]:
    """The same, with its conversation and inbox."""
    found = conversations.get_message(caller.account_id, message_id)
    if found is None:
        raise NotFound("There is no such message.")
    message, conversation = found
    return message, conversation, inbox_for(caller, conversation.inbox_id, "message")


def contact_for(caller: Caller, contact_id: str) -> Contact:
    """A contact: contacts are the whole account's; what was written with them is not.

    The id of one that was merged into another leads to the other; one that is being erased is not there any more.
    """
    contact = contacts.get_contact(caller.account_id, contact_id)
    found = surviving(contact) if contact is not None else None
    if found is None:
        raise NotFound("There is no such contact.")
    return found


def surviving(contact: Contact) -> Contact | None:
    """The contact that this one is today, after all merges; None when that one is gone, or going."""
    found: Contact | None = contact
    while found is not None and found.merged_into is not None:
        found = contacts.get_contact(found.account_id, found.merged_into)
    return found if found is not None and found.state is ContactState.ACTIVE else None


def list_inboxes(caller: Caller, *, archived: bool, limit: int, cursor: str | None) -> Page[Inbox]:
    """The inboxes that the caller may read, the archived ones or the others, oldest first."""

    def shown(inbox: Inbox) -> bool:
        return (inbox.archived_at is not None) == archived and access.grant(caller.user, inbox.access).may_read

    return inboxes.page_of_inboxes(Sight(caller.account_id, shown), limit=limit, cursor=cursor)


def list_channels(caller: Caller, inbox_id: str, *, limit: int, cursor: str | None) -> Page[Channel]:
    """The channels of an inbox, oldest first."""
    inbox = inbox_for(caller, inbox_id)
    return inboxes.page_of_channels(caller.account_id, inbox.id, limit=limit, cursor=cursor)


def list_conversations(
    caller: Caller,
    inbox_id: str,
    status: ConversationStatus,
    assignee: str | None,
    *,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[Conversation]:
    """The conversations of an inbox, newest first; `assignee` is a user's id, `NOBODY`, or None for whoever."""
    inbox = inbox_for(caller, inbox_id)
    account = caller.account_id
    years = _years(caller, now)
    if assignee is None:
        return conversations.page_of_inbox(account, inbox.id, status, years, limit=limit, cursor=cursor)
    someone = None if assignee == NOBODY else assignee
    return conversations.page_of_assignee(account, inbox.id, status, someone, years, limit=limit, cursor=cursor)


def list_messages(
    caller: Caller, conversation_id: str, *, newest_first: bool, limit: int, cursor: str | None
) -> Page[conversations.FoundMessage]:
    """The messages of a conversation (S2)."""
    conversation, _ = conversation_for(caller, conversation_id)
    return conversations.page_of_messages(
        caller.account_id, conversation.id, limit=limit, cursor=cursor, newest_first=newest_first
    )


def list_contact_conversations(
    caller: Caller, contact_id: str, *, limit: int, cursor: str | None
) -> Page[Conversation]:
    """The conversations with a contact that the caller may read, the latest begun first."""
    contact = contact_for(caller, contact_id)
    sight = sight_of(caller)
    return conversations.page_of_contact(caller.account_id, contact.id, sight, limit=limit, cursor=cursor)


def list_timeline(caller: Caller, contact_id: str, *, limit: int, cursor: str | None, now: datetime) -> Page[Message]:
    """The messages with a contact that the caller may read, newest first."""
    contact = contact_for(caller, contact_id)
    sight, years = sight_of(caller), _years(caller, now)
    return conversations.page_of_timeline(caller.account_id, contact.id, years, sight, limit=limit, cursor=cursor)


def list_mentions(caller: Caller, *, limit: int, cursor: str | None, now: datetime) -> Page[Mention]:
    """Where colleagues named the caller, in the inboxes that the caller may read now, newest first."""
    sight, years = sight_of(caller), _years(caller, now)
    return mentions.page_of_mentions(caller.account_id, caller.user.id, years, sight, limit=limit, cursor=cursor)


def sight_of(caller: Caller) -> Sight:
    """The inboxes that the caller may read, for a list that crosses inboxes."""
    return Sight(caller.account_id, lambda inbox: access.grant(caller.user, inbox.access).may_read)


def _years(caller: Caller, now: datetime) -> Sequence[int]:
    """The years in which the account has existed, the present first."""
    return range(now.year, int(caller.account.created_at[:4]) - 1, -1)
