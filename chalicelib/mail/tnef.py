"""winmail.dat: Outlook's TNEF ([MS-OXTNEF]) unpacked into its text and files.

A stream is a signature and a row of attributes; the mail's own properties and those of each file are MAPI property
lists inside attributes ([MS-OXCDATA] §2.11). Read are the body (plain, HTML), and of each file its name, type,
content id and content; files of mails attached inside come out as well. Broken streams give what came before the
break and the defect `broken_tnef`. Linear in the stream; limits in `bounds.py`. Reasons for own code:
docs/decisions/011-tnef.md.
"""

from __future__ import annotations

import struct
from typing import Any, Final

from msgspec import Struct

from . import charset
from .bounds import MAX_TNEF_ATTRIBUTES
from .clean import clean_line, clean_text

#: Content types under which TNEF is sent.
CONTENT_TYPES: Final = frozenset(["application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef"])
SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_MAX_DEPTH: Final = 5

# Attributes, [MS-OXTNEF] §2.1.3.2
_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_FILE_STARTS, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
# Properties, [MS-OXPROPS]
_P_BODY, _P_HTML, _P_DISPLAY_NAME, _P_INTERNET_CODE_PAGE = 0x1000, 0x1013, 0x3001, 0x3FDE
_P_DATA, _P_SHORT_NAME, _P_LONG_NAME, _P_MIME, _P_CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
_FIXED_SIZES: Final = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
    0x01: 4,
}
_STRING, _UNICODE, _OBJECT, _BINARY, _MANY = 0x1E, 0x1F, 0x0D, 0x102, 0x1000


class File(Struct, frozen=True):
    """One file out of a winmail.dat."""

    name: str | None
    content: bytes
    content_type: str = "application/octet-stream"
    content_id: str | None = None


class Unpacked(Struct, frozen=True):
    """What a winmail.dat contains."""

    files: tuple[File, ...] = ()
    text: str | None = None
    html: str | None = None
    defects: tuple[str, ...] = ()


def unpack(data: bytes, limit: int) -> Unpacked:
    """The text and files of a TNEF stream, at most `limit` bytes of them. Never raises."""
    return _unpack(data, limit, 0)


def _unpack(data: bytes, limit: int, depth: int) -> Unpacked:
    stream = _Stream(limit, depth)
    try:
        stream.read(data)
    except (struct.error, ValueError, IndexError):
        stream.defects.append("broken_tnef")
    return stream.result()


class _Stream:
    """What has been read of one stream so far."""

    def __init__(self, limit: int, depth: int) -> None:
        self.left, self.depth = limit, depth
        self.code_page = "cp1252"
        self.text: bytes | None = None
        self.message: dict[int, Any] = {}
        self.files: list[dict[int, Any]] = []
        self.nested: list[File] = []
        self.defects: list[str] = []

    def read(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE):
            raise ValueError("no TNEF signature")
        position = 6
        for _ in range(MAX_TNEF_ATTRIBUTES):
            if position + 9 > len(data):
                break
            _, attribute, _, size = struct.unpack_from("<BHHI", data, position)
            position += 9
            if position + size > len(data):
                self.defects.append("broken_tnef")
            self.take(attribute, data[position : position + size])
            position += size + 2  # and a checksum, which nobody gets wrong on purpose
        else:
            self.defects.append("broken_tnef")

    def take(self, attribute: int, value: bytes) -> None:
        if attribute == _CODE_PAGE and len(value) >= 4:
            self.code_page = _code_page(struct.unpack_from("<I", value)[0])
        elif attribute == _BODY:
            self.text = value
        elif attribute == _MESSAGE_PROPERTIES:
            self.message = _properties(value)
        elif attribute == _FILE_STARTS:
            self.files.append({})
        elif attribute in (_FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES):
            if not self.files:
                self.files.append({})
            self.files[-1] |= _properties(value) if attribute == _FILE_PROPERTIES else {-attribute: value}

    def result(self) -> Unpacked:
        files = [file for found in self.files if (file := self.file(found)) is not None]
        page = self.message.get(_P_INTERNET_CODE_PAGE)
        label = _code_page(page) if isinstance(page, int) else self.code_page
        text, html = (self.string(self.message.get(key), label) for key in (_P_BODY, _P_HTML))
        if text is None and self.text is not None:
            text = self.string(self.text, self.code_page)
        return Unpacked(
            (*files, *self.nested),
            clean_text(text) if text and text.strip() else None,
            clean_text(html) if html and html.strip() else None,
            tuple(dict.fromkeys(self.defects)),
        )

    def file(self, found: dict[int, Any]) -> File | None:
        content = found.get(-_FILE_DATA)
        if content is None:
            content = found.get(_P_DATA)
        if not isinstance(content, bytes):
            return None
        if content[16:20] == SIGNATURE and self.depth < _MAX_DEPTH:  # a mail: an interface id, then a stream
            return self.embedded(found, content[16:])
        if len(content) > self.left:
            self.defects.append("unpacked_too_large")
            return None
        self.left -= len(content)
        names = (found.get(_P_LONG_NAME), found.get(-_FILE_TITLE), found.get(_P_SHORT_NAME))
        name = next((text for value in names if (text := self.string(value, self.code_page))), None)
        content_type = self.string(found.get(_P_MIME), self.code_page) or "application/octet-stream"
        content_id = self.string(found.get(_P_CONTENT_ID), self.code_page)
        return File(clean_line(name) or None if name else None, content, clean_line(content_type).lower(), content_id)

    def embedded(self, found: dict[int, Any], data: bytes) -> File | None:
        """A mail inside: its files join ours, its text becomes a file under its name."""
        inner = _unpack(data, self.left, self.depth + 1)
        self.nested += inner.files
        self.left -= sum(len(file.content) for file in inner.files)
        self.defects += inner.defects
        name = clean_line(self.string(found.get(_P_DISPLAY_NAME), self.code_page) or "") or "message"
        body = inner.html or inner.text
        if body is None or len(body) > self.left:
            return None
        self.left -= len(body)
        ending, content_type = ("html", "text/html") if inner.html else ("txt", "text/plain")
        return File(f"{name}.{ending}", body.encode(), content_type)

    def string(self, value: Any, label: str) -> str | None:
        if isinstance(value, bytes):
            return charset.decode(value.rstrip(b"\x00"), label)[0]
        return value if isinstance(value, str) else None


def _code_page(number: int) -> str:
    """The charset label of a Windows code page."""
    special = {
        65001: "utf-8",
        28591: "iso-8859-1",
        20127: "us-ascii",
        20866: "koi8-r",
        50220: "iso-2022-jp",
        0: "cp1252",
    }
    return special.get(number, f"cp{number}")


def _properties(data: bytes) -> dict[int, Any]:
    """A MAPI property list: property id to str, bytes or int. Of a broken list what came before the break."""
    found: dict[int, Any] = {}
    try:
        (count,) = struct.unpack_from("<I", data)
        position = 4
        for _ in range(min(count, MAX_TNEF_ATTRIBUTES)):
            kind, name = struct.unpack_from("<HH", data, position)
            position += 4
            if name >= 0x8000:
                position = _after_name(data, position)
            value, position = _value(data, position, kind)
            found[name] = value
    except (struct.error, ValueError):
        pass
    return found


def _after_name(data: bytes, position: int) -> int:
    """The position after the name of a named property: a GUID, and a number or a string."""
    kind, size = struct.unpack_from("<II", data, position + 16)
    return position + 24 + (_padded(size) if kind == 1 else 0)


def _value(data: bytes, position: int, kind: int) -> tuple[Any, int]:
    base = kind & ~_MANY
    if base in _FIXED_SIZES:
        size = _FIXED_SIZES[base]
        if not kind & _MANY:
            value = struct.unpack_from("<i", data, position)[0] if base == 0x03 else None
            return value, position + size
        (count,) = struct.unpack_from("<I", data, position)
        return None, position + 4 + count * size
    if base not in (_STRING, _UNICODE, _OBJECT, _BINARY):
        raise ValueError(f"property type {kind:#x}")
    (count,) = struct.unpack_from("<I", data, position)
    position += 4
    value = None
    for index in range(count):
        (size,) = struct.unpack_from("<I", data, position)
        position += 4
        if position + size > len(data):
            raise ValueError("longer than the list")
        if index == 0:
            chunk = data[position : position + size]
            value = chunk.decode("utf-16-le", "replace").rstrip("\x00") if base == _UNICODE else chunk
        position += _padded(size)
    return value, position


def _padded(size: int) -> int:
    return (size + 3) & ~3
