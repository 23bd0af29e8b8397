"""The images that a signature shows, with their bytes, as files of the mail.

An image costs one S3 GET; a warm function keeps the last few, since its mails have the same signatures again and again.
"""

from __future__ import annotations

from functools import lru_cache

from chalicelib import log
from chalicelib.errors import RawMailMissing
from chalicelib.mail.compose import OutgoingFile
from chalicelib.outbound.choose_sender import SenderIdentity
from chalicelib.outbound.render_signature import shown_ids
from chalicelib.storage import raw_mail
from chalicelib.storage.signature_images import image_key

KEPT = 16  # images, each of at most 200 KB (`settings/signature_images.py`)


def signature_files(account_id: str, identity: SenderIdentity) -> tuple[OutgoingFile, ...]:
    """The images of the identity's signature; one whose bytes are gone is left out, and holds no mail up."""
    shown, files = shown_ids(identity.signature), []
    for image in identity.images:
        if image.content_id not in shown:
            continue
        try:
            content = _bytes_at(image_key(account_id, image.id))
        except RawMailMissing as error:
            log.error("signature_image_missing", error, image=image.id)
            continue
        files.append(
            OutgoingFile(
                filename=image.filename,
                content_type=image.content_type,
                content=content,
                content_id=image.content_id,
            )
        )
    return tuple(files)


@lru_cache(maxsize=KEPT)
def _bytes_at(key: str) -> bytes:
    """What lies there: it never changes, so that it never grows stale."""
    return raw_mail.fetch(key)
