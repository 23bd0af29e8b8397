"""Collect where marked elements begin and end in the text being rendered, and settle them into spans.

A marker is known when its element opens, its first text comes later, and whether it counts can depend on what follows
(a line over header fields, a Gmail container with blockquotes). So spans are noted raw and settled at the end.
Limits: O(n log n) in the number of markers.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from msgspec import Struct

from chalicelib.mail.html_markers import Kind, Marker

# Two lines such as "From: Kim" and "Sent: Monday" make a header block; the names are left to `quotes`.
_HEADER_LINE = re.compile(r"^[>* \t]*+[^\n:：]{1,40}+[:：][ \t]*+\S", re.M)


class QuoteSpan(Struct, frozen=True):
    """A stretch `HtmlText.text[start:end]` that the sending client marked."""

    start: int
    end: int
    kind: Kind


class _Noted(Struct):
    marker: Marker
    needs_headers: bool
    start: int = -1
    end: int = -1


class Spans:
    """Notes spans while text is written."""

    def __init__(self) -> None:
        self.noted: list[_Noted] = []
        self.waiting: dict[int, None] = {}  # those whose first text is still to come, in order

    def open(self, marker: Marker, *, needs_headers: bool = False) -> int:
        """Note a marker; its number is what `close` takes."""
        self.noted.append(_Noted(marker, needs_headers))
        self.waiting[len(self.noted) - 1] = None
        return len(self.noted) - 1

    def text_at(self, position: int) -> None:
        """Text is about to be written at this position."""
        for number in self.waiting:
            self.noted[number].start = position
        self.waiting.clear()

    def close(self, number: int, position: int) -> None:
        """The marked element ends. One without text counts only if it announces what follows."""
        span = self.noted[number]
        span.end = position
        if number in self.waiting and (span.marker.extent != "rest" or span.needs_headers):
            del self.waiting[number]

    def settle(self, text: str) -> tuple[QuoteSpan, ...]:
        """The spans in order, without overlap, the outermost first."""
        raw = [(span.start, *self._settled(span, text), span.marker.extent) for span in self.noted if span.start >= 0]
        raw.sort(key=lambda span: span[0])  # stable: of those that begin together the one opened first is outside
        quotes = [start for start, end, kind, extent in raw if kind == "quote" and extent == "element" and start < end]
        spans: list[QuoteSpan] = []
        for start, end, kind, extent in raw:
            for span in _gmail(start, end, quotes) if extent == "container" else ((start, end, kind),):
                _append(spans, *span)
        return tuple(QuoteSpan(span.start, _trimmed(text, span), span.kind) for span in spans)

    def _settled(self, span: _Noted, text: str) -> tuple[int, Kind]:
        end = span.end if span.end >= 0 else len(text)
        if span.needs_headers and len(_HEADER_LINE.findall(text, span.start, min(end, span.start + 2000))) < 2:
            return span.start, span.marker.kind
        return (len(text) if span.marker.extent == "rest" else end), span.marker.kind


def _trimmed(text: str, span: QuoteSpan) -> int:
    """The end of a span without the line ends after its last text."""
    end = span.end
    while end > span.start + 1 and text[end - 1].isspace():
        end -= 1
    return end


def _gmail(start: int, end: int, quotes: list[int]) -> tuple[tuple[int, int, Kind], ...]:
    """Gmail's container: what precedes its first blockquote is the attribution; without one it is a forward."""
    index = bisect_left(quotes, start)
    if index < len(quotes) and quotes[index] < end:
        return ((start, quotes[index], "attribution"),)
    return ((start, end, "forward"),)


def _append(spans: list[QuoteSpan], start: int, end: int, kind: Kind) -> None:
    """Append unless it stands inside the last one; quoted mail inside a signature element ends the signature."""
    if start >= end:
        return
    if spans and start < spans[-1].end:
        last = spans[-1]
        if last.kind != "signature" or kind == "signature":
            return
        spans.pop()
        if last.start < start:
            spans.append(QuoteSpan(last.start, start, last.kind))
    spans.append(QuoteSpan(start, end, kind))
