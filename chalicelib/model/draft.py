"""What a user has begun to write, and files that wait to be sent with it."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.mail.model import Address


class FileRef(Struct, frozen=True):
    """A file to send: an upload, or attachment `index` of a message. With `content_id` the HTML shows it (`cid:`)."""

    upload_id: str | None = None
    message_id: str | None = None
    index: int = 0
    content_id: str | None = None


class Draft(Struct, frozen=True):
    """An answer that was begun, of one user; `about_id` is the conversation, or the inbox of one that will begin.

    Nothing in it is checked before it is sent. `to` None: the contact.
    """

    account_id: str
    user_id: str
    about_id: str
    changed_at: str
    text: str | None = None
    html: str | None = None
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str | None = None
    files: tuple[FileRef, ...] = ()


class Upload(Struct, frozen=True):
    """A file that a user may upload until `expires_at`, and send. `size` in bytes."""

    account_id: str
    id: str
    user_id: str
    filename: str
    content_type: str
    size: int
    created_at: str
    expires_at: str


class Mention(Struct, frozen=True):
    """That a comment names a user; `preview` is its beginning."""

    account_id: str
    user_id: str
    message_id: str
    conversation_id: str
    inbox_id: str
    author_id: str
    created_at: str
    preview: str = ""
