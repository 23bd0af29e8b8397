"""The MIME tree of a mail (RFC 2045, 2046): bytes in, `Part` out, never an exception.

Parts are offsets into the raw mail; bodies are cut out and decoded only when asked, so that a large attachment exists
once encoded and once decoded, never more often. A multipart is split where its own boundary stands; what the
enclosing boundary cut off is complete. Multiparts are read at once, attached mails (message/rfc822) when their
`children` are asked for.

Read although wrong, each with a defect code: boundaries that do not match or are missing, missing ends, parts after
the end, headers without a blank line after them, mbox `From ` lines, mails with bare CR. Limits: `bounds.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from . import charset, parameters, transfer
from .bounds import MAX_BOUNDARY_BYTES, MAX_DEPTH, MAX_PARTS
from .clean import clean_text
from .headers import Headers, read_fields

_LEAD: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]{0,200}+\r?\n)*+(?:>?From (?![ \t]{0,20}:)[^\r\n]*+\r{0,2}\n)*+")
_BLANK_LINE: Final = re.compile(rb"\n\r*\n")
_GUESSED_BOUNDARY: Final = re.compile(
    rb"^--([^\s][^\r\n]{0,198}?)[ \t]{0,20}\r?\n(?=[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-|\r?\n)", re.MULTILINE
)
_CONTINUATIONS: Final = bytes(range(0x80, 0xC0))  # the second and later bytes of a UTF-8 character
_WORD_LABEL: Final = re.compile(rb"=\?([A-Za-z0-9_.:\-]{3,40})\?[bBqQ]\?")
_MESSAGE_TYPES: Final = frozenset(["message/rfc822", "message/global", "message/news"])


class Part:
    """One entity: its header fields, its body, and its children if it is a multipart or an attached mail."""

    def __init__(self, source: bytes, start: int, end: int, depth: int, default_type: str, budget: list[int]) -> None:
        self.depth = depth
        self.defects: list[str] = []
        self._budget = budget  # parts still allowed, shared by the whole mail
        self._parts: tuple[Part, ...] | None = None
        self._source, self.start, self.end = source, start, end
        self.body_start = self._read_headers()
        self._read_type(default_type)
        if self.content_type.startswith("multipart/"):
            self._split()

    # Headers

    def _read_headers(self) -> int:
        source, start, end = self._source, self.start, self.end
        if source[start : start + 1] == b"\n" or source[start : start + 2] == b"\r\n":
            self.headers = Headers([])
            return source.index(b"\n", start) + 1
        blank = _BLANK_LINE.search(source, start, end)
        block = source[start : blank.start() + 1 if blank else end]
        fields, rest, defects = read_fields(block)
        self.headers = Headers(fields)
        self.defects += defects
        body_start = blank.end() if blank else end
        if rest is not None:  # the body began without a blank line: this part gets a buffer of its own
            self._source = rest + (source[blank.start() + 1 : end] if blank else b"")
            self.start, self.end, body_start = 0, len(self._source), 0
        return body_start

    def _read_type(self, default_type: str) -> None:
        value = next((v for v in self.headers.unfolded_all("content-type") if v.strip()), None)
        self.content_type, self.parameters, is_well = parameters.content_type(value, default_type)
        if not is_well:
            self.defects.append("broken_content_type")
        disposition = self.headers.unfolded("content-disposition")
        self.disposition: str | None = parameters.split(disposition)[0] or None if disposition else None
        self.encoding = transfer.encoding_name(self.headers.unfolded("content-transfer-encoding") or "")

    @cached_property
    def filename(self) -> str | None:
        """The name the part is sent under, decoded and cleaned (read late: raw bytes need the mail's charset)."""
        disposition, content_type = self.headers.unfolded("content-disposition"), self.headers.unfolded("content-type")
        return parameters.filename(disposition or "", content_type or "")

    @cached_property
    def content_id(self) -> str | None:
        """Content-ID without its brackets."""
        value = self.headers.get("content-id")
        return value.strip("<> \t") or None if value else None

    @property
    def is_message(self) -> bool:
        """Whether this part is a mail of its own (message/rfc822 and its kin)."""
        return self.content_type in _MESSAGE_TYPES

    # Structure

    @property
    def children(self) -> tuple[Part, ...]:
        """The parts of a multipart; the mail inside a message/rfc822 part; else empty."""
        if self._parts is None:
            self._parts = ()
            if self.is_message and self._may_open():
                self._parts = (self._message(),)
        return self._parts

    def _message(self) -> Part:
        """The root of the mail inside this message/rfc822 part."""
        if self.encoding == "identity":
            return _root(self._source, self.body_start, self.end, self.depth + 1, self._budget)
        body = self.body()
        return _root(body, 0, len(body), self.depth + 1, self._budget)

    def open(self, content: bytes) -> Part | None:
        """The mail or part that `content`, unpacked from this part, is; None past the bounds."""
        return _root(content, 0, len(content), self.depth + 1, self._budget) if self._may_open() else None

    def _may_open(self) -> bool:
        if self.depth >= MAX_DEPTH:
            self.defects.append("nested_too_deeply")
            return False
        self._budget[0] -= 1
        if self._budget[0] < 0:
            self.defects.append("too_many_parts")
            return False
        return True

    def walk(self, messages: bool = False) -> Iterator[Part]:
        """This part and all below it in their order; those of attached mails only with `messages`."""
        yield self
        if messages or not self.is_message:
            for part in self.children:
                yield from part.walk(messages)

    def all_defects(self) -> list[str]:
        """The defects of this part and of all parts below it that were looked at."""
        found = list(self.defects)
        for part in self._parts or ():
            found += part.all_defects()
        return found

    def _split(self) -> None:
        boundary = self.parameters.get("boundary", "").encode("utf-8", "surrogateescape")[:MAX_BOUNDARY_BYTES].rstrip()
        cuts: list[tuple[int, int]] = []
        if not boundary:
            self.defects.append("missing_boundary")
        elif not (cuts := self._cuts(boundary)):
            self.defects.append("wrong_boundary")
        if not cuts:
            guess = _GUESSED_BOUNDARY.search(self._source, self.body_start, self.end)
            cuts = self._cuts(guess[1]) if guess else []
        if not cuts:  # nothing to split: its body is a text
            self.content_type = "text/plain"
            return
        inner = "message/rfc822" if self.content_type == "multipart/digest" else "text/plain"
        parts = []
        for start, end in cuts:
            if not self._may_open():
                break
            parts.append(Part(self._source, start, max(start, end), self.depth + 1, inner, self._budget))
        self._parts = tuple(parts)

    def _cuts(self, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts between the lines of this boundary start and end."""
        source, end, needle = self._source, self.end, b"--" + boundary
        cuts: list[tuple[int, int]] = []
        open_at, closed, position = -1, False, self.body_start
        while len(cuts) <= MAX_PARTS and (found := source.find(needle, position, end)) >= 0:
            position = found + len(needle)
            line_end = source.find(b"\n", position, min(end, position + 200))
            after = source[position : line_end if line_end >= 0 else min(end, position + 200)].strip()
            if (found > self.body_start and source[found - 1] not in b"\r\n") or after not in (b"", b"--"):
                continue
            if open_at >= 0:
                cuts.append((open_at, self._before_line_end(open_at, found)))
            elif closed and not after:
                self.defects.append("parts_after_end")
            position = line_end + 1 if line_end >= 0 else end
            closed = bool(after)
            open_at = -1 if closed else position
        if open_at >= 0:
            glued = needle + b"--"
            tail = source[max(open_at, end - len(glued) - 4) : end].rstrip()
            if tail.endswith(glued):  # the end stands behind the last line instead of below it
                end = source.rfind(glued, open_at, end)
            self.defects.append("missing_end_boundary")
            if open_at < end:
                cuts.append((open_at, end))
        return cuts

    def _before_line_end(self, start: int, end: int) -> int:
        """`end` without the line end before it, which belongs to the boundary (RFC 2046 §5.1.1)."""
        if end > start and self._source[end - 1] == 10:
            end -= 1
        if end > start and self._source[end - 1] == 13:
            end -= 1
        return end

    # Body

    def raw_body(self) -> memoryview:
        """The body as it was sent, not copied."""
        return memoryview(self._source)[self.body_start : self.end]

    def body(self) -> bytes:
        """The body with its transfer encoding undone. Decoded at every call, since it may be large."""
        encoding = "identity" if self._parts and not self.is_message else self.encoding
        data, defects = transfer.decode(self.raw_body(), encoding)
        self._note(defects)
        return data

    def text(self, most: int | None = None) -> str:
        r"""The body as text: charset undone, `\n` for every line end, control characters taken out.

        With `most` only the lines in the first `most` bytes of the body.
        """
        data = self.body()
        if most is not None and len(data) > most:
            data = data[:most]
            data = data[: data.rfind(b"\n") + 1] or data.rstrip(_CONTINUATIONS)[:-1]
        label = self.parameters.get("charset")
        if self.content_type in {"text/html", "application/xhtml+xml"} and charset.codec_for(label) is None:
            label = charset.from_meta(data) or label
        text, defects = charset.decode(data, label)
        self._note(defects)
        return clean_text(text)

    def _note(self, defects: tuple[str, ...]) -> None:
        self.defects += [code for code in defects if code not in self.defects]


def parse(raw: bytes) -> Part:
    """The tree of the mail `raw`. Never raises; what is wrong stands in the parts' `defects`."""
    defects = []
    if b"\r" in raw and b"\n" not in raw:  # classic Mac OS
        raw = raw.replace(b"\r", b"\n")
        defects.append("bare_cr")
    root = _root(raw, 0, len(raw), 0, [MAX_PARTS])
    root.defects[:0] = defects
    return root


def _root(source: bytes, start: int, end: int, depth: int, budget: list[int]) -> Part:
    """The root part of a mail that stands in `source[start:end]`, after what may stand before its header."""
    lead = _LEAD.match(source, start, end)
    root = Part(source, lead.end() if lead else start, end, depth, "text/plain", budget)
    labels = (part.parameters.get("charset") for part in root.walk())
    hint = next((label for label in labels if label and charset.codec_for(label) not in (None, "utf-8")), None)
    hint = hint or _encoded_words_label(root.headers)
    if hint:
        for part in root.walk():
            part.headers.charset_hint = hint
    return root


def _encoded_words_label(headers: Headers) -> str | None:
    """The charset that the mail's encoded words use: its raw 8-bit bytes are most likely of the same."""
    for _, value in headers.fields:
        found = _WORD_LABEL.search(value) if b"=?" in value else None
        if found and found[1].lower() not in (b"utf-8", b"us-ascii"):
            return found[1].decode("ascii")
    return None
