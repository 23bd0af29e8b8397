"""Files that leave with a mail: uploads of the sender's own, and attachments of messages that the sender may read.

Each is checked and then copied to where nobody can change it any more, before the mail is queued; so that what was
checked is what leaves, and what cannot leave is refused at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.clock import new_id, stamp
from chalicelib.conversations import links, read
from chalicelib.errors import NotFound, Refused
from chalicelib.mail import outgoing_files
from chalicelib.mail.model import Attachment
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Message
from chalicelib.model.draft import FileRef, Upload
from chalicelib.storage import raw_mail, uploads

MOST = 50  # files of one mail


class Files(Struct, frozen=True):
    """Files of a mail, where they lie, in the same order, and the uploads that are used up by sending them."""

    attachments: tuple[Attachment, ...] = ()
    keys: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()


NO_FILES = Files()


class _Found(Struct, frozen=True):
    """A file that was named, as far as it is known before its bytes are looked at."""

    filename: str
    size: int
    pointer: str
    upload: Upload | None = None
    source: tuple[Message, Attachment] | None = None
    content_id: str | None = None


def gather(caller: Caller, refs: Sequence[FileRef], now: datetime) -> Files:
    """The files, ready to be sent. `Refused` points to the first that is missing, another's, or not to be sent."""
    if not refs:
        return NO_FILES
    found = _find(caller, refs, now)
    for each in found:
        require_type(each.filename, each.pointer)
    if not outgoing_files.fits(each.size for each in found):
        raise Refused(
            f"A mail has at most {outgoing_files.LARGEST_MAIL // 1_000_000} MB once its files are encoded, which makes "
            "them larger by more than a third. Leave some out, or send them in several mails.",
            pointer="/attachments",
            code="mail_too_large",
        )
    attachments, keys = [], []
    for index, each in enumerate(found):
        key, content_type = _take(caller, each)
        if each.content_id is not None and content_type not in outgoing_files.SHOWN:
            raise Refused(
                "HTML can show GIF, JPEG, PNG and WebP images. Send this file as an attachment.",
                pointer=each.pointer,
                code="not_an_image",
            )
        shown = each.content_id is not None
        attachments.append(Attachment(index, each.filename, content_type, each.size, shown, each.content_id))
        keys.append(key)
    return Files(tuple(attachments), tuple(keys), tuple(each.upload.id for each in found if each.upload))


def require_type(filename: str, pointer: str) -> None:
    """Raise `Refused` for a kind of file with which SES sends no mail."""
    ending = outgoing_files.refused_extension(filename)
    if ending is not None:
        raise Refused(
            f"SES refuses files that end with .{ending}, since they can run. Send it in an archive, or as a link.",
            pointer=pointer,
            code="file_type_refused",
        )


def _find(caller: Caller, refs: Sequence[FileRef], now: datetime) -> list[_Found]:
    known = uploads.find_uploads(caller.account_id, [each.upload_id for each in refs if each.upload_id])
    found: list[_Found] = []
    numbers = {"attachments": 0, "inline": 0}
    for ref in refs:
        field = "attachments" if ref.content_id is None else "inline"
        pointer = f"/{field}/{numbers[field]}"
        numbers[field] += 1
        if ref.upload_id is not None:
            upload = known.get(ref.upload_id)
            if upload is None or upload.user_id != caller.user.id or upload.expires_at <= stamp(now):
                raise Refused(
                    "There is no such upload of yours, or it was sent.", pointer=pointer, code="no_such_upload"
                )
            found.append(_Found(upload.filename, upload.size, pointer, upload=upload, content_id=ref.content_id))
        else:
            source = _attachment(caller, ref, pointer)
            attachment = source[1]
            name = outgoing_files.clean_filename(attachment.filename)
            found.append(_Found(name, attachment.size, pointer, source=source, content_id=ref.content_id))
    if len({each.upload.id for each in found if each.upload}) < sum(1 for each in found if each.upload):
        raise Refused("An upload is named twice.", pointer="/attachments", code="named_twice")
    return found


def _attachment(caller: Caller, ref: FileRef, pointer: str) -> tuple[Message, Attachment]:
    try:
        message = read.message_for(caller, ref.message_id or "")
        return message, next(each for each in message.attachments if each.index == ref.index)
    except (NotFound, StopIteration) as error:
        raise Refused("There is no such attachment.", pointer=pointer, code="no_such_attachment") from error


def _take(caller: Caller, found: _Found) -> tuple[str, str]:
    """Where the file lies now, for good, and its type."""
    if found.upload is None:
        assert found.source is not None
        message, attachment = found.source
        key = uploads.file_key(caller.account_id, new_id("fil"))  # each mail has its own: one may be erased alone
        if message.file_keys:
            if not uploads.copy_file(message.file_keys[attachment.index], key):
                raise Refused("The file is not kept any more.", pointer=found.pointer, code="attachment_gone")
            return key, attachment.content_type
        try:
            content = links.attachment_of(message, attachment.index)
        except NotFound as error:
            raise Refused(error.detail, pointer=found.pointer, code="attachment_gone") from error
        content_type = outgoing_files.type_of(attachment.content_type, found.filename, content[: uploads.HEAD])
        raw_mail.keep_attachment(key, content, content_type)
        return key, content_type
    upload = found.upload
    arrived = uploads.look_at(upload)
    if arrived is None:
        raise Refused(
            "Nothing was uploaded yet. PUT the file to the link of the upload first.",
            pointer=found.pointer,
            code="not_uploaded",
        )
    key = uploads.file_key(caller.account_id, upload.id)
    if arrived.size != upload.size or not uploads.take_upload(upload, arrived, key):
        raise Refused(
            f"What was uploaded is not the file of {upload.size} bytes that was announced.",
            pointer=found.pointer,
            code="other_file_uploaded",
        )
    return key, outgoing_files.type_of(upload.content_type, upload.filename, arrived.head)
