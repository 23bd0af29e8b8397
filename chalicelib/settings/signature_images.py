"""The images that a channel's signature may show (S42): uploaded, looked at, kept for the channel, sent with each mail.

A signature shows one by `<img src="cid:…">`; mail carries it inside (RFC 2392, RFC 2387), so that it is shown without
asking anybody's server. docs/decisions/146.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.clock import stamp
from chalicelib.conversations import read
from chalicelib.errors import Conflict, LostRace, NotFound, Refused
from chalicelib.mail import outgoing_files
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.draft import Upload
from chalicelib.model.inbox import Channel, SignatureImage
from chalicelib.outbound.render_signature import shown_ids
from chalicelib.settings.versions import saving
from chalicelib.storage import raw_mail, signature_images, uploads

MOST = 10  # of one channel
LARGEST = 200_000  # bytes: every mail carries what its signature shows
TRIES = 4


def list_images(caller: Caller, channel_id: str) -> tuple[SignatureImage, ...]:
    """The images of a channel, oldest first."""
    channel, _ = read.channel_for(caller, channel_id)
    return channel.signature_images


def image_for(caller: Caller, channel_id: str, image_id: str) -> SignatureImage:
    """One image of a channel, else `NotFound`."""
    channel, _ = read.channel_for(caller, channel_id)
    return _require(channel, image_id)


def add(caller: Caller, channel_id: str, upload_id: str, image_id: str, now: datetime) -> SignatureImage:
    """Keep an upload as an image of a channel; with the id of one that is there, that one.

    `Refused`: no such upload of the caller's, no image that mail clients show, too large, or one too many.
    """
    for _ in range(TRIES):
        channel, _inbox = read.channel_for(caller, channel_id)
        made = _find(channel, image_id)
        if made is not None:
            return made
        if len(channel.signature_images) >= MOST:
            raise Refused(
                f"A channel keeps at most {MOST} images. Delete one that its signature does not show.",
                code="too_many_images",
            )
        image = _taken(caller, upload_id, image_id, now)
        noted = audited(caller, "channel.signature_image_added", channel.id, None, image, image.created_at)
        try:
            signature_images.add_image(channel, image, upload_id, noted)
        except LostRace:
            continue
        return image
    raw_mail.remove([signature_images.image_key(caller.account_id, image_id)])
    raise Conflict("The channel's images were changed by somebody else at the same time. Try again.")


def remove(caller: Caller, channel_id: str, image_id: str, now: datetime) -> None:
    """Erase an image. `NotFound`; `Conflict` while the signature shows it; `PreconditionFailed`: changed meanwhile."""
    channel, _ = read.channel_for(caller, channel_id)
    image = _require(channel, image_id)
    if image.content_id in shown_ids(channel.signature):
        raise Conflict("The signature shows this image. Take it out of the signature first.", code="image_shown")
    noted = audited(caller, "channel.signature_image_removed", channel.id, image, None, stamp(now))
    with saving():
        signature_images.remove_image(channel, image, noted)


def link_to(caller: Caller, image: SignatureImage) -> str:
    """A signed link to an image's bytes, for whoever edits the signature."""
    key = signature_images.image_key(caller.account_id, image.id)
    return raw_mail.link(key, filename=image.filename, content_type=image.content_type)


def _require(channel: Channel, image_id: str) -> SignatureImage:
    image = _find(channel, image_id)
    if image is None:
        raise NotFound("The channel has no such image.")
    return image


def _find(channel: Channel, image_id: str) -> SignatureImage | None:
    return next((each for each in channel.signature_images if each.id == image_id), None)


def _taken(caller: Caller, upload_id: str, image_id: str, now: datetime) -> SignatureImage:
    """The image, its bytes copied to where they stay: what was looked at is what is kept."""
    upload = uploads.find_uploads(caller.account_id, [upload_id]).get(upload_id)
    if upload is None or upload.user_id != caller.user.id or upload.expires_at <= stamp(now):
        raise _refused("There is no such upload of yours, or it was used.", "no_such_upload")
    if upload.size > LARGEST:
        raise _refused(
            f"The image has {upload.size} bytes; at most {LARGEST} are kept, since every mail carries it. Make it "
            "smaller, or show it from the web by an https address.",
            "image_too_large",
        )
    content_type = _looked_at(upload, signature_images.image_key(caller.account_id, image_id))
    return SignatureImage(image_id, upload.filename, content_type, upload.size, stamp(now))


def _looked_at(upload: Upload, key: str) -> str:
    arrived = uploads.look_at(upload)
    if arrived is None:
        raise _refused(
            "Nothing was uploaded yet. PUT the file to the link of the upload first.",
            "not_uploaded",
        )
    content_type = outgoing_files.type_of(upload.content_type, upload.filename, arrived.head)
    if content_type not in outgoing_files.SHOWN:  # by its first bytes, whatever it is called
        raise _refused("A signature can show GIF, JPEG, PNG and WebP images.", "not_an_image")
    if arrived.size != upload.size or not uploads.take_upload(upload, arrived, key):
        raise _refused(
            f"What was uploaded is not the file of {upload.size} bytes that was announced.",
            "other_file_uploaded",
        )
    return content_type


def _refused(detail: str, code: str) -> Refused:
    return Refused(detail, pointer="/upload_id", code=code)
