"""Files that users upload to send them: announced here, put straight into the bucket, checked when they are sent."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.conversations.files import require_type
from chalicelib.errors import LostRace, Refused
from chalicelib.mail import outgoing_files
from chalicelib.model import limits
from chalicelib.model.caller import Caller
from chalicelib.model.draft import Upload
from chalicelib.storage import uploads
from chalicelib.storage.limits import require_room

KEPT_FOR = timedelta(days=7)  # as long as the bucket's rule keeps it
TRIES = 6  # whoever sends ten files announces them at one moment, and the account has one counter


class Offer(Struct, frozen=True):
    """An upload, and the link that takes its bytes by PUT until `link_expires_at`."""

    upload: Upload
    url: str
    link_expires_at: str


def offer(caller: Caller, upload_id: str, filename: str, content_type: str, size: int, now: datetime) -> Offer:
    """Where to put a file. `Refused` for a kind of file, or a size, with which no mail leaves; `TooManyRequests` when
    the account has announced as many bytes today as it may.

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
    upload = _added(upload, now)
    expires_at = stamp(now + timedelta(seconds=uploads.LINK_SECONDS))
    return Offer(upload, uploads.sign_upload(upload), expires_at)


def _added(upload: Upload, now: datetime) -> Upload:
    """The upload once it is noted and counted, or the one that its id has already."""
    megabytes = int(config().upload_megabytes_a_day)
    spendings = limits.uploads(upload.account_id, upload.size, megabytes * 1_000_000)
    detail = (
        f"The account may upload {megabytes} MB a day, and this file is more than what is left of it. Try again "
        "tomorrow (UTC), or send a smaller file."
    )
    for attempt in range(1, TRIES + 1):
        try:
            uploads.add_upload(upload, spendings, now)
        except LostRace:
            known = uploads.find_uploads(upload.account_id, [upload.id]).get(upload.id)
            if known is not None:
                return known
            require_room(spendings, now, detail, code="too_much_uploaded", pointer="/size")
            if attempt == TRIES:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 jitter, no secret; others announce theirs
        else:
            return upload
    raise AssertionError("the last attempt returns or raises")
