"""What of a mail is shown as its body and what is an attachment (RFC 2046, 2183, 2387).

`read_body(root)` sorts every leaf of the MIME tree: into a slot of the body (a text, an HTML, or both as alternatives) or into
the list of attachments, in the order of the mail. A message/rfc822 part is one attachment. winmail.dat (TNEF) and
uuencoded blocks in texts are unpacked. Contents are not kept: an `Item` decodes its bytes when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from . import content_types, tnef, transfer
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


_BODY_TYPES: Final = frozenset(["text/plain", "text/html"])


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
        for child in part.children:
            _sort(child, body, root)


def _is_shown(part: Part, root: Part) -> bool:
    """Whether a leaf is body text: text/plain or text/html that nobody declared a file."""
    if part.content_type not in _BODY_TYPES or part.disposition == "attachment":
        return False
    return part is root or part.filename is None or part.disposition == "inline" and part.content_type == "text/plain"


def _alternatives(part: Part, body: Body, root: Part) -> None:
    """The same text in several forms: one slot with the plain and the HTML form; what else hangs there is attached."""
    inner = Body(text_left=body.text_left, unpacked_left=body.unpacked_left)
    for child in part.children:
        _sort(child, inner, root)
    texts = [slot.text for slot in inner.slots if slot.text is not None]
    htmls = [slot.html for slot in inner.slots if slot.html is not None]
    if texts or htmls:
        body.slots.append(Slot("\n".join(texts) if texts else None, "\n".join(htmls) if htmls else None))
    body.items += inner.items
    body.defects += inner.defects
    body.text_left, body.unpacked_left = inner.text_left, inner.unpacked_left


def _show(part: Part, body: Body) -> None:
    if len(part.raw_body()) > body.text_left:
        body.defects.append("text_too_long")
        _attach(part, body)
        if body.text_left <= 0:
            return
    text = part.text()[: body.text_left]
    body.text_left -= len(text)
    if part.content_type == "text/html":
        body.slots.append(Slot(html=text))
        return
    if "\nbegin" in text or text.startswith("begin"):
        text = _without_uuencoded(part, text, body)
    body.slots.append(Slot(text=text))


def _without_uuencoded(part: Part, text: str, body: Body) -> str:
    """The text without its uuencoded files, which become attachments."""
    data = part.body()
    for begin in transfer.UU_BEGIN.finditer(data):
        end = data.find(b"\nend", begin.end())
        if end < 0:
            continue
        block = data[begin.start() : end + 4]
        content = transfer.from_uuencode(data[begin.end() : end + 1])
        shown = block.decode("latin-1").replace("\r\n", "\n")
        if content and shown in text and body.unpacked_left >= len(content):
            body.unpacked_left -= len(content)
            text = text.replace(shown, "", 1)
            name = clean_line(begin[1].decode("utf-8", "replace")) or None
            _add(body, Item(name, "application/octet-stream", False, None, lambda content=content: content))  # type: ignore[misc]
    return text


def _attach(part: Part, body: Body) -> None:
    if part.content_type in tnef.CONTENT_TYPES or (part.filename or "").lower() == "winmail.dat":
        unpacked = tnef.unpack(part.body(), body.unpacked_left)
        body.defects += unpacked.defects
        if unpacked.files or unpacked.text or unpacked.html:
            for file in unpacked.files:
                body.unpacked_left -= len(file.content)
                _add(body, Item(file.name, file.content_type, False, file.content_id, lambda file=file: file.content))  # type: ignore[misc]
            if not body.slots and (unpacked.text or unpacked.html):
                body.slots.append(Slot(unpacked.text, unpacked.html))
            return
    inline = part.disposition == "inline" or (part.disposition is None and part.content_id is not None)
    name = part.filename
    if name is None and part.is_message and part.children:
        subject = part.children[0].headers.get("subject")
        name = f"{subject[:100]}.eml" if subject else None
    _add(body, Item(name, part.content_type, inline, part.content_id, part.body, part))


def _add(body: Body, item: Item) -> None:
    body.items.append(item)


def describe(items: list[Item]) -> tuple[Attachment, ...]:
    """What is told about each attachment. Decodes each once, one after the other, and keeps none."""
    found = []
    for index, item in enumerate(items):
        content = item.content()
        content_type = content_types.by_content(item.content_type, item.filename, content[:512])
        found.append(Attachment(index, item.filename, content_type, len(content), item.inline, item.content_id))
        del content
    return tuple(found)
