"""A channel's acknowledgement, as admins write it: on or off, and its words. Pure.

The HTML is cleaned by the one sanitiser, as a signature is; plain text is HTML, too. Its tokens are of the account and
the channel: what the sender chose never leaves in our name (`outbound/acknowledgement.py`).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chalicelib.errors import Refused
from chalicelib.model.inbox import Acknowledgement
from chalicelib.model.texts import Line
from chalicelib.outbound.acknowledgement import TOKENS
from chalicelib.outbound.render_signature import unknown_token
from chalicelib.outbound.sent_html import sendable

LONGEST = 8_000  # characters once cleaned
KNOWN = ", ".join("{{" + token + "}}" for token in TOKENS)


class AcknowledgementSettings(Acknowledgement, frozen=True, forbid_unknown_fields=True):
    """The automatic answer to a first mail of a person who is proven to have written it (DMARC). Off by default.

    Empty `subject` and `html` stand for the usual words, in the account's language.
    """

    subject: Annotated[Line, Meta(description="Of the acknowledgement: never that of the mail.")] = ""
    html: Annotated[str, Meta(max_length=2 * LONGEST, description=f"HTML; tokens: {KNOWN}.")] = ""


def checked_acknowledgement(told: AcknowledgementSettings) -> Acknowledgement:
    """The setting as it is stored. `Refused`: too long, or with a token that cannot be filled."""
    pointer = "/acknowledgement/html"
    cleaned = sendable(told.html).strip()
    if len(cleaned) > LONGEST:
        raise Refused(
            f"The acknowledgement has {len(cleaned)} characters; at most {LONGEST} are kept.",
            pointer=pointer,
            code="acknowledgement_too_long",
        )
    unknown = unknown_token(cleaned, TOKENS)
    if unknown is not None:
        raise Refused(
            f"{unknown} is no token that can be filled here. Tokens stand in the text, whole, and are: {KNOWN}.",
            pointer=pointer,
            code="unknown_token",
        )
    return Acknowledgement(told.enabled, told.subject.strip(), cleaned)
