"""`/v1/conversations/{id}/messages` and `/v1/messages`: what was written, and links to what is not served from here."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.api.answers import ROOM, Link
from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, Person, listing
from chalicelib.api.suppressions import WarningAnswer
from chalicelib.conversations import links, read
from chalicelib.errors import NotFound
from chalicelib.mail.html import clean
from chalicelib.mail.model import Address, Fold
from chalicelib.model.conversation import Authentication, Direction, Message, MessageBody, Sending, SendingStatus

ROOM_OF_PAGE = ROOM - 5000  # bytes of messages; the rest is for what is around them


class MessageQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which end of a conversation a list begins with."""

    order: Literal["oldest", "newest"] = "oldest"


class AttachmentAnswer(Struct, frozen=True, kw_only=True):
    """A file that came with a message; `size` in bytes. `url` is the path of the route that gives a link to it."""

    index: int
    filename: str | None
    content_type: Annotated[str, Meta(description="As the sender says: a claim, never how it is served.")]
    size: int
    inline: bool
    content_id: str | None
    url: str


class MessageAnswer(Struct, frozen=True, kw_only=True):
    """One entry of a conversation. `html` is cleaned: show it in a sandboxed frame.

    `folds` are stretches of `text` to fold away. With `body_complete` false the body is longer than fits an answer:
    `body_url` gives a link to all of it.
    """

    id: str
    conversation_id: str
    inbox_id: str
    direction: Direction
    from_: Person | None = msgspec.field(name="from")
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: Annotated[tuple[Person, ...], Meta(description="Who got a blind copy: never part of the mail.")]
    reply_to: tuple[Person, ...]
    subject: str
    text: str
    html: str | None
    reply_text: Annotated[str, Meta(description="What the person newly wrote, without quotes and signature.")]
    folds: tuple[Fold, ...]
    body_complete: bool
    body_url: str
    authentication: Authentication
    attachments: tuple[AttachmentAnswer, ...]
    status: str
    created_at: str
    sent_at: str | None
    marks: Annotated[tuple[str, ...], Meta(description="What a reader should know, such as `sender_not_proven`.")]
    defects: tuple[str, ...]
    automatic: str | None
    forwarded_by: Annotated[
        Person | None, Meta(description="Who sent it on; what they wrote above a forward is in `reply_text`.")
    ]
    joined_because: str
    joined_because_code: str
    message_id: Annotated[str, Meta(description="RFC 5322 Message-ID without angle brackets.")] | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    delivery_id: str | None
    raw_url: Annotated[str, Meta(description="Path of the route that gives a link to the raw mail.")] | None
    author_id: Annotated[str, Meta(description="The user who wrote an answer or a comment.")] | None
    sending: SendingAnswer | None
    mentions: Annotated[tuple[str, ...], Meta(description="Users whom a comment calls.")]
    forwards_message_id: Annotated[str, Meta(description="The message that this one sends on.")] | None
    related_conversation_id: Annotated[str, Meta(description="The conversation that an event leads to.")] | None
    warnings: Annotated[tuple[WarningAnswer, ...], Meta(description="Told to whoever writes an answer, then.")] = ()


class RecipientAnswer(Struct, frozen=True, kw_only=True):
    """One recipient of an answer, and how far its copy got."""

    address: str
    status: SendingStatus
    because: str | None
    because_code: str | None
    at: str | None


class SendingAnswer(Struct, frozen=True, kw_only=True):
    """An answer's way to its recipients (§7.9). `unconfirmed`: it may have left; it is not sent again by itself."""

    status: SendingStatus
    because: str | None
    because_code: str | None
    due_at: Annotated[str, Meta(description="When it leaves, or is tried again; until then it can be taken back.")]
    attempts: int
    recipients: tuple[RecipientAnswer, ...]


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """What the history of a contact tells of a message; the message itself has the rest."""

    id: str
    conversation_id: str
    inbox_id: str
    direction: Direction
    from_: Person | None = msgspec.field(name="from")
    subject: str
    status: str
    attachment_count: int
    created_at: str


def shape(message: Message) -> MessageAnswer:
    """A message in the shape of the API, its body left out when it is too long for an answer."""
    body = message.body or MessageBody()
    path = f"/v1/messages/{message.id}"
    answer = MessageAnswer(
        id=message.id,
        conversation_id=message.conversation_id,
        inbox_id=message.inbox_id,
        direction=message.direction,
        from_=_person(message.from_),
        to=_people(message.to),
        cc=_people(message.cc),
        bcc=_people(message.bcc),
        reply_to=_people(message.reply_to),
        subject=message.subject,
        text=body.text,
        html=_cleaned(body.html),
        reply_text=body.reply_text,
        folds=body.folds,
        body_complete=True,
        body_url=f"{path}/body",
        authentication=message.authentication,
        attachments=tuple(
            AttachmentAnswer(
                index=each.index,
                filename=each.filename,
                content_type=each.content_type,
                size=each.size,
                inline=each.inline,
                content_id=each.content_id,
                url=f"{path}/attachments/{each.index}",
            )
            for each in message.attachments
        ),
        status=message.status,
        created_at=message.created_at,
        sent_at=message.sent_at,
        marks=message.marks,
        defects=message.defects,
        automatic=message.automatic,
        forwarded_by=_person(message.forwarded_by),
        joined_because=message.joined_because.text,
        joined_because_code=message.joined_because.code,
        message_id=message.message_id,
        in_reply_to=message.in_reply_to,
        references=message.references,
        delivery_id=message.delivery_id,
        raw_url=f"{path}/raw" if message.raw_key else None,
        author_id=message.author_id,
        sending=_sending(message.sending),
        mentions=message.mentions,
        forwards_message_id=message.forwards,
        related_conversation_id=message.related_id,
    )
    if size_of(answer) <= ROOM_OF_PAGE:
        return answer
    return replace(answer, text="", html=None, reply_text="", folds=(), body_complete=False)


def size_of(answer: MessageAnswer) -> int:
    """Bytes of a message in an answer."""
    return len(msgspec.json.encode(answer))


def list_messages(call: Call) -> Listing[MessageAnswer]:
    """The messages of a conversation (S2). A page also ends where its messages fill an answer."""
    query: MessageQuery = call.query
    page = read.list_messages(
        call.caller,
        call.path["conversation_id"],
        newest_first=query.order == "newest",
        limit=query.limit,
        cursor=query.cursor,
    )
    fitting: list[MessageAnswer] = []
    room, after = ROOM_OF_PAGE, None
    for found in page.items:
        answer = shape(found.message)
        room -= size_of(answer)
        if room < 0 and fitting:
            return Listing(tuple(fitting), after)
        fitting.append(answer)
        after = found.cursor
    return Listing(tuple(fitting), page.next)


def list_timeline(call: Call) -> Listing[TimelineEntry]:
    """What was written with a contact, newest first."""
    query: Paging = call.query
    page = read.list_timeline(
        call.caller, call.path["contact_id"], limit=query.limit, cursor=query.cursor, now=call.now
    )
    return listing(page, _entry)


def get_message(call: Call) -> MessageAnswer:
    """One message."""
    return shape(read.message_for(call.caller, call.path["message_id"]))


def get_raw(call: Call) -> Link:
    """A link to the raw mail."""
    return link(links.raw_link(call.caller, call.path["message_id"], call.now))


def get_body(call: Call) -> Link:
    """A link to the whole body."""
    return link(links.body_link(call.caller, call.path["message_id"], call.now))


def get_attachment(call: Call) -> Link:
    """A link to an attachment."""
    index = call.path["index"]
    if not (index.isascii() and index.isdigit() and len(index) < 7):
        raise NotFound("The message has no such attachment.")
    return link(links.attachment_link(call.caller, call.path["message_id"], int(index), call.now))


def link(signed: links.Link) -> Link:
    """A link in the shape of the API."""
    return Link(signed.url, signed.expires_at)


def _entry(message: Message) -> TimelineEntry:
    return TimelineEntry(
        id=message.id,
        conversation_id=message.conversation_id,
        inbox_id=message.inbox_id,
        direction=message.direction,
        from_=_person(message.from_),
        subject=message.subject,
        status=message.status,
        attachment_count=len(message.attachments),
        created_at=message.created_at,
    )


def _sending(sending: Sending | None) -> SendingAnswer | None:
    if sending is None:
        return None
    return SendingAnswer(
        status=sending.status,
        because=sending.because.text if sending.because else None,
        because_code=sending.because.code if sending.because else None,
        due_at=sending.due_at,
        attempts=sending.attempts,
        recipients=tuple(
            RecipientAnswer(
                address=each.address,
                status=each.status,
                because=each.because.text if each.because else None,
                because_code=each.because.code if each.because else None,
                at=each.at,
            )
            for each in sending.recipients
        ),
    )


def _person(address: Address | None) -> Person | None:
    return Person(address.name, address.address) if address else None


def _people(addresses: tuple[Address, ...]) -> tuple[Person, ...]:
    return tuple(Person(each.name, each.address) for each in addresses)


def _cleaned(html: str | None) -> str | None:
    """Cleaned when stored, and again when shown: what an older sanitiser let through stops here."""
    return None if html is None else clean(html)
