"""What a person newly wrote in a mail, and what of the text a reader folds away.

The text is read once, line by line, into three things: lines written, quotes (`>` or marked by the HTML), and
other mails announced by a marker (`markers`): an attribution, a header block, a separator, a forward. Then:
- an announced mail with `>` ends where its `>` end; one without goes to the end of the text;
- below the new text, quotes and announced mails are folded (top posting); above it as well (bottom posting);
- with answers between two or more quotes, the quotes stay: without them the answers make no sense;
- a marker with nothing written above it and no forward folds alone: what is in doubt is shown;
- signatures are folded, sign-offs stay (see `signatures`).
Nothing is deleted: folds are positions. Linear in the size of the text; no input raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from .forward_rules import Context, is_forward
from .lines import Line, QuoteSpan, next_written, read_lines
from .markers import Marker, Markers
from .model import Fold
from .signatures import signatures

__all__ = ["QuoteSpan", "Reply", "split_reply"]

Kind = Literal["quote", "signature", "forward"]
_KINDS: Final[dict[str, Kind]] = {
    "text": "signature",
    "signature": "signature",
    "quote": "quote",
    "marked": "quote",
    "header": "quote",
    "forward": "forward",
}
_OTHERS: Final = ("quote", "marked", "header")
_SHARED: Final = 12  # characters of an attribution by which it is found in its line
_WRAPPED: Final = 55  # a quoted line this long may have lost the `>` of the line it was wrapped into


class Reply(Struct, frozen=True):
    """The newly written text, and the stretches of the whole text that it leaves out."""

    text: str
    folds: tuple[Fold, ...] = ()


class _Stretch(Struct):
    """Lines `start` to `end` (exclusive) of one nature.

    `column` is where it begins in its first line; `body` is where the announced mail's own lines begin.
    """

    nature: Literal["text", "quote", "marked", "header", "forward", "signature"]
    start: int
    end: int
    column: int = 0
    body: int = 0


def split_reply(text: str, quote_spans: Sequence[QuoteSpan] = (), *, subject: str = "", is_reply: bool = True) -> Reply:
    """Tell the newly written from the quoted.

    `quote_spans` are the stretches that the HTML marks, for texts made of HTML. `subject` and `is_reply` (the
    mail has In-Reply-To or References) tell a forward from a reply.
    """
    lines = read_lines(text, quote_spans)
    stretches = _stretches(text, lines, Context.of(subject, is_reply))
    folds = _folds(lines, stretches, text)
    return Reply(_without(text, folds), folds)


def _stretches(text: str, lines: Sequence[Line], context: Context) -> list[_Stretch]:
    found: list[_Stretch] = []
    markers = Markers(lines)
    index, has_text = 0, False
    while index < len(lines):
        stretch = _stretch_at(markers, index, context, has_text)
        if stretch is None:
            index += 1
            continue
        if stretch.nature in ("marked", "forward") and (shared := _shared(text, lines[index], markers, index)):
            stretch.column = shared
            found.append(_Stretch("text", index, index + 1))
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


def _stretch_at(markers: Markers, index: int, context: Context, has_text: bool) -> _Stretch | None:
    """The stretch that begins at this line; None for an empty line."""
    lines = markers.lines
    line = lines[index]
    if not line.body and not line.depth:
        return None
    if line.mark == "code":
        return _Stretch("text", index, index + 1)
    marker = markers.at(index)
    if marker:
        return _marked(lines, marker, context, has_text)
    if line.depth:
        return _Stretch("quote", index, _quote_end(lines, index))
    return _Stretch("signature" if line.mark == "signature" else "text", index, index + 1)


def _marked(lines: Sequence[Line], marker: Marker, context: Context, has_text: bool) -> _Stretch:
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
        return _Stretch("header", marker.start, marker.end)
    return _Stretch(nature, marker.start, max(end, marker.end), 0, marker.end)


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


def _folds(lines: Sequence[Line], stretches: Sequence[_Stretch], text: str) -> tuple[Fold, ...]:
    last = max((i for i, stretch in enumerate(stretches) if stretch.nature == "text"), default=-1)
    interleaved = sum(1 for stretch in stretches[: max(last, 0)] if stretch.nature in _OTHERS) > 1
    announced = any(stretch.nature in ("marked", "forward", "header") for stretch in stretches)
    folds: list[Fold] = []
    for number, stretch in enumerate(stretches):
        kind = _KINDS[stretch.nature]
        runs = [(stretch.start, stretch.end)]
        if stretch.nature == "text":
            runs = signatures(lines, stretch.start, stretch.end, text)
        elif stretch.nature == "quote":
            runs = runs if (number > last >= 0) or (last < 0 and announced) else []
        elif stretch.nature == "signature":
            runs = runs if last >= 0 or announced else []
        elif stretch.nature == "marked" and interleaved and number < last:
            runs = [(stretch.start, stretch.body)]  # the quote stays, the line above it goes
        for start, end in runs:
            _add(folds, lines, start, end, stretch.column, kind)
    return tuple(folds)


def _add(folds: list[Fold], lines: Sequence[Line], start: int, end: int, column: int, kind: Kind) -> None:
    """Fold the lines `start` to `end` (exclusive), behind what is folded already."""
    if start >= end:
        return
    first, last = lines[start].start + column, lines[end - 1].end
    if folds and folds[-1].end > first:
        first = folds[-1].end
    if last > first:
        folds.append(Fold(first, last, kind))


def _without(text: str, folds: Sequence[Fold]) -> str:
    """The text without its folds and without empty lines around."""
    pieces = []
    position = 0
    for fold in folds:
        pieces.append(text[position : fold.start])
        position = fold.end
    pieces.append(text[position:])
    kept = [piece.strip("\n") if i else piece.rstrip("\n") for i, piece in enumerate(pieces)]
    return "\n\n".join(piece.rstrip() for piece in kept if piece.strip()).strip("\n\r").rstrip()
