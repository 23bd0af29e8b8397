"""A message that is sent on to somebody else: a conversation of its own begins, with that person.

It has its own signed reply address and none of the original's ids, so that an answer of theirs never lands among the
customer's mail, nor is answered with more of it (Chatwoot PR 15871). An event in each conversation leads to the other.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.conversations import access, read
from chalicelib.conversations.enter import enter
from chalicelib.conversations.start import begun, blank, contact_for
from chalicelib.conversations.words import Words
from chalicelib.errors import Refused
from chalicelib.mail.model import Address
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, Direction, Message, MessageBody
from chalicelib.model.draft import FileRef
from chalicelib.model.entry import Entry, RequestKey
from chalicelib.outbound.new_message import new_event, with_message
from chalicelib.outbound.quote_forwarded import forward_subject
from chalicelib.outbound.written_mail import was_taken_back
from chalicelib.storage import inboxes

FORWARDED, FORWARDED_FROM = "forwarded", "forwarded_from"


class Forwarding(Struct, frozen=True, kw_only=True):
    """To whom a message is sent on, with what words and files; the first of `to` is the new conversation's contact."""

    to: tuple[Address, ...]
    body: MessageBody
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str | None = None
    include_attachments: bool = True
    files: tuple[FileRef, ...] = ()


def forward(caller: Caller, message_id: str, told: Forwarding, request: RequestKey | None, now: datetime) -> Message:
    """Send a message on; the mail that leaves. The same request again sends nothing more.

    `NotFound`, `Forbidden` (S19), `Refused` as for an answer, or when the message is no mail.
    """

    def decide() -> Entry:
        original, source, inbox = read.message_in(caller, message_id)
        access.require_act(caller.user, inbox)
        if original.direction not in (Direction.INCOMING, Direction.OUTGOING) or was_taken_back(original):
            raise Refused("Only mail can be sent on, not comments or events.", code="not_a_mail")
        return _decide(caller, original, source, told, request, now)

    return enter(caller, request, decide, now).message


def _decide(
    caller: Caller,
    original: Message,
    source: Conversation,
    told: Forwarding,
    request: RequestKey | None,
    now: datetime,
) -> Entry:
    channel = inboxes.get_channel(source.account_id, source.channel_id)
    if channel is None:
        raise Refused("The conversation's channel is not there any more.", code="channel_gone")
    contact, is_new = contact_for(caller, told.to[0], now)
    before = blank(caller, channel, contact, told.subject or forward_subject(original.subject), now)
    before = replace(before, inbox_id=source.inbox_id)
    text = f"{caller.user.called} sent a message of another conversation on."
    came_from = _event(before, FORWARDED_FROM, text, source.id)
    refs = (*_attached(original), *told.files) if told.include_attachments else told.files
    words = Words(
        direction=Direction.OUTGOING,
        body=told.body,
        to=told.to,
        cc=told.cc,
        bcc=told.bcc,
        files=refs,
        forwards=original.id,
    )
    before = replace(before, last_message_at=came_from.created_at)
    entry = begun(caller, before, words, contact if is_new else None, request, now)
    people = ", ".join(each.address for each in (*told.to, *told.cc, *told.bcc))
    return replace(
        entry,
        after=replace(entry.after, message_count=2, preview=entry.after.preview or entry.after.subject),
        events=(came_from,),
        beside=(_told_at(source, f"{caller.user.called} sent a message on to {people}.", before.id, now),),
    )


def _told_at(source: Conversation, text: str, to_id: str, now: datetime) -> Entry:
    """The event in the conversation that the message is of."""
    event = _event(source, FORWARDED, text, to_id, now)
    return Entry(source, with_message(source, event), event)


def _event(conversation: Conversation, code: str, text: str, related_id: str, now: datetime | None = None) -> Message:
    at = now or datetime.fromisoformat(conversation.last_message_at)
    return new_event(conversation, f"{code}:{related_id}", code, text, at, related_id=related_id)


def _attached(original: Message) -> tuple[FileRef, ...]:
    """What came with the message; images that its HTML shows are shown again."""
    html = (original.body or MessageBody()).html or ""
    return tuple(
        FileRef(
            message_id=original.id,
            index=each.index,
            content_id=each.content_id if each.content_id and f'"cid:{each.content_id}"' in html else None,
        )
        for each in original.attachments
    )
