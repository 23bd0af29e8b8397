"""A channel's team signature, as admins write it (S40-S46). Pure.

It is HTML; plain text is HTML, too. It is cleaned by the one sanitiser before it is stored, so that formats, links,
`<font face>` and images by `https:` stay, and nothing that acts does. Its tokens: `outbound/render_signature.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta

from chalicelib.errors import Refused
from chalicelib.model.inbox import SignatureImage
from chalicelib.outbound.render_signature import TOKENS, shown_ids, unknown_token
from chalicelib.outbound.sent_html import sendable

LONGEST = 32_000  # characters once cleaned: read with each mail that comes in, so not for free
KNOWN = ", ".join("{{" + token + "}}" for token in TOKENS)
WARNING = (
    "Mail clients show HTML differently: look at the preview, and send yourself a mail. What mail must not hold "
    "(scripts, forms, style sheets, images that are not https) was taken out."
)

SignatureText = Annotated[
    str, Meta(max_length=2 * LONGEST, description=f"HTML, empty for none; tokens for the sending user: {KNOWN}.")
]


def checked_signature(html: str, images: Collection[SignatureImage] = ()) -> str:
    """The signature as it is stored; `images` are those of its channel.

    `Refused`: too long, with a token that cannot be filled (S44), or with an image (`cid:`) that the channel has not.
    """
    cleaned = sendable(html).strip()
    if len(cleaned) > LONGEST:
        raise Refused(
            f"The signature has {len(cleaned)} characters; at most {LONGEST} are kept.",
            pointer="/signature",
            code="signature_too_long",
        )
    unknown = unknown_token(cleaned)
    if unknown is not None:
        raise Refused(
            f"{unknown} is no token that can be filled. Tokens stand in the text, whole, and are: {KNOWN}.",
            pointer="/signature",
            code="unknown_token",
        )
    missing = shown_ids(cleaned) - {each.content_id for each in images}
    if missing:
        raise Refused(
            f"The channel has no image cid:{min(missing)}. Add it to the channel's signature images first.",
            pointer="/signature",
            code="no_such_image",
        )
    return cleaned


def warning_of(signature: str) -> str | None:
    """What whoever edits HTML is told (S45); None for a signature without any."""
    return WARNING if "<" in signature else None
