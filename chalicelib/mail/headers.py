"""The header block of a mail or part (RFC 5322 §2.2, RFC 6532): ordered, case-insensitive, decoded when asked.

Fields are kept as bytes. Text is made of them on demand: unfolded, raw 8-bit bytes read as UTF-8 or else in the
mail's own charset, encoded words (RFC 2047) decoded, control characters taken out. QUIRK: a line that is no field, in
the middle of fields, belongs to the field before it (badly folded); if no field follows it is the first line of the
body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from . import charset, encoded_words
from .bounds import MAX_FIELD_BYTES, MAX_HEADER_BYTES, MAX_HEADER_FIELDS, MAX_LINE_BYTES
from .clean import clean_line

_FIELD_START: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,20}:")
_LINE_END: Final = re.compile(rb"\n(?![ \t])")
_FOLD: Final = re.compile(r"[\r\n]+[ \t]*")
_LONE_CR: Final = re.compile(rb"\r+(?=[ \t]|[!-9;-~]{1,76}:|\n|\Z)")


class Headers:
    """The fields of one header block, in their order."""

    __slots__ = ("_decoded", "charset_hint", "fields")

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields
        self.charset_hint: str | None = None  # label for raw 8-bit bytes that are not UTF-8
        self._decoded: dict[str, list[str]] = {}

    def __contains__(self, name: str) -> bool:
        name = name.lower()
        return any(key == name for key, _ in self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """All fields in order: lower-case name, decoded text."""
        for name, value in self.fields:
            yield name, self._decode(value)

    def raw(self, name: str) -> bytes | None:
        """The first field of that name as it was sent, folds included, outer blanks cut."""
        name = name.lower()
        return next((value for key, value in self.fields if key == name), None)

    def raw_all(self, name: str) -> list[bytes]:
        """All fields of that name as they were sent."""
        name = name.lower()
        return [value for key, value in self.fields if key == name]

    def unfolded_all(self, name: str) -> list[str]:
        """All fields of that name as text in one line, encoded words left as they are."""
        return [self._unfold(value) for value in self.raw_all(name)]

    def unfolded(self, name: str) -> str | None:
        """The first field of that name as text in one line, encoded words left as they are."""
        value = self.raw(name)
        return None if value is None else self._unfold(value)

    def all(self, name: str) -> list[str]:
        """All fields of that name, decoded and cleaned."""
        name = name.lower()
        if name not in self._decoded:
            self._decoded[name] = [self._decode(value) for value in self.raw_all(name)]
        return self._decoded[name]

    def get(self, name: str) -> str | None:
        """The first field of that name that is not empty, decoded and cleaned; None without one."""
        found = self.all(name)
        return next((text for text in found if text), found[0] if found else None)

    def _unfold(self, value: bytes) -> str:
        text = value.decode("ascii") if value.isascii() else self._eight_bit(value)
        return _FOLD.sub(" ", text) if "\n" in text or "\r" in text else text

    def _eight_bit(self, value: bytes) -> str:
        text = charset.strictly(value, "utf-8")
        if text is None and self.charset_hint:
            text = charset.strictly(value, charset.codec_for(self.charset_hint) or "utf-8")
        return charset.decode(value, None)[0] if text is None else text

    def _decode(self, value: bytes) -> str:
        return clean_line(encoded_words.decode(self._unfold(value)))


def read_fields(block: bytes) -> tuple[list[tuple[str, bytes]], bytes | None, tuple[str, ...]]:
    """The fields of a header block; the rest from the first line on that must be body (None: nothing); defect codes."""
    defects: list[str] = []
    if len(block) > MAX_HEADER_BYTES:
        block = block[:MAX_HEADER_BYTES]
        defects.append("header_too_large")
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            block = _LONE_CR.sub(b"\n", block).replace(b"\n\n", b"\n")
            defects.append("bare_cr")
    lines = _LINE_END.split(block)
    if len(lines) > MAX_HEADER_FIELDS:
        del lines[MAX_HEADER_FIELDS:]
        defects.append("header_too_large")
    fields: list[tuple[str, bytes]] = []
    rest = None
    for index, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        if colon and _FIELD_START.match(line):
            if len(value) > MAX_FIELD_BYTES:
                value = value[:MAX_FIELD_BYTES]
                defects.append("header_too_large")
            elif len(value) > MAX_LINE_BYTES and max(map(len, value.split(b"\n"))) > MAX_LINE_BYTES:
                defects.append("header_line_too_long")
            fields.append((name.strip().decode("ascii").lower(), value.strip()))
        elif line.strip():
            if _is_body(lines, index):
                rest = b"\n".join(lines[index:])
                defects.append("missing_blank_line")
                break
            defects.append("broken_header_line")
            if fields and not line.startswith((b"From ", b">From ")) and len(fields[-1][1]) < MAX_FIELD_BYTES:
                fields[-1] = (fields[-1][0], fields[-1][1] + b"\n " + line.strip())
    return fields, rest, tuple(dict.fromkeys(defects))


def _is_body(lines: list[bytes], index: int) -> bool:
    """Whether a line that is no field begins the body: a boundary, or none of the next lines is a field."""
    return lines[index].startswith(b"--") or not any(_FIELD_START.match(line) for line in lines[index + 1 : index + 4])
