"""`POST /v1/uploads`: where to put a file that shall leave with a mail. Its bytes never pass through this API."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call
from chalicelib.conversations import uploads
from chalicelib.model.texts import END

ContentType = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+" + END, max_length=127, examples=["application/pdf"]),
]
Filename = Annotated[str, Meta(pattern=r"^(?=.*\S)[^\u0000-\u001f\u007f]*" + END, min_length=1, max_length=1000)]


class UploadRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file: its name, what kind it is, and how many bytes it has, exactly."""

    filename: Filename
    content_type: ContentType = "application/octet-stream"
    size: Annotated[int, Meta(ge=1, le=100_000_000)]


class PutAnswer(Struct, frozen=True, kw_only=True):
    """The one request that takes the file: this method, these headers, and its bytes as the body."""

    method: Literal["PUT"]
    url: Annotated[str, Meta(description="Signed; works without a token, until `expires_at`.")]
    headers: dict[str, str]
    expires_at: str


class UploadAnswer(Struct, frozen=True, kw_only=True):
    """An upload: PUT the file as `put` says, then name `id` among the attachments of a mail. Used once."""

    id: str
    filename: str
    content_type: str
    size: int
    created_at: str
    expires_at: Annotated[str, Meta(description="When it is forgotten, unless it was sent.")]
    put: PutAnswer


def add_upload(call: Call) -> Answered:
    """Announce a file."""
    told: UploadRequest = call.body
    made = uploads.offer(call.caller, call.id_for("upl"), told.filename, told.content_type, told.size, call.now)
    upload = made.upload
    return Answered(
        UploadAnswer(
            id=upload.id,
            filename=upload.filename,
            content_type=upload.content_type,
            size=upload.size,
            created_at=upload.created_at,
            expires_at=upload.expires_at,
            put=PutAnswer(
                method="PUT",
                url=made.url,
                headers={"Content-Type": upload.content_type, "Content-Length": str(upload.size)},
                expires_at=made.link_expires_at,
            ),
        )
    )
