"""A conversation that begins here: its first message is a mail of ours, and the answers to it land in it (S83)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.conversations import access, read
from chalicelib.conversations.effects import after_writing, quota_of
from chalicelib.conversations.enter import enter
from chalicelib.conversations.files import gather
from chalicelib.conversations.outgoing import written_message
from chalicelib.conversations.words import Words
from chalicelib.errors import Refused
from chalicelib.mail.addresses import as_kept
from chalicelib.mail.clean import clean_line
from chalicelib.mail.model import Address
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import (
    Contact,
    Conversation,
    ConversationStatus,
    Direction,
    MessageBody,
    Reason,
)
from chalicelib.model.draft import FileRef
from chalicelib.model.entry import Entry, RequestKey
from chalicelib.model.inbox import Channel, Inbox
from chalicelib.storage import contacts, inboxes

STARTED = Reason("started_here", "A user began the conversation.")


class Opening(Struct, frozen=True):
    """The first mail of a conversation; the first of `to` is the contact. `channel_id` None: the inbox's first."""

    to: tuple[Address, ...]
    subject: str
    body: MessageBody
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    files: tuple[FileRef, ...] = ()
    channel_id: str | None = None


def start(caller: Caller, inbox_id: str, opening: Opening, request: RequestKey | None, now: datetime) -> Conversation:
    """Begin a conversation with a mail. The same request again begins none, and gives the same conversation.

    `NotFound`, `Forbidden` (S19), `Refused` as for an answer.
    """
    inbox = read.inbox_for(caller, inbox_id)
    access.require_act(caller.user, inbox)
    entered = enter(caller, request, lambda: _decide(caller, inbox, opening, request, now), now)
    return entered.conversation or read.conversation_for(caller, entered.message.conversation_id)[0]


def _decide(caller: Caller, inbox: Inbox, opening: Opening, request: RequestKey | None, now: datetime) -> Entry:
    channel = _channel(caller, inbox, opening.channel_id)
    contact, is_new = contact_for(caller, opening.to[0], now)
    before = blank(caller, channel, contact, opening.subject, now)
    words = Words(
        direction=Direction.OUTGOING,
        body=opening.body,
        to=opening.to,
        cc=opening.cc,
        bcc=opening.bcc,
        files=opening.files,
    )
    entry = begun(caller, before, words, contact if is_new else None, request, now)
    return replace(entry, ends_drafts=((caller.user.id, inbox.id),))


def begun(
    caller: Caller,
    before: Conversation,
    words: Words,
    new_contact: Contact | None,
    request: RequestKey | None,
    now: datetime,
) -> Entry:
    """A conversation that begins with these words; `Refused` as for an answer."""
    files = gather(caller, words.files, now)
    message = written_message(caller, before, words, now, files)
    after = after_writing(before, message, by=caller.user, close=False, now=now)
    return Entry(
        before,
        after,
        message,
        counted={caller.user.id: 1},
        request=request,
        quota=quota_of(caller.account, message),
        starts=True,
        contact=new_contact,
        uploads=files.uploads,
    )


def contact_for(caller: Caller, first: Address, now: datetime) -> tuple[Contact, bool]:
    """The contact behind an address, and whether it is a new one."""
    known = contacts.find_by_email(caller.account_id, first.address)
    if known is not None:
        return known, False
    contact = Contact(
        account_id=caller.account_id,
        id=clock.new_id("ctc"),
        email=as_kept(first.address),
        created_at=stamp(now),
        name=first.name,
    )
    return contact, True


def _channel(caller: Caller, inbox: Inbox, channel_id: str | None) -> Channel:
    if channel_id is None:
        first = inboxes.page_of_channels(caller.account_id, inbox.id, limit=1, cursor=None).items
        if not first:
            raise Refused("The inbox has no channel to send from. Connect one first.", code="no_channel")
        return first[0]
    channel = inboxes.get_channel(caller.account_id, channel_id)
    if channel is None or channel.inbox_id != inbox.id:
        raise Refused("The inbox has no such channel.", pointer="/channel_id", code="no_such_channel")
    return channel


def blank(caller: Caller, channel: Channel, contact: Contact, subject: str, now: datetime) -> Conversation:
    """The conversation without its first message: whoever begins it has it."""
    return Conversation(
        account_id=caller.account_id,
        id=clock.new_id("cnv"),
        inbox_id=channel.inbox_id,
        channel_id=channel.id,
        contact_id=contact.id,
        contact_email=contact.email,
        contact_name=contact.name,
        subject=clean_line(subject),
        status=ConversationStatus.OPEN,
        assignee_id=caller.user.id,
        assigned_because=Reason("started_here", f"{caller.user.called} began the conversation."),
        started_because=STARTED,
        participants=(),
        message_count=0,
        last_message_at=stamp(now),
        created_at=stamp(now),
        version=0,
    )
