"""Files that users upload to send them: announced here, put straight into the bucket, checked when they are sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.conversations.files import require_type
from chalicelib.errors import LostRace, Refused
from chalicelib.mail import outgoing_files
from chalicelib.model.caller import Caller
from chalicelib.model.draft import Upload
from chalicelib.storage import uploads

KEPT_FOR = timedelta(days=7)  # as long as the bucket's rule keeps it


class Offer(Struct, frozen=True):
    """An upload, and the link that takes its bytes by PUT until `link_expires_at`."""

    upload: Upload
    url: str
    link_expires_at: str


def offer(caller: Caller, upload_id: str, filename: str, content_type: str, size: int, now: datetime) -> Offer:
    """Where to put a file. `Refused` for a kind of file, or a size, with which no mail leaves.

    The same `upload_id` again gives a fresh link for the same upload.
    """
    name = outgoing_files.clean_filename(filename)
    require_type(name, "/filename")
    if not outgoing_files.fits([size]):
        raise Refused(
            f"A mail has at most {outgoing_files.LARGEST_MAIL // 1_000_000} MB once its files are encoded.",
            pointer="/size",
            code="mail_too_large",
        )
    upload = Upload(
        account_id=caller.account_id,
        id=upload_id,
        user_id=caller.user.id,
        filename=name,
        content_type=outgoing_files.type_of(content_type, name, b""),
        size=size,
        created_at=stamp(now),
        expires_at=stamp(now + KEPT_FOR),
    )
    try:
        uploads.add_upload(upload)
    except LostRace:
        known = uploads.find_uploads(caller.account_id, [upload_id]).get(upload_id)
        if known is None:
            raise
        upload = known
    expires_at = stamp(now + timedelta(seconds=uploads.LINK_SECONDS))
    return Offer(upload, uploads.sign_upload(upload), expires_at)
