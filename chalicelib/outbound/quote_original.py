"""The mail that is answered, quoted below the answer, as text and as HTML. Pure.

Format: an attribution line that mail programs recognise ("On ... wrote:"), then the lines with `> ` (RFC 3676 §4.5), in
HTML a `<blockquote type="cite">`. The original's HTML is cleaned, and its images are left out: they are not sent along.
"""

from __future__ import annotations

import html
import re
from datetime import datetime

from msgspec import Struct

from chalicelib.mail.forward_rules import Context
from chalicelib.mail.forwarded import find_inline
from chalicelib.mail.html import clean
from chalicelib.mail.model import Address
from chalicelib.mail.quotes import split_reply
from chalicelib.model.conversation import Message
from chalicelib.outbound.choose_sender import one_line
from chalicelib.outbound.written_text import html_of_text

SENT_ON_AS_IT_WAS = ("redirected", "mailing_list")
_IMAGE = re.compile(r"<img(?: [^>]*)?>")


class Original(Struct, frozen=True):
    """What is quoted: `text` is its whole readable text, `html` its HTML if it has any."""

    author: Address
    written_at: datetime
    text: str
    html: str | None = None


def holds_writers_words_alone(message: Message) -> bool:
    """Whether its text is by who stands in its From; in a forward, somebody else wrote the words above it."""
    return message.forwarded_by is None or message.forwarded_how in SENT_ON_AS_IT_WAS


def words_of_writer(message: Message) -> str:
    """What who stands in the message's From newly wrote. Of a forward that is the forwarded mail alone: what the person
    who sent it on wrote above it is not for the writer, who gets the answer. A mail forwarded as a file has no words.
    """
    body = message.body
    if body is None:
        return ""
    if holds_writers_words_alone(message):
        return body.reply_text
    is_reply = bool(message.in_reply_to or message.references)
    original = find_inline(body.text, Context.of(message.subject, is_reply))
    return split_reply(original.text).text if original else ""


def quoted_text(original: Original, locale: str) -> str:
    """The attribution and the quoted lines."""
    lines = original.text.rstrip().split("\n")
    quoted = "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)
    return f"{_attribution(original, locale)}\n{quoted}"


def quoted_html(original: Original, locale: str) -> str:
    """The same in HTML."""
    body = html_of_text(original.text) if original.html is None else _IMAGE.sub("", clean(original.html))
    attribution = html.escape(_attribution(original, locale))
    style = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"
    return f'<div>{attribution}</div><blockquote type="cite" style="{style}">{body}</blockquote>'


def _attribution(original: Original, locale: str) -> str:
    moment, address = original.written_at, original.author.address
    name = one_line(original.author.name or "")
    author = f"{name} <{address}>" if name else f"<{address}>"
    if locale == "de":
        return f"Am {moment:%d.%m.%Y} um {moment:%H:%M} schrieb {author}:"
    return f"On {moment:%Y-%m-%d} at {moment:%H:%M} {author} wrote:"
