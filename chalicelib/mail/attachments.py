"""What of a mail is shown as its body and what is an attachment (RFC 2046, 2183, 2387).

`read_body(root)` sorts every leaf of the MIME tree: into a slot of the body (a text, an HTML, or both as
alternatives) or into the list of attachments, in the order of the mail. A message/rfc822 part is one attachment.
winmail.dat (TNEF) and uuencoded blocks in texts are unpacked; what is encrypted stays so, which is a defect. Contents
are not kept: an `Item` decodes its bytes when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from . import content_types, flowed, smime, tnef, transfer
from .bounds import MAX_TEXT_BYTES, MAX_UNPACKED_BYTES
from .clean import clean_line
from .model import Attachment
from .parse import Part


@dataclass(slots=True)
class Item:
    """One attachment and the way to its bytes."""

    filename: str | None
    content_type: str
    inline: bool
    content_id: str | None
    content: Callable[[], bytes]
    part: Part | None = None


@dataclass(slots=True)
class Slot:
    """A stretch of the body: plain text, HTML source, or both with the same meaning."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Body:
    """The leaves of one mail, sorted."""

    slots: list[Slot] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    text_left: int = MAX_TEXT_BYTES
    unpacked_left: int = MAX_UNPACKED_BYTES


ENCRYPTED: Final = "encrypted"  # the defect of a mail that nobody here can read
_PGP_MESSAGE: Final = "-----BEGIN PGP MESSAGE-----"  # RFC 9580 §6.2
_BODY_TYPES: Final = frozenset(["text/plain", "text/html"])
#: The same text for special readers (AMP for Email, watches): no file, where a common form stands beside it.
_OTHER_FORMS: Final = frozenset(["text/x-amp-html", "text/watch-html"])
#: Texts that are files even when they are the whole mail.
_FILE_TYPES: Final = frozenset(
    ["text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/rfc822-headers"]
)


def read_body(root: Part) -> Body:
    """Sort the leaves below `root` into body and attachments."""
    body = Body()
    _sort(root, body, root)
    return body


def _sort(part: Part, body: Body, root: Part) -> None:
    if part.is_message or not part.children:
        if _is_shown(part, root):
            _show(part, body)
        else:
            _attach(part, body)
    elif part.content_type == "multipart/alternative":
        _alternatives(part, body, root)
    else:
        if part.content_type == "multipart/encrypted":  # RFC 1847 §2.2
            body.defects.append(ENCRYPTED)
        for child in part.children:
            _sort(child, body, root)


def _is_shown(part: Part, root: Part) -> bool:
    """Whether a leaf is body text: text/plain or text/html that nobody declared a file."""
    if part.disposition == "attachment":
        return False
    if part is root:
        return part.content_type.startswith("text/") and part.content_type not in _FILE_TYPES
    if part.content_type not in _BODY_TYPES:
        return False
    return part.filename is None or (part.disposition == "inline" and part.content_type == "text/plain")


def _alternatives(part: Part, body: Body, root: Part) -> None:
    """The same text in several forms: one slot with the plain and the HTML form; what else hangs there is attached."""
    inner = Body(text_left=body.text_left, unpacked_left=body.unpacked_left)
    for child in part.children:
        _sort(child, inner, root)
    texts = [slot.text for slot in inner.slots if slot.text is not None]
    htmls = [slot.html for slot in inner.slots if slot.html is not None]
    if texts or htmls:
        body.slots.append(Slot("\n".join(texts) if texts else None, "\n".join(htmls) if htmls else None))
    body.items += [item for item in inner.items if not (item.content_type in _OTHER_FORMS and (texts or htmls))]
    body.defects += inner.defects
    body.text_left, body.unpacked_left = inner.text_left, inner.unpacked_left


def _show(part: Part, body: Body) -> None:
    if len(part.raw_body()) > body.text_left:
        body.defects.append("text_too_long")
        _attach(part, body)
        if body.text_left <= 0:
            return
    text = part.text(body.text_left)[: body.text_left]
    body.text_left -= len(text)
    if text.lstrip().startswith(_PGP_MESSAGE):
        body.defects.append(ENCRYPTED)
    if part.content_type == "text/html":
        body.slots.append(Slot(html=text))
        return
    if "begin" in text:
        text = _without_uuencoded(text, body)
    if part.parameters.get("format", "").lower() == "flowed":
        text = flowed.unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    body.slots.append(Slot(text=text))


def _without_uuencoded(text: str, body: Body) -> str:
    """The text without its uuencoded files, which become attachments."""
    text, files = transfer.split_uuencoded(text, body.unpacked_left)
    for name, content in files:
        body.unpacked_left -= len(content)
        body.items.append(_in_memory(clean_line(name) or None, "application/octet-stream", None, content))
    return text


def _attach(part: Part, body: Body) -> None:
    if part.content_type in tnef.CONTENT_TYPES or (part.filename or "").lower() == "winmail.dat":
        if _unpack_tnef(part, body):
            return
    elif part.content_type in smime.CONTENT_TYPES:
        _open_smime(part, body)
    inline = part.disposition == "inline" or (part.disposition is None and part.content_id is not None)
    name = part.filename
    if name is None and part.is_message and part.children:
        subject = part.children[0].headers.get("subject")
        name = f"{subject[:100]}.eml" if subject else None
    body.items.append(Item(name, part.content_type, inline, part.content_id, part.body, part))


def _unpack_tnef(part: Part, body: Body) -> bool:
    """Whether the winmail.dat `part` had something to give in its place."""
    unpacked = tnef.unpack(part.body(), body.unpacked_left)
    body.defects += unpacked.defects
    for file in unpacked.files:
        body.unpacked_left -= len(file.content)
        body.items.append(_in_memory(file.name, file.content_type, file.content_id, file.content))
    has_body = bool(unpacked.text or unpacked.html)
    if has_body and not any((slot.text or slot.html or "").strip() for slot in body.slots):
        body.slots.append(Slot(unpacked.text, unpacked.html))
    return has_body or bool(unpacked.files)


def _open_smime(part: Part, body: Body) -> None:
    """Show the mail inside an opaque S/MIME signature; the signature itself stays an attachment."""
    data = part.body()
    if smime.is_encrypted(data):
        body.defects.append(ENCRYPTED)
    content = smime.signed_content(data)
    inner = part.open(content) if content else None
    if inner is not None:
        _sort(inner, body, inner)
        body.defects += inner.all_defects()


def _in_memory(name: str | None, content_type: str, content_id: str | None, content: bytes) -> Item:
    return Item(name, content_type, False, content_id, lambda: content)


def describe(items: list[Item]) -> tuple[Attachment, ...]:
    """What is told about each attachment. Decodes each once, one after the other, and keeps none."""
    found = []
    for index, item in enumerate(items):
        content = item.content()
        content_type = content_types.by_content(item.content_type, item.filename, content[:512])
        found.append(Attachment(index, item.filename, content_type, len(content), item.inline, item.content_id))
        del content
    return tuple(found)
