"""What agents write in a conversation: answers, which leave by mail, and comments, which never do.

An answer is stored as `queued`, with everything that comes with it, in one transaction; then its task goes onto the
outbound queue. Should that fail, the sweep finds the answer: what the caller was told is there, is there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.conversations import access, read, recipients
from chalicelib.errors import Conflict, ConversationMovedOn, Fault, LostRace, Refused, TooManyRequests
from chalicelib.mail.clean import clean_line, clean_text
from chalicelib.mail.html import clean
from chalicelib.mail.model import Address
from chalicelib.mail.text import from_html
from chalicelib.model.account import Account, Plan
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import (
    Authentication,
    Conversation,
    ConversationStatus,
    Direction,
    Message,
    MessageBody,
    Reason,
    RecipientState,
    Sending,
    SendingStatus,
)
from chalicelib.model.entry import Entry, Quota, RequestKey
from chalicelib.model.filing import MAX_PARTICIPANTS
from chalicelib.model.inbox import Channel
from chalicelib.model.message_ids import locate_message, message_id_of
from chalicelib.model.task import SendTask
from chalicelib.outbound.answer_subject import answer_subject
from chalicelib.outbound.choose_sender import choose_sender, refused_because
from chalicelib.routing.count_open import counted
from chalicelib.storage import conversations, entries, inboxes, people
from chalicelib.storage.queues import enqueue_answer

TRIES = 4
MOST_OF_FREE, MOST_OF_PAID = 200, 5000  # recipients that an account may write to in an hour, by plan
NEWER = 10  # messages told of when a conversation has moved on
PREVIEW = 140  # characters
WRITTEN = Reason("written_here", "A user wrote it here.")


class Words(Struct, frozen=True):
    """What is to be written. `to` None: to the contact. `last_message_id`: what the writer has seen."""

    direction: Direction
    body: MessageBody
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] = ()
    last_message_id: str | None = None
    close: bool = False


def write(caller: Caller, conversation_id: str, words: Words, request: RequestKey | None, now: datetime) -> Message:
    """Add an answer or a comment to a conversation. The same request again adds nothing and gives the same message.

    `NotFound`, `Forbidden` (S19); `Refused` when the channel may not send (S28, S86) or a recipient cannot be written
    to; `ConversationMovedOn` when there is more than `last_message_id`; `Conflict` when the idempotency key was used
    for another request.
    """
    for attempt in range(1, TRIES + 1):
        before, inbox = read.conversation_for(caller, conversation_id)
        access.require_act(caller.user, inbox)
        made = made_before(caller, request)
        if made is not None:
            return made
        entry = _decide(caller, before, words, request, now)
        try:
            entries.add_entry(entry, now)
        except LostRace:
            require_room(entry, now)
            if attempt == TRIES:
                raise
            continue
        leave_soon(entry.message)
        return entry.message
    raise AssertionError("the last attempt returns or raises")


def body_of(text: str | None, html: str | None) -> MessageBody:
    """A body from what was written: HTML cleaned, the text made from it where there is none. `Refused` when empty."""
    cleaned = clean(html) if html else None
    plain = clean_text(text) if text is not None else from_html(cleaned or "").text
    if not plain.strip() and "<img" not in (cleaned or ""):
        raise Refused("There is nothing in it: write a text or HTML.", pointer="/text", code="empty_message")
    return MessageBody(text=plain, html=cleaned, reply_text=plain)


def made_before(caller: Caller, request: RequestKey | None) -> Message | None:
    """What an earlier request with the same idempotency key wrote; `Conflict` when that was another request."""
    if request is None:
        return None
    made = entries.find_request(caller.account_id, request.user_id, request.key)
    if made is None:
        return None
    if made.fingerprint != request.fingerprint:
        raise Conflict("The idempotency key was used for another request.", code="idempotency_key_reused")
    return read.message_for(caller, made.made)


def _decide(caller: Caller, before: Conversation, words: Words, request: RequestKey | None, now: datetime) -> Entry:
    if words.last_message_id is not None:
        _require_seen(before, words.last_message_id)
    message = new_message(caller, before, words, now)
    existing: Collection[str] = (caller.user.id,)
    if words.close and before.assignee_id is not None:
        found = people.get_users(caller.account_id, [before.assignee_id])
        existing = [user_id for user_id, user in found.items() if user is not None]
    after = after_writing(before, message, by=caller.user.id, name=caller.user.name, close=words.close, now=now)
    return Entry(before, after, message, counted(before, after, existing), request, quota_of(caller.account, message))


def quota_of(account: Account, message: Message) -> Quota | None:
    """What an answer takes of the account's hour; nothing for a comment. Pure."""
    if message.sending is None:
        return None
    return Quota(len(message.sending.recipients), MOST_OF_FREE if account.plan is Plan.FREE else MOST_OF_PAID)


def require_room(entry: Entry, now: datetime) -> None:
    """Raise `TooManyRequests` if that is why the entry was not written: each way that sends mail has a limit."""
    if entry.quota is not None and entries.is_used_up(entry.before.account_id, entry.quota, now):
        raise TooManyRequests(
            f"The account may write to {entry.quota.most} recipients an hour, and has. Try again in the next hour.",
            code="too_many_recipients",
        )


def after_writing(
    before: Conversation, message: Message, *, by: str, name: str, close: bool, now: datetime
) -> Conversation:
    """The conversation once a message was written in it. Pure.

    Whoever answers an unassigned conversation becomes its assignee (§4); a comment assigns nothing, and its words show
    in no list.
    """
    after = replace(
        before,
        message_count=before.message_count + 1,
        last_message_at=message.created_at,
        version=before.version + 1,
    )
    if message.direction is Direction.OUTGOING:
        addresses = [state.address for state in message.sending.recipients] if message.sending else []
        words = (message.body or MessageBody()).text
        after = replace(
            after,
            preview=" ".join(words[: 8 * PREVIEW].split())[:PREVIEW],
            participants=tuple(dict.fromkeys((*before.participants, *addresses)))[:MAX_PARTICIPANTS],
        )
        if before.assignee_id is None:
            because = Reason("answered_first", f"{name or by} answered while it was nobody's.")
            after = replace(after, assignee_id=by, assigned_because=because)
    if close and before.status is ConversationStatus.OPEN:
        after = replace(after, status=ConversationStatus.CLOSED, closed_at=stamp(now))
    return after


def new_message(caller: Caller, before: Conversation, words: Words, now: datetime) -> Message:
    """What a user writes now in a conversation, as it will be stored: after everything that is there."""
    created_at = stamp(max(now, datetime.fromisoformat(before.last_message_at) + timedelta(milliseconds=1)))
    message = Message(
        account_id=before.account_id,
        conversation_id=before.id,
        id=message_id_of(before.id, created_at, clock.new_id("ans")),
        inbox_id=before.inbox_id,
        contact_id=before.contact_id,
        direction=words.direction,
        from_=Address(caller.user.name, caller.user.email),
        to=(),
        cc=(),
        reply_to=(),
        subject=before.subject,
        authentication=Authentication(),
        attachments=(),
        created_at=created_at,
        status="internal",
        joined_because=WRITTEN,
        body=words.body,
        author_id=caller.user.id,
    )
    return _addressed(caller, before, words, message) if words.direction is Direction.OUTGOING else message


def _addressed(caller: Caller, before: Conversation, words: Words, message: Message) -> Message:
    channel = require_sendable(inboxes.get_channel(before.account_id, before.channel_id))
    to = words.to if words.to is not None else (Address(before.contact_name, before.contact_email),)
    envelope = recipients.checked(to, words.cc, (config().inbound_domain, config().free_inbound_domain))
    return replace(
        message,
        from_=choose_sender(channel, caller.user, caller.account.company_name).from_,
        to=to,
        cc=words.cc,
        subject=answer_subject(before.subject) if before.message_count else clean_line(before.subject),
        status=SendingStatus.QUEUED.value,
        sending=Sending(
            status=SendingStatus.QUEUED,
            recipients=tuple(RecipientState(address, SendingStatus.QUEUED) for address in envelope),
            due_at=message.created_at,
        ),
    )


def require_sendable(channel: Channel | None) -> Channel:
    """The channel, if mail may leave through it now; `Refused` says which rule stands against it (S28, S86)."""
    if channel is None:
        raise Refused("The conversation's channel is not there any more.", code="channel_gone")
    because = refused_because(channel)
    if because is not None:
        raise Refused(because.text, code=because.code)
    return channel


def _require_seen(before: Conversation, last_message_id: str) -> None:
    """Raise unless the conversation has nothing after the message that the writer has seen last."""
    try:
        conversation_id, _ = locate_message(last_message_id)
    except ValueError:
        conversation_id = ""
    if conversation_id != before.id:
        raise Refused("The conversation has no such message.", pointer="/last_message_id", code="no_such_message")
    newer = conversations.messages_after(before.account_id, last_message_id, NEWER)
    if newer:
        raise ConversationMovedOn(
            "Somebody wrote in the conversation meanwhile. Read it, then send again, or send with `force`.",
            newer=tuple(message.id for message in newer),
        )


def leave_soon(message: Message) -> None:
    """Put a written answer on its way; a comment has none."""
    if message.sending is None:
        return
    try:
        enqueue_answer(SendTask(message.account_id, message.id))
    except Fault as error:
        log.warning("left_to_the_sweep", message=message.id, because=error.detail)
