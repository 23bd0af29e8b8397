"""An outgoing mail as bytes: pure, deterministic, 7-bit, CRLF, safe against header injection.

Shape (RFC 2046, 2387): text alone, or multipart/alternative of text and HTML; the HTML in a multipart/related with
the images it shows by `cid:`; all that in a multipart/mixed with the attachments. Texts go as 7bit where they can,
else quoted-printable or base64. Boundaries follow from the Message-ID and cannot occur in the parts, since every part
that might contain one is encoded. Bcc is the envelope's affair. Own code and not the standard library's generator:
docs/decisions/012-compose.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import datetime
from typing import Final

from msgspec import Struct

from . import compose_fields as fields
from . import text as plain_text
from .compose_fields import ComposeError
from .model import Address

__all__ = ["ComposeError", "Draft", "OutgoingFile", "compose"]

_MAX_REFERENCES: Final = 20
_BLOCK: Final = 57 * 1024  # bytes, whole lines of base64
#: Fields that have a place of their own in a Draft or that the transport writes.
_RESERVED: Final = frozenset(
    [
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "auto-submitted",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "return-path",
        "received",
    ]
)


class OutgoingFile(Struct, frozen=True, kw_only=True):
    """An attachment, or with `content_id` an image that the HTML shows."""

    filename: str | None
    content_type: str
    content: bytes
    content_id: str | None = None


class Draft(Struct, frozen=True, kw_only=True):
    """All that a mail is made of. Ids without angle brackets; `date` aware; `text` None: made from the HTML."""

    from_: Address
    to: tuple[Address, ...]
    subject: str
    message_id: str
    date: datetime
    text: str | None = None
    html: str | None = None
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    inline: tuple[OutgoingFile, ...] = ()
    attachments: tuple[OutgoingFile, ...] = ()
    auto_submitted: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def compose(draft: Draft) -> bytes:
    """The mail as bytes. Raises ComposeError (a ValueError) for an address, id or field that cannot be sent safely."""
    return b"".join([_header(draft).encode("ascii"), b"MIME-Version: 1.0\r\n", *_entity(draft)])


def _header(draft: Draft) -> str:
    out = [
        fields.date_field(draft.date),
        fields.address_field("From", [draft.from_]),
        fields.address_field("Reply-To", draft.reply_to) if draft.reply_to else "",
        fields.address_field("To", draft.to) if draft.to else "To: undisclosed-recipients:;\r\n",
        fields.address_field("Cc", draft.cc) if draft.cc else "",
        fields.text_field("Subject", draft.subject),
        fields.ids_field("Message-ID", [draft.message_id]),
    ]
    if draft.in_reply_to and fields.is_id(draft.in_reply_to):
        out.append(fields.ids_field("In-Reply-To", [draft.in_reply_to]))
    if references := _references(draft.references):
        out.append(fields.ids_field("References", references))
    if draft.auto_submitted:
        out.append(fields.token_field("Auto-Submitted", draft.auto_submitted))
    for name, value in draft.headers:
        if name.lower() in _RESERVED:
            raise ComposeError("reserved_field", name, value)
        out.append(fields.extra_field(name, value))
    return "".join(out)


def _references(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The ids that can be sent (others' ids may be anything): the first and the newest of them."""
    good = tuple(dict.fromkeys(one for one in ids if fields.is_id(one)))
    return good if len(good) <= _MAX_REFERENCES else (good[0], *good[1 - _MAX_REFERENCES :])


def _entity(draft: Draft) -> list[bytes]:
    """The content fields, the blank line and the body, in pieces: large files are put together only once."""
    text = draft.text if draft.text is not None else plain_text.from_html(draft.html or "").text
    entity = _text_part("text/plain", text)
    if draft.html is not None:
        html = _text_part("text/html", draft.html)
        if draft.inline:
            images = [_file_part(file, "inline") for file in draft.inline]
            html = _multipart("related", draft.message_id, [html, *images], '; type="text/html"')
        entity = _multipart("alternative", draft.message_id, [entity, html])
    files = draft.attachments if draft.html is not None else (*draft.inline, *draft.attachments)
    if files:
        parts = [_file_part(file, "attachment") for file in files]
        entity = _multipart("mixed", draft.message_id, [entity, *parts])
    return entity


def _multipart(subtype: str, seed: str, parts: list[list[bytes]], parameters: str = "") -> list[bytes]:
    # "=_" stands in no base64 and no quoted-printable text, and 7bit texts with it are encoded (_transfer).
    boundary = "=_" + hashlib.sha256(f"{subtype}:{seed}".encode()).hexdigest()[:32]
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"{parameters}\r\n\r\n'
    line = b"--" + boundary.encode()
    inside = [piece for part in parts for piece in (line + b"\r\n", *part, b"\r\n")]
    return [head.encode(), *inside, line + b"--\r\n"]


def _text_part(content_type: str, text: str) -> list[bytes]:
    text = re.sub(r"\r\n?", "\n", text)
    if not text.endswith("\n"):
        text += "\n"
    encoding, body = _transfer(text.encode("utf-8", "replace"))
    head = f'Content-Type: {content_type}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return [head.encode(), body]


def _transfer(data: bytes) -> tuple[str, bytes]:
    r"""The transfer encoding that suits a text with `\n` line ends, and the text in it with CRLF."""
    is_plain = data.isascii() and not re.search(rb"[ \t]\n|^From |^\.|=_|[\x00-\x08\x0b-\x1f\x7f]", data, re.MULTILINE)
    if is_plain and max(map(len, data.split(b"\n"))) <= 78:
        return "7bit", data.replace(b"\n", b"\r\n")
    if sum(byte >= 0x80 for byte in data[:4000]) * 3 > len(data[:4000]):
        return "base64", b"".join(_base64(data.replace(b"\n", b"\r\n")))
    encoded = binascii.b2a_qp(data, istext=True)
    encoded = re.sub(rb"^From ", b"=46rom ", encoded, flags=re.MULTILINE)
    return "quoted-printable", re.sub(rb"^\.", b"=2E", encoded, flags=re.MULTILINE).replace(b"\n", b"\r\n")


def _file_part(file: OutgoingFile, kind: str) -> list[bytes]:
    head = f"Content-Type: {fields.content_type(file.content_type)}\r\nContent-Transfer-Encoding: base64\r\n"
    head += fields.disposition_field(kind, file.filename)
    if file.content_id:
        if not re.fullmatch(r"[!-;=?-~]{1,200}", file.content_id):
            raise ComposeError("bad_content_id", "Content-ID", file.content_id)
        head += f"Content-ID: <{file.content_id}>\r\n"
    return [head.encode("ascii") + b"\r\n", *_base64(file.content)]


def _base64(data: bytes) -> list[bytes]:
    """Lines of base64 (RFC 2045 §6.8), a block at a time: all at once they would take thrice the data."""
    blocks = (data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK))
    return [base64.encodebytes(block).replace(b"\n", b"\r\n") for block in blocks]
