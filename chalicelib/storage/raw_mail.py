"""Objects in the mail bucket: `raw/` as SES stored it, `bodies/` cleaned and ready to show, `attachments/` a cache.

Nothing here is ever served from the application's own origin: links are signed, short-lived, and force a download.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from botocore.exceptions import ClientError
from msgspec import Struct

from chalicelib.config import config
from chalicelib.errors import RawMailMissing, TemporaryFault
from chalicelib.model.conversation import MessageBody
from chalicelib.storage import bodies
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated

RAW_PREFIX = "raw/"
LINK_SECONDS = 300
LISTED_AT_ONCE = 1000  # what S3 lists in one ListObjectsV2
REMOVED_AT_ONCE = 1000  # what S3 takes in one DeleteObjects
ASKED_AT_ONCE = 8


class StoredMail(Struct, frozen=True):
    """One object under `raw/`."""

    key: str
    stored_at: datetime


def fetch(key: str) -> bytes:
    """The raw mail. Raises `RawMailMissing` when it is not there (yet)."""
    with translated("fetch the raw mail"):
        try:
            answer = client("s3").get_object(Bucket=config().mail_bucket, Key=key)
            raw: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise RawMailMissing(f"there is no object {key}") from error
            raise
    return raw


def fetch_head(key: str, size: int = 65536) -> bytes:
    """The first `size` bytes of the raw mail: enough for the headers SES wrote on top."""
    with translated("fetch the head of a raw mail"):
        try:
            answer = client("s3").get_object(Bucket=config().mail_bucket, Key=key, Range=f"bytes=0-{size - 1}")
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidRange":
                return b""  # what S3 answers for an object without a byte (RFC 9110 §15.5.17)
            raise
        head: bytes = answer["Body"].read()
    return head


def which_are_kept(wanted: Sequence[str]) -> frozenset[str]:
    """Those of these keys that have their object: neither erased nor past what the bucket keeps. A request for each."""
    if not wanted:
        return frozenset()
    with ThreadPoolExecutor(min(ASKED_AT_ONCE, len(wanted))) as pool:
        return frozenset(key for key, kept in zip(wanted, pool.map(_is_kept, wanted), strict=True) if kept)


def _is_kept(key: str) -> bool:
    with translated("look for a raw mail"):
        try:
            client("s3").head_object(Bucket=config().mail_bucket, Key=key)
        except ClientError as error:
            # Without the right to list, S3 answers 403 for what is not there.
            if error.response["Error"]["Code"] in ("NoSuchKey", "404", "AccessDenied", "403"):
                return False
            raise
    return True


def list_raw(start_after: str | None = None) -> Iterator[list[StoredMail]]:
    """The objects under `raw/` in the order of their keys, a thousand at a time."""
    with translated("list raw mail"):
        pages = client("s3").get_paginator("list_objects_v2")
        options = {"StartAfter": start_after} if start_after else {}
        for found in pages.paginate(Bucket=config().mail_bucket, Prefix=RAW_PREFIX, **options):
            yield [StoredMail(each["Key"], each["LastModified"]) for each in found.get("Contents", ())]


def keep_body(key: str, packed: bytes) -> None:
    """Store a body, packed by `bodies.pack`, that is too long for its row."""
    with translated("store a body"):
        client("s3").put_object(Bucket=config().mail_bucket, Key=key, Body=packed, ContentType="application/zlib")


def read_body(key: str) -> MessageBody:
    """A body of `keep_body`."""
    with translated("read a body"):
        answer = client("s3").get_object(Bucket=config().mail_bucket, Key=key)
        return bodies.unpack(answer["Body"].read())


def keep_attachment(key: str, content: bytes, content_type: str) -> None:
    """Put an attachment where a link can reach it; the bucket forgets it after a day."""
    with translated("store an attachment"):
        client("s3").put_object(Bucket=config().mail_bucket, Key=key, Body=content, ContentType=content_type)


def remove(gone: Sequence[str]) -> None:
    """Remove objects for good, those that are not there included; a request for each thousand."""
    for start in range(0, len(gone), REMOVED_AT_ONCE):
        named = [{"Key": key} for key in gone[start : start + REMOVED_AT_ONCE]]
        with translated("remove objects"):
            answer = client("s3").delete_objects(Bucket=config().mail_bucket, Delete={"Objects": named, "Quiet": True})
        if answer.get("Errors"):
            raise TemporaryFault(f"could not remove objects: {answer['Errors'][0].get('Code')}")


def link(key: str, *, filename: str, content_type: str) -> str:
    """A signed link that works for `LINK_SECONDS` and makes a browser save the object, never show or run it."""
    safe = re.sub(r"[^A-Za-z0-9._ -]", "_", filename)
    with translated("sign a link"):
        signed: str = client("s3").generate_presigned_url(
            "get_object",
            Params={
                "Bucket": config().mail_bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{safe}"',
                "ResponseContentType": content_type,
            },
            ExpiresIn=LINK_SECONDS,
        )
    return signed
