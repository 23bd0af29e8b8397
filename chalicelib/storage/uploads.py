"""Files on their way into a mail: `uploads/` until they are sent, which the bucket forgets, `files/` once they are.

A file goes from its owner's browser straight to the bucket, by a signed link that fixes key, type and size. When it is
sent it is copied to where no link leads, so that what was checked is what leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from botocore.exceptions import ClientError
from msgspec import Struct

from chalicelib.config import config
from chalicelib.model.draft import Upload
from chalicelib.model.limits import Spending
from chalicelib.storage import limits, table, writing_keys
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import UploadRow

LINK_SECONDS = 3600
FORGOTTEN_AFTER = timedelta(days=1)  # once it is expired
HEAD = 512  # bytes, enough to tell what kind of file it is
_SIZE = re.compile(r"bytes \d+-\d+/(\d+)")


class Arrived(Struct, frozen=True):
    """What lies where an upload was to go: its size, its first bytes, and which version of it that is."""

    size: int
    head: bytes
    etag: str


def upload_key(upload: Upload) -> str:
    """Where an upload goes."""
    return f"uploads/{upload.account_id}/{upload.user_id}/{upload.id}"


def file_key(account_id: str, name: str) -> str:
    """Where a file of an outgoing message lies; `name` is unique in the account."""
    return f"files/{account_id}/{name}"


def add_upload(upload: Upload, spendings: Sequence[Spending], now: datetime) -> None:
    """Note that a user may upload a file. `LostRace` when its id is known, or a limit is reached."""
    writes = table.Transaction()
    limits.spend(writes, spendings, now)
    writes.put(
        UploadRow(
            *writing_keys.upload(upload.account_id, upload.id),
            account_id=upload.account_id,
            id=upload.id,
            user_id=upload.user_id,
            filename=upload.filename,
            content_type=upload.content_type,
            size=upload.size,
            created_at=upload.created_at,
            upload_expires_at=upload.expires_at,
            expires_at=datetime.fromisoformat(upload.expires_at) + FORGOTTEN_AFTER,
        )
    )
    writes.commit("note an upload")


def find_uploads(account_id: str, upload_ids: Iterable[str]) -> dict[str, Upload]:
    """The uploads with these ids that are there, in one request."""
    rows = table.get_many([writing_keys.upload(account_id, each) for each in upload_ids], consistent=True)
    found = [row for row in rows.values() if isinstance(row, UploadRow)]
    return {row.id: table.to_value(Upload, row, expires_at=row.upload_expires_at) for row in found}


def end_upload(writes: table.Transaction, account_id: str, upload_id: str) -> None:
    """An upload is used, once, as part of a transaction."""
    writes.delete(UploadRow, writing_keys.upload(account_id, upload_id), table.PRESENT)


def sign_upload(upload: Upload) -> str:
    """A link that takes exactly this file by PUT, for `LINK_SECONDS`: another size or type does not fit it."""
    with translated("sign an upload"):
        signed: str = client("s3").generate_presigned_url(
            "put_object",
            Params={
                "Bucket": config().mail_bucket,
                "Key": upload_key(upload),
                "ContentType": upload.content_type,
                "ContentLength": upload.size,
            },
            ExpiresIn=LINK_SECONDS,
        )
    return signed


def look_at(upload: Upload) -> Arrived | None:
    """What was uploaded, None when nothing was."""
    with translated("look at an upload"):
        try:
            answer = client("s3").get_object(
                Bucket=config().mail_bucket, Key=upload_key(upload), Range=f"bytes=0-{HEAD - 1}"
            )
        except ClientError as error:
            # Without the right to list, S3 answers 403 for what is not there.
            if error.response["Error"]["Code"] in ("NoSuchKey", "404", "AccessDenied", "403", "InvalidRange"):
                return None
            raise
        head: bytes = answer["Body"].read()
    found = _SIZE.fullmatch(answer.get("ContentRange", ""))
    return Arrived(int(found[1]) if found else len(head), head, answer["ETag"])


def copy_file(source: str, key: str) -> bool:
    """Copy a file of an outgoing message for another one; False when it is not there any more."""
    bucket = config().mail_bucket
    with translated("copy a file"):
        try:
            client("s3").copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": source})
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404", "AccessDenied", "403"):
                return False
            raise
    return True


def take_upload(upload: Upload, arrived: Arrived, key: str) -> bool:
    """Copy what `look_at` saw to `key`; False when it has been overwritten since."""
    bucket = config().mail_bucket
    with translated("take an upload"):
        try:
            client("s3").copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": bucket, "Key": upload_key(upload)},
                CopySourceIfMatch=arrived.etag,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "412"):
                return False
            raise
    return True
