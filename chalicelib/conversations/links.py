"""Signed links to bytes of a message: the raw mail, one attachment, a body that is too long for an answer.

Mail bytes are never served from the application's own origin. A link works for some minutes, names one object, and
makes a browser save it; only raster images keep their type, everything else is bytes of no type, so that nothing runs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.conversations import read
from chalicelib.errors import NotFound, RawMailMissing
from chalicelib.mail import attachment_content
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Message, MessageBody
from chalicelib.storage import raw_mail

NO_TYPE = "application/octet-stream"
SHOWN_TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})


class Link(Struct, frozen=True):
    """A signed link and when it ends."""

    url: str
    expires_at: str


def raw_link(caller: Caller, message_id: str, now: datetime) -> Link:
    """A link to the raw mail of a message."""
    message = read.message_for(caller, message_id)
    if message.raw_key is None:
        raise NotFound("The message did not come by mail: there is no raw form of it.")
    return sign(message.raw_key, f"{message.id}.eml", NO_TYPE, now)


def attachment_link(caller: Caller, message_id: str, index: int, now: datetime) -> Link:
    """A link to one attachment: of a mail that came in, taken out of the raw mail when it is asked for."""
    message = read.message_for(caller, message_id)
    found = next((each for each in message.attachments if each.index == index), None)
    if found is None:
        raise NotFound("The message has no such attachment.")
    content_type = found.content_type if found.content_type in SHOWN_TYPES else NO_TYPE
    name = found.filename or f"attachment-{index}"
    if message.file_keys:
        return sign(message.file_keys[index], name, content_type, now)
    key = f"attachments/{message.account_id}/{message.id}/{index}"
    raw_mail.keep_attachment(key, attachment_of(message, index), content_type)
    return sign(key, name, content_type, now)


def attachment_of(message: Message, index: int) -> bytes:
    """The bytes of an attachment that came in with a message; `NotFound` when its raw mail is not kept any more."""
    if message.raw_key is None:
        raise NotFound("The message did not come by mail: there is no raw form of it.")
    try:
        return attachment_content(raw_mail.fetch(message.raw_key), index)
    except (RawMailMissing, IndexError) as error:
        raise NotFound("The raw mail with the attachment is not kept any more.") from error


def body_link(caller: Caller, message_id: str, now: datetime) -> Link:
    """A link to the whole body of a message as JSON: `{text, html, reply_text, folds}`."""
    message = read.message_for(caller, message_id)
    key = f"attachments/{message.account_id}/{message.id}/body.json"
    raw_mail.keep_attachment(key, msgspec.json.encode(message.body or MessageBody()), NO_TYPE)
    return sign(key, f"{message.id}.json", NO_TYPE, now)


def sign(key: str, filename: str, content_type: str, now: datetime) -> Link:
    """A link to an object of the mail bucket."""
    url = raw_mail.link(key, filename=filename, content_type=content_type)
    return Link(url, stamp(now + timedelta(seconds=raw_mail.LINK_SECONDS)))
