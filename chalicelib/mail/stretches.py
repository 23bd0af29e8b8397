"""A mail's text as stretches of one nature: written lines, quotes, other mails announced by a marker, signatures.

The text is read once, line by line. An announced mail with `>` ends where its `>` end; one without goes to the end of
the text. A marker with nothing written above it and no forward is a stretch of its own, and what follows counts as
written. Linear in the size of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from .forward_rules import Context, is_forward
from .lines import Line, next_written
from .markers import Marker, Markers

_SHARED: Final = 12  # characters of an attribution by which it is found in its line
_WRAPPED: Final = 55  # a quoted line this long may have lost the `>` of the line it was wrapped into


class Stretch(Struct):
    """Lines `start` to `end` (exclusive) of one nature.

    `column` is where it begins in its first line; `body` is where the announced mail's own lines begin.
    """

    nature: Literal["text", "quote", "marked", "header", "forward", "signature"]
    start: int
    end: int
    column: int = 0
    body: int = 0
    marker: Marker | None = None


def stretches_of(text: str, lines: Sequence[Line], context: Context) -> list[Stretch]:
    """All stretches of a text; `lines` are its lines."""
    found: list[Stretch] = []
    markers = Markers(lines)
    index, has_text = 0, False
    while index < len(lines):
        stretch = _stretch_at(markers, index, context, has_text)
        if stretch is None:
            index += 1
            continue
        if stretch.nature in ("marked", "forward") and (shared := _shared(text, lines[index], markers, index)):
            stretch.column = shared
            found.append(Stretch("text", index, index + 1))
        has_text = has_text or stretch.nature == "text" or stretch.column > 0
        if found and found[-1].nature == stretch.nature and stretch.nature in ("text", "signature"):
            found[-1].end = stretch.end
        else:
            found.append(stretch)
        index = stretch.end
    return found


def _shared(text: str, line: Line, markers: Markers, index: int) -> int:
    """Where an attribution begins in the line that it shares with text before it; 0 if it has the line to itself."""
    found = markers.attributions.at(index)
    if found is None or not found.shares_line:
        return 0
    at = text.find(found.text[:_SHARED], line.start, line.end)
    return max(len(text[line.start : at].rstrip("-‐–— \t")), 0) if at > line.start else 0


def _stretch_at(markers: Markers, index: int, context: Context, has_text: bool) -> Stretch | None:
    """The stretch that begins at this line; None for an empty line."""
    lines = markers.lines
    line = lines[index]
    if not line.body and not line.depth:
        return None
    if line.mark == "code":
        return Stretch("text", index, index + 1)
    marker = markers.at(index)
    if marker:
        return _marked(lines, marker, context, has_text)
    if line.depth:
        return Stretch("quote", index, _quote_end(lines, index))
    return Stretch("signature" if line.mark == "signature" else "text", index, index + 1)


def _marked(lines: Sequence[Line], marker: Marker, context: Context, has_text: bool) -> Stretch:
    """How far the mail goes that a marker announces."""
    nature: Literal["marked", "forward"] = "forward" if is_forward(marker, context) else "marked"
    below = next_written(lines, marker.end)
    if marker.depth:
        end = _quote_end(lines, marker.start)
    elif below >= len(lines) or nature == "forward" or (marker.attribution and marker.attribution.shares_line):
        end = len(lines)
    elif lines[below].depth:
        end = _quote_end(lines, below)
    elif marker.kind == "attribution" and lines[below].body.startswith("|"):
        end = _bar_end(lines, below)
    elif has_text or marker.kind == "original":
        end = len(lines)
    else:
        return Stretch("header", marker.start, marker.end, 0, marker.end, marker)
    return Stretch(nature, marker.start, max(end, marker.end), 0, marker.end, marker)


def _quote_end(lines: Sequence[Line], index: int) -> int:
    """One past the last line of the quote at `index`: quoted lines, empty lines between them, lines wrapped
    out of it.
    """
    end = index
    while index < len(lines):
        line = lines[index]
        if line.depth:
            end = index + 1
        elif line.body and not _is_wrapped(lines, index):
            break
        index += 1
    return end


def _is_wrapped(lines: Sequence[Line], index: int) -> bool:
    """Whether a line without `>` was wrapped out of the quoted line before it: both neighbours are quoted."""
    if not 0 < index < len(lines) - 1:
        return False
    before, after = lines[index - 1], lines[index + 1]
    return bool(before.depth and after.depth and before.end - before.start >= _WRAPPED and not before.mark)


def _bar_end(lines: Sequence[Line], index: int) -> int:
    end = index
    while index < len(lines) and (not lines[index].body or lines[index].body.startswith("|")):
        end = index + 1 if lines[index].body else end
        index += 1
    return end
