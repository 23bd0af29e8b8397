"""What somebody wrote, as the mail that leaves: subject, threading, text and HTML, signature, quoted original. Pure.

Order of the body: what was written, the signature, once (S40), the quoted original. In the text the signature stands
below `-- ` (RFC 3676 §4.3). Automatic mail has no signature (S41). `mail.compose` turns the draft into bytes; the same
parts give the same bytes, which is why a preview shows exactly what is sent (S47).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from chalicelib.mail.clean import clean_line, clean_text
from chalicelib.mail.compose import Draft, OutgoingFile
from chalicelib.mail.model import Address
from chalicelib.mail.text import from_html
from chalicelib.outbound.answer_subject import answer_subject
from chalicelib.outbound.choose_sender import SenderIdentity
from chalicelib.outbound.quote_forwarded import Forwarded, forwarded_html, forwarded_text
from chalicelib.outbound.quote_original import Original, quoted_html, quoted_text
from chalicelib.outbound.render_signature import Signature, render_signature
from chalicelib.outbound.sent_html import sendable
from chalicelib.outbound.written_text import html_of_text

MAX_REFERENCES = 20
# What is wider than the reader's screen, such as a long address or a table of fixed width, breaks or scrolls by itself.
FITS = "overflow:auto;overflow-wrap:anywhere;word-wrap:break-word"


class Answered(Struct, frozen=True):
    """The mail that is answered, as far as threading needs it: ids without angle brackets (RFC 5322 §3.6.4)."""

    message_id: str | None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class AnswerParts(Struct, frozen=True, kw_only=True):
    """All that an answer is made of.

    `text` or `html` is what was written; with both, the text is the text part. To and Cc leave exactly as given.
    `answers` None with `is_reply` false: a first mail, whose subject stays as it is. `auto_submitted` (RFC 3834 §5)
    marks automatic mail. `signature_files` are images for the signature, which leave if it shows them. `locale` is the
    language of the line above a quoted original: `de`, else English.
    """

    identity: SenderIdentity
    to: tuple[Address, ...]
    subject: str
    message_id: str
    date: datetime
    text: str | None = None
    html: str | None = None
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    is_reply: bool = True
    answers: Answered | None = None
    quoted: Original | Forwarded | None = None
    locale: str = "en"
    inline: tuple[OutgoingFile, ...] = ()
    signature_files: tuple[OutgoingFile, ...] = ()
    attachments: tuple[OutgoingFile, ...] = ()
    auto_submitted: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def answer_draft(parts: AnswerParts) -> Draft:
    """The mail. An image that the HTML does not show becomes an attachment, so that no file is lost to the reader."""
    signature = None if parts.auto_submitted else render_signature(parts.identity)
    text, html = body_of(parts, signature)
    shown = tuple(file for file in parts.inline if file.content_id and f'"cid:{file.content_id}"' in html)
    in_reply_to, references = threading_of(parts.answers)
    return Draft(
        from_=parts.identity.from_,
        to=parts.to,
        cc=parts.cc,
        reply_to=parts.reply_to,
        subject=answer_subject(parts.subject) if parts.is_reply else clean_line(parts.subject),
        message_id=parts.message_id,
        date=parts.date,
        text=text,
        html=html,
        in_reply_to=in_reply_to,
        references=references,
        inline=(*shown, *(file for file in parts.signature_files if f'"cid:{file.content_id}"' in html)),
        attachments=(*(file for file in parts.inline if file not in shown), *parts.attachments),
        auto_submitted=parts.auto_submitted,
        headers=parts.headers,
    )


def body_of(parts: AnswerParts, signature: Signature | None) -> tuple[str, str]:
    """The text part and the HTML part."""
    html = sendable(parts.html) if parts.html is not None else html_of_text(parts.text or "")
    text = clean_text(parts.text if parts.text is not None else from_html(html).text).rstrip()
    texts, htmls = [text], [html]
    if signature is not None and not ends_with(text, signature):
        texts += [f"-- \n{signature.text}"] if signature.text else []
        htmls.append(signature.html)
    if isinstance(parts.quoted, Forwarded):
        texts.append(forwarded_text(parts.quoted, parts.locale))
        htmls.append(forwarded_html(parts.quoted, parts.locale))
    elif parts.quoted is not None:
        texts.append(quoted_text(parts.quoted, parts.locale))
        htmls.append(quoted_html(parts.quoted, parts.locale))
    return "\n\n".join(texts) + "\n", "\n<br>\n".join(f'<div style="{FITS}">{each}</div>' for each in htmls) + "\n"


def ends_with(text: str, signature: Signature) -> bool:
    """Whether the last lines of a text are the signature already: it stands there once (S40)."""
    shown = _lines(signature.text)
    return bool(shown) and _lines(text)[-len(shown) :] == shown


def threading_of(answered: Answered | None) -> tuple[str | None, tuple[str, ...]]:
    """In-Reply-To and References of an answer (RFC 5322 §3.6.4): the first id of a long thread and its newest."""
    if answered is None:
        return None, ()
    before = answered.references or (answered.in_reply_to if len(answered.in_reply_to) == 1 else ())
    ids = tuple(dict.fromkeys((*before, *((answered.message_id,) if answered.message_id else ()))))
    if len(ids) > MAX_REFERENCES:
        ids = (ids[0], *ids[1 - MAX_REFERENCES :])
    return answered.message_id, ids


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]
