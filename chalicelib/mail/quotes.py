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

from .forward_rules import Context
from .lines import Line, QuoteSpan, read_lines
from .model import Fold
from .signatures import signatures
from .stretches import Stretch, stretches_of

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


class Reply(Struct, frozen=True):
    """The newly written text, and the stretches of the whole text that it leaves out."""

    text: str
    folds: tuple[Fold, ...] = ()


def split_reply(text: str, quote_spans: Sequence[QuoteSpan] = (), *, subject: str = "", is_reply: bool = True) -> Reply:
    """Tell the newly written from the quoted.

    `quote_spans` are the stretches that the HTML marks, for texts made of HTML. `subject` and `is_reply` (the
    mail has In-Reply-To or References) tell a forward from a reply.
    """
    lines = read_lines(text, quote_spans)
    stretches = stretches_of(text, lines, Context.of(subject, is_reply))
    folds = _folds(lines, stretches, text)
    return Reply(_without(text, folds), folds)


def _folds(lines: Sequence[Line], stretches: Sequence[Stretch], text: str) -> tuple[Fold, ...]:
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
