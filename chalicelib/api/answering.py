"""What users write: `POST /v1/conversations/{id}/messages`, an answer, which leaves by mail, or a comment, which never
does; `POST /v1/inboxes/{id}/conversations`, the first mail of a conversation.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.api import conversations
from chalicelib.api.answers import Answered
from chalicelib.api.messages import shape
from chalicelib.api.requests import Call
from chalicelib.api.suppressions import shape_warning
from chalicelib.conversations import answer, start
from chalicelib.conversations.files import MOST
from chalicelib.conversations.warnings import warnings_about
from chalicelib.conversations.words import Words, body_of
from chalicelib.errors import InvalidInput
from chalicelib.mail.model import Address
from chalicelib.model.conversation import Direction
from chalicelib.model.draft import FileRef
from chalicelib.model.texts import END, Email, Id, Name

Written = Annotated[str, Meta(max_length=200_000)]
ContentId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._@+=-]+" + END, min_length=1, max_length=78)]
Subject = Annotated[str, Meta(pattern=r"^(?=.*\S)[^\u0000-\u001f\u007f]*" + END, min_length=1, max_length=500)]


class Mailbox(Struct, frozen=True, forbid_unknown_fields=True):
    """An address with a display name."""

    address: Email
    name: Name | None = None


Mailboxes = Annotated[tuple[Email | Mailbox, ...], Meta(max_length=50)]


class MessageFile(Struct, frozen=True, forbid_unknown_fields=True):
    """An attachment of a message that is there already."""

    message_id: Id
    index: Annotated[int, Meta(ge=0, le=100_000)]


class InlineFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An image that the HTML shows as `<img src="cid:…">` with this `content_id`: an upload's id, or an attachment."""

    content_id: ContentId
    file: Id | MessageFile


FileList = Annotated[tuple[Id | MessageFile, ...], Meta(max_length=MOST, description="Ids of uploads, or attachments.")]
InlineFiles = Annotated[tuple[InlineFile, ...], Meta(max_length=MOST)]


class MessageRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to write: a text, HTML, or both; without a text it is made from the HTML, which is cleaned.

    A reply goes `to` the contact unless said otherwise, and `cc` and `bcc` to exactly those who are named; who is in
    `bcc` is seen by colleagues alone. `last_message_id` is the newest message that the writer has seen: if there are
    newer ones the reply is refused (409), unless `force`. `mentions` are users whom a comment calls.
    """

    type: Literal["reply", "comment"]
    text: Written | None = None
    html: Written | None = None
    to: Annotated[Mailboxes, Meta(min_length=1)] | None = None
    cc: Mailboxes = ()
    bcc: Mailboxes = ()
    attachments: FileList = ()
    inline: InlineFiles = ()
    mentions: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()
    last_message_id: Id | None = None
    force: bool = False
    close: Annotated[bool, Meta(description="Close the conversation with it.")] = False


class ConversationRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first mail of a conversation. The first of `to` is the contact with whom it is held.

    Without `channel_id` it leaves through the inbox's first channel.
    """

    to: Annotated[Mailboxes, Meta(min_length=1)]
    subject: Subject
    text: Written | None = None
    html: Written | None = None
    cc: Mailboxes = ()
    bcc: Mailboxes = ()
    attachments: FileList = ()
    inline: InlineFiles = ()
    channel_id: Id | None = None


def add_conversation(call: Call) -> Answered:
    """Begin a conversation with a mail (S83); answers to it land in it."""
    told: ConversationRequest = call.body
    opening = start.Opening(
        to=people(told.to),
        subject=told.subject,
        body=body_of(told.text, told.html),
        cc=people(told.cc),
        bcc=people(told.bcc),
        files=files(told.attachments, told.inline),
        channel_id=told.channel_id,
    )
    conversation = start.start(call.caller, call.path["inbox_id"], opening, call.request, call.now)
    return Answered(conversations.shape(conversation, call.caller), location=f"/v1/conversations/{conversation.id}")


def add_message(call: Call) -> Answered:
    """Answer, or comment. An answer is `queued` and leaves soon; its `status` tells how far it got."""
    told: MessageRequest = call.body
    is_reply = told.type == "reply"
    if not is_reply:
        _require_comment(told)
    elif told.mentions:
        raise InvalidInput("Colleagues are called by comments, not by replies.", pointer="/mentions")
    words = Words(
        direction=Direction.OUTGOING if is_reply else Direction.COMMENT,
        body=body_of(told.text, told.html),
        to=None if told.to is None else people(told.to),
        cc=people(told.cc),
        bcc=people(told.bcc),
        files=files(told.attachments, told.inline),
        mentions=tuple(dict.fromkeys(told.mentions)),
        last_message_id=None if told.force else told.last_message_id,
        close=told.close,
    )
    message = answer.write(call.caller, call.path["conversation_id"], words, call.request, call.now)
    addresses = [each.address for each in message.sending.recipients] if message.sending else []
    warned = tuple(map(shape_warning, warnings_about(call.caller.account_id, addresses)))
    return Answered(replace(shape(message), warnings=warned), location=f"/v1/messages/{message.id}")


def people(told: Mailboxes) -> tuple[Address, ...]:
    """Mailboxes as addresses, exactly as given."""
    return tuple(Address(None, each) if isinstance(each, str) else Address(each.name, each.address) for each in told)


def files(attachments: FileList, inline: InlineFiles) -> tuple[FileRef, ...]:
    """The files of a request, those that its HTML shows last."""
    shown = tuple(_file(each.file, each.content_id) for each in inline)
    return (*(_file(each, None) for each in attachments), *shown)


def _file(told: str | MessageFile, content_id: str | None) -> FileRef:
    if isinstance(told, str):
        return FileRef(upload_id=told, content_id=content_id)
    return FileRef(message_id=told.message_id, index=told.index, content_id=content_id)


def _require_comment(told: MessageRequest) -> None:
    """Raise `InvalidInput` for what only mail has."""
    for name in ("to", "cc", "bcc", "attachments", "inline"):
        if getattr(told, name):
            raise InvalidInput(f"A comment goes to nobody: it has no `{name}`.", pointer=f"/{name}")
