"""A user's browser that uploads a file: announced over HTTP, put where the signed link says."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalicelib.storage import aws
from tests.api.visitor import Visitor
from tests.post.cloud import BUCKET

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 8


def announce(visitor: Visitor, filename: str, content: bytes, content_type: str = "application/octet-stream") -> Any:
    """The upload, as it was offered."""
    told = {"filename": filename, "content_type": content_type, "size": len(content)}
    reply = visitor.post("/v1/uploads", told)
    assert reply.status == 200, reply.text
    return reply.json


def put(upload: Any, content: bytes) -> None:
    """The bytes go where the link leads; moto looks at no signature, so the link alone is read."""
    key = unquote(urlsplit(upload["put"]["url"]).path).partition(f"{BUCKET}/")[2]
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content, ContentType=upload["content_type"])


def signed_headers(upload: Any) -> set[str]:
    """The headers that the link's signature fixes."""
    (told,) = parse_qs(urlsplit(upload["put"]["url"]).query)["X-Amz-SignedHeaders"]
    return set(told.split(";"))


def upload(
    visitor: Visitor, filename: str, content: bytes = PDF, content_type: str = "application/octet-stream"
) -> str:
    """Announce a file and put it there; its id."""
    offered = announce(visitor, filename, content, content_type)
    put(offered, content)
    return str(offered["id"])
