"""What a user writes, before anything is decided about it."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.errors import Refused
from chalicelib.mail.clean import clean_text
from chalicelib.mail.html import clean
from chalicelib.mail.model import Address
from chalicelib.mail.text import from_html
from chalicelib.model.conversation import Direction, MessageBody
from chalicelib.model.draft import FileRef


class Words(Struct, frozen=True, kw_only=True):
    """What is to be written. `to` None: to the contact. `last_message_id`: what the writer has seen.

    `forwards` is the id of the message that is sent on with it.
    """

    direction: Direction
    body: MessageBody
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    files: tuple[FileRef, ...] = ()
    mentions: tuple[str, ...] = ()
    forwards: str | None = None
    last_message_id: str | None = None
    close: bool = False


def body_of(text: str | None, html: str | None) -> MessageBody:
    """A body from what was written: HTML cleaned, the text made from it where there is none. `Refused` when empty."""
    cleaned = clean(html) if html else None
    plain = clean_text(text) if text is not None else from_html(cleaned or "").text
    if not plain.strip() and "<img" not in (cleaned or ""):
        raise Refused("There is nothing in it: write a text or HTML.", pointer="/text", code="empty_message")
    return MessageBody(text=plain, html=cleaned, reply_text=plain)
