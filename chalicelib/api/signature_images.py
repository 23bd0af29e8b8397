"""`/v1/channels/{id}/signature-images`: what a channel's signature may show beside images of the web."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call
from chalicelib.api.shapes import Listing
from chalicelib.model.inbox import SignatureImage
from chalicelib.model.texts import Id
from chalicelib.settings import signature_images


class SignatureImageRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An upload of the caller's (`POST /v1/uploads`) that is a GIF, JPEG, PNG or WebP image of at most 200 KB."""

    upload_id: Id


class SignatureImageAnswer(Struct, frozen=True, kw_only=True):
    """An image. In the signature's HTML it is `<img src="…">` with this `src`; each mail then carries it inside."""

    id: str
    src: Annotated[str, Meta(description="What the signature's HTML shows it by: `cid:` and a content id.")]
    filename: str
    content_type: str
    size: Annotated[int, Meta(description="Bytes.")]
    created_at: str
    url: Annotated[str, Meta(description="Signed link to the image, for an editor; works for five minutes.")]


def list_images(call: Call) -> Listing[SignatureImageAnswer]:
    """The images of a channel, at most ten."""
    found = signature_images.list_images(call.caller, call.path["channel_id"])
    return Listing(tuple(_shape(call, each) for each in found), None)


def add_image(call: Call) -> Answered:
    """Keep an uploaded image for the channel's signature."""
    told: SignatureImageRequest = call.body
    channel_id = call.path["channel_id"]
    image = signature_images.add(call.caller, channel_id, told.upload_id, call.id_for("img"), call.now)
    return Answered(_shape(call, image), location=f"/v1/channels/{channel_id}/signature-images/{image.id}")


def get_image(call: Call) -> SignatureImageAnswer:
    """One image."""
    return _shape(call, signature_images.image_for(call.caller, call.path["channel_id"], call.path["image_id"]))


def delete_image(call: Call) -> None:
    """Erase an image that the signature does not show."""
    signature_images.remove(call.caller, call.path["channel_id"], call.path["image_id"], call.now)


def _shape(call: Call, image: SignatureImage) -> SignatureImageAnswer:
    return SignatureImageAnswer(
        id=image.id,
        src=f"cid:{image.content_id}",
        filename=image.filename,
        content_type=image.content_type,
        size=image.size,
        created_at=image.created_at,
        url=signature_images.link_to(call.caller, image),
    )
