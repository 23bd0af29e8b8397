"""A team signature as it is sent: tokens filled (S44), HTML for the HTML part, text for the text part (S43, S46). Pure.

Format: `{{user.full_name}}`, blanks inside the braces allowed, in the text of the HTML, not in its attributes. Values
are escaped, and the filled HTML is cleaned again. The first word of a user's name is the first name, the rest the last.
In mail that shows no user's name, the company name stands where the full or the first name would (S29).
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection

from msgspec import Struct

from chalicelib.mail.text import from_html
from chalicelib.outbound.choose_sender import SenderIdentity
from chalicelib.outbound.sent_html import sendable

TOKENS = ("user.full_name", "user.first_name", "user.last_name")
_TOKEN = re.compile(r"\{\{([^{}<>]{0,80})\}\}")
_TAG = re.compile(r"(<[^<>]*>)")
_SHOWN = re.compile(r'<img(?: [^>]*)? src="cid:([^"]*)"')  # the sanitiser escapes quotes and brackets in values
_BRACES = re.compile(r"\{\{|\}\}")


class Signature(Struct, frozen=True):
    """One signature for both parts of a mail."""

    html: str
    text: str


def render_signature(identity: SenderIdentity) -> Signature | None:
    """The signature of the identity's channel, filled for its user; None where nothing would show."""
    values = _values(identity)
    filled = sendable(_TOKEN.sub(lambda token: html.escape(values.get(_name(token), "")), identity.signature))
    text = from_html(filled).text.strip()
    if not text and "<img" not in filled:
        return None
    return Signature(filled, text)


def shown_ids(cleaned: str) -> frozenset[str]:
    """The content ids of the images that cleaned HTML shows from inside its mail (`cid:`, RFC 2392)."""
    return frozenset(map(html.unescape, _SHOWN.findall(cleaned)))


def unknown_token(cleaned: str, tokens: Collection[str] = TOKENS) -> str | None:
    """The first thing in cleaned HTML that looks like a token and is none of `tokens`; None: all can be filled.

    That is an unknown name, a token in an attribute, one torn apart by tags, and braces without their counterpart.
    """
    pieces = _TAG.split(cleaned)
    texts = "".join(_TOKEN.sub(lambda token: " " if _name(token) in tokens else token[0], each) for each in pieces[::2])
    for left in (texts, *pieces[1::2]):
        braces = _BRACES.search(left)
        if braces:
            token = _TOKEN.search(left)
            return token[0] if token else left[braces.start() : braces.start() + 40]
    return None


def _name(token: re.Match[str]) -> str:
    return " ".join(html.unescape(token[1]).split())


def _values(identity: SenderIdentity) -> dict[str, str]:
    full = identity.user_name or identity.company_name
    first, _, last = identity.user_name.partition(" ") if identity.user_name else (full, "", "")
    return dict(zip(TOKENS, (full, first, last), strict=True))
