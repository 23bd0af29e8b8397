"""What a person newly wrote in a mail, and what of the text a reader folds away.

The text is read once, line by line, into three things: lines written, quotes (`>` or marked by the HTML), and other mails
announced by a marker (`markers`): an attribution, a header block, a separator, a forward. Then:
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
from .markers import Marker, marker_at
from .model import Fold
from .signatures import signature_start

__all__ = ["QuoteSpan", "Reply", "split_reply"]

_WRAPPED: Final = 55  # a quoted line this long may have lost the `>` of the line it was wrapped into


class Reply(Struct, frozen=True):
    """The newly written text, and the stretches of the whole text that it leaves out."""

    text: str
    folds: tuple[Fold, ...] = ()


class _Stretch(Struct):
    """Lines `start` to `end` (exclusive) of one nature; `column` is where it begins in its first line."""

    nature: Literal["text", "quote", "marked", "header", "forward"]
    start: int
    end: int
    column: int = 0


def split_reply(text: str, quote_spans: Sequence[QuoteSpan] = (), *, subject: str = "", is_reply: bool = True) -> Reply:
    """Tell the newly written from the quoted.

    `quote_spans` are the stretches that the HTML marks, for texts made of HTML. `subject` and `is_reply` (the mail has
    In-Reply-To or References) tell a forward from a reply.
    """
    lines = read_lines(text, quote_spans)
    stretches = _stretches(lines, Context.of(subject, is_reply))
    folds = _folds(lines, stretches, text)
    return Reply(_without(text, folds), folds)


def _stretches(lines: Sequence[Line], context: Context) -> list[_Stretch]:
    found: list[_Stretch] = []
    index, count = 0, len(lines)
    while index < count:
        if not lines[index].body and not lines[index].depth:
            index += 1
            continue
        marker = marker_at(lines, index)
        if marker:
            stretch = _marked(lines, marker, context, any(s.nature == "text" for s in found[-1:]) or _has_text(found))
        elif lines[index].depth or lines[index].mark in ("quote", "forward"):
            stretch = _Stretch("quote", index, _quote_end(lines, index, lines[index].depth))
        else:
            stretch = _Stretch("text", index, index + 1)
        if stretch.column:
            found.append(_Stretch("text", index, index + 1))
        if found and found[-1].nature == "text" == stretch.nature:
            found[-1].end = stretch.end
        else:
            found.append(stretch)
        index = stretch.end
    return found


def _has_text(found: Sequence[_Stretch]) -> bool:
    return any(stretch.nature == "text" for stretch in found)


def _marked(lines: Sequence[Line], marker: Marker, context: Context, after_text: bool) -> _Stretch:
    """How far the mail goes that a marker announces."""
    nature: Literal["marked", "forward"] = "forward" if is_forward(marker, context) else "marked"
    if marker.depth:
        return _Stretch(nature, marker.start, _quote_end(lines, marker.start, marker.depth))
    below = next_written(lines, marker.end)
    if below >= len(lines) or nature == "forward" or marker.column:
        return _Stretch(nature, marker.start, len(lines), marker.column)
    if lines[below].depth:
        return _Stretch(nature, marker.start, _quote_end(lines, below, 1))
    if marker.kind == "attribution" and lines[below].body.startswith("|"):
        return _Stretch(nature, marker.start, _bar_end(lines, below))
    if after_text or marker.kind == "original":
        return _Stretch(nature, marker.start, len(lines))
    return _Stretch("header", marker.start, marker.end)


def _quote_end(lines: Sequence[Line], index: int, depth: int) -> int:
    """One past the last line of the quote at `index`: quoted lines, empty lines between them, lines wrapped out of it."""
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
    written = [i for i, s in enumerate(stretches) if s.nature == "text"]
    last = written[-1] if written else -1
    quotes = [s for s in stretches[: max(last, 0)] if s.nature in ("quote", "marked")]
    interleaved = len(quotes) > 1 and bool(written)
    shows_marked = any(s.nature in ("marked", "forward", "header") for s in stretches)
    folds: list[Fold] = []
    for number, stretch in enumerate(stretches):
        if stretch.nature == "text":
            cut = signature_start(lines, stretch.start, stretch.end, text)
            if cut < stretch.end:
                _add(folds, lines, cut, stretch.end, 0, "signature")
        elif stretch.nature == "quote":
            if (number > last >= 0) or (not written and shows_marked):
                _add(folds, lines, stretch.start, stretch.end, 0, "quote")
        elif stretch.nature == "marked" and interleaved and number < last:
            continue
        else:
            kind: Literal["quote", "forward"] = "forward" if stretch.nature == "forward" else "quote"
            _add(folds, lines, stretch.start, stretch.end, stretch.column, kind)
    return tuple(folds)


def _add(
    folds: list[Fold],
    lines: Sequence[Line],
    start: int,
    end: int,
    column: int,
    kind: Literal["quote", "signature", "forward"],
) -> None:
    first, last = lines[start].start + column, lines[end - 1].end
    if folds and folds[-1].end >= first:
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
