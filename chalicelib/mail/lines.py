"""A mail's text as lines: where each begins and ends, how deep it is quoted (`>`), and what it says without that.

Offsets are of the text given, so that what is found in lines can be folded in the text. Lines end at `\n` alone
(texts inside Postfach use nothing else); a `\r` before it belongs to the line's white space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from .languages import INVISIBLE

# Possessive: what is matched is never given back, so a line of marks needs no stack as long as itself.
_QUOTED: Final = re.compile(r"(?:[ \t\xa0]{0,8}+(?:>|&gt;))++ ?")
_BLANKS: Final = " \t\r\xa0\u3000\u202f\f\v"
_ODD: Final = {**INVISIBLE, 0xA0: " ", 0x202F: " ", 0x3000: " "}


class QuoteSpan(Protocol):
    """A stretch of the text that the HTML marked: `text[start:end]`; kind is quote, attribution, forward or
    signature.
    """

    @property
    def start(self) -> int:
        """First character."""

    @property
    def end(self) -> int:
        """One past the last character."""

    @property
    def kind(self) -> str:
        """What the mark says."""


class Line(NamedTuple):
    """`text[start:end]` without its line end."""

    start: int
    end: int
    depth: int  # number of `>` before it; what the HTML marks as a quote counts as one
    body: str  # without `>`, outer blanks and invisible marks
    mark: str = ""  # the kind of the HTML span the line is in; "code" in fenced code


def read_lines(text: str, spans: Sequence[QuoteSpan] = ()) -> list[Line]:
    """All lines of a text."""
    lines: list[Line] = []
    position = 0
    marks = _Marks(spans)
    for raw in text.split("\n"):
        end = position + len(raw)
        depth, body = _unquoted(raw)
        if not body.isascii():
            body = body.translate(_ODD)
        body = body.strip()
        mark = marks.at(position, end) if spans else ""
        lines.append(Line(position, end, depth or (1 if mark in ("quote", "forward") else 0), body, mark))
        position = end + 1
    return _with_code(lines) if "\n```" in text or text.startswith("```") else lines


def _with_code(lines: list[Line]) -> list[Line]:
    """Mark the lines of fenced code, fences included: what looks like a quote or a signature in it is none."""
    fences = [i for i, line in enumerate(lines) if line.body.startswith("```") and not line.depth]
    for first, last in zip(fences[::2], fences[1::2], strict=False):
        for i in range(first, last + 1):
            lines[i] = lines[i]._replace(depth=0, mark="code")
    return lines


def next_written(lines: Sequence[Line], index: int, within: int = 1_000_000) -> int:
    """The first line at or after `index` that says something; `len(lines)` without one in the next `within` lines."""
    for i in range(index, min(len(lines), index + within)):
        if lines[i].body:
            return i
    return len(lines)


def _unquoted(raw: str) -> tuple[int, str]:
    first = raw[:1]
    if first in " \t\xa0":
        first = raw[:12].lstrip(_BLANKS)[:1]
    if first not in (">", "&"):
        return 0, raw
    found = _QUOTED.match(raw)
    if not found:
        return 0, raw
    return found[0].count(">") + found[0].count("&gt;"), raw[found.end() :]


class _Marks:
    """Which span a line lies in; asked in the order of lines."""

    def __init__(self, spans: Sequence[QuoteSpan]) -> None:
        self.spans = sorted(spans, key=lambda span: (span.start, span.end))
        self.index = 0

    def at(self, start: int, end: int) -> str:
        while self.index < len(self.spans) and self.spans[self.index].end <= start:
            self.index += 1
        if self.index < len(self.spans):
            span = self.spans[self.index]
            if span.start <= start < span.end or (start <= span.start < end and span.start - start < 2):
                return span.kind
        return ""
