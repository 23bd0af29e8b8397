"""Where in a mail's text another mail begins: attributions, header blocks, and the lines that announce them.

One answer for both questions asked of it: what a person newly wrote (`quotes`), and which mail is forwarded (`forwarded`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from .attribution import Attribution, attribution_at, is_attribution
from .header_block import HeaderBlock, header_block
from .languages import Vocabulary, folded, vocabulary
from .lines import Line, next_written
from .one_line_block import one_line_block

Kind = Literal["attribution", "headers", "original", "forward"]
_RULE: Final = "-‐‑‒–—―_=*~─━ \t"
_RULES: Final = frozenset(_RULE)
_BARE_RULE: Final = re.compile(r"[-‐‑‒–—―_=*~─━]{3,}")
_WORDS_MAX: Final = 140
_MARKED_MAX: Final = 10


class Marker(Struct, frozen=True):
    """Lines `start` to `end` (exclusive) announce another mail, whose text begins at `end`."""

    kind: Kind
    start: int
    end: int
    depth: int
    block: HeaderBlock | None = None
    attribution: Attribution | None = None
    column: int = 0


def marker_at(lines: Sequence[Line], index: int) -> Marker | None:
    """The marker that begins exactly at this line, or None."""
    words = vocabulary()
    line = lines[index]
    body = line.body
    if line.mark == "attribution":
        return _by_mark(lines, index)
    if body[:1] in _RULES:
        return _after_rule(lines, index, words)
    if ":" in body[:50] or "：" in body[:50]:
        block = header_block(lines, index)
        if block:
            return Marker("headers", index, block.end, line.depth, block)
    announced = _announced(lines, index, words)
    if announced:
        return announced
    found = attribution_at(lines, index)
    if found:
        return Marker("attribution", index, found.end, line.depth, attribution=found, column=found.column)
    return None


def _by_mark(lines: Sequence[Line], index: int) -> Marker:
    """What the HTML marks as an attribution, in whatever language."""
    end = index
    while end < len(lines) and (lines[end].mark == "attribution" or not lines[end].body) and end - index < _MARKED_MAX:
        end += 1
    while not lines[end - 1].body:
        end -= 1
    text = " ".join(line.body for line in lines[index:end])
    return Marker("attribution", index, end, lines[index].depth, attribution=Attribution(index, end, text))


def _after_rule(lines: Sequence[Line], index: int, words: Vocabulary) -> Marker | None:
    """A line of dashes, with words between them or without."""
    line = lines[index]
    body = line.body
    inner = body.strip(_RULE)
    if not inner:
        if not _BARE_RULE.fullmatch(body.replace(" ", "")):
            return None
        after = next_written(lines, index + 1, 4)
        block = header_block(lines, after) if after < len(lines) else None
        return Marker("headers", index, block.end, line.depth, block) if block else None
    dashes = len(body) - len(body.lstrip(_RULE))
    if dashes < 3 and body[0] in "*_":  # *From:* or **From:**, in bold
        block = header_block(lines, index)
        if block:
            return Marker("headers", index, block.end, line.depth, block)
    if dashes < 2:
        return None
    one_line = one_line_block(body, index)
    if one_line:
        forwarded = words.says_forwarded(folded(body[: _words_end(body)]))
        return Marker("forward" if forwarded else "original", index, index + 1, line.depth, one_line)
    if len(inner) > _WORDS_MAX:
        return None
    low = folded(inner)
    if words.says_forwarded(low):
        return _with_block("forward", lines, index)
    if _is_original(low, words):
        return _with_block("original", lines, index) or Marker("original", index, index + 1, line.depth)
    if is_attribution(inner, words, opened=True) or _is_framed(body, low, words):
        found = Attribution(index, index + 1, inner)
        return Marker("attribution", index, index + 1, line.depth, attribution=found)
    return None


def _is_framed(body: str, low: str, words: Vocabulary) -> bool:
    """ "---- Kim Doe wrote ----" (Android): dashes on both sides and a word for "wrote" last."""
    wrote = words.wrote_in(low) if len(low) < 80 and body[-2:] in ("--", "__", "==") else None
    return wrote is not None and wrote[1] == len(low)


def _words_end(body: str) -> int:
    """Where the words between the dashes of a rule end."""
    start = len(body) - len(body.lstrip(_RULE))
    end = body.find("--", start)
    return end if end > 0 else min(len(body), 80)


def _is_original(low: str, words: Vocabulary) -> bool:
    if low in words.original:
        return True
    return any(low.startswith(phrase) and len(low) < len(phrase) + 60 for phrase in _long(words))


def _long(words: Vocabulary) -> list[str]:
    return [phrase for phrase in words.original if len(phrase) > 10]


def _announced(lines: Sequence[Line], index: int, words: Vocabulary) -> Marker | None:
    """A line of words alone, such as "Begin forwarded message:", directly above a header block."""
    body = lines[index].body
    if len(body) > 90 or len(body.split()) > 9:
        return None
    after = next_written(lines, index + 1, 4)
    if after >= len(lines) or not (":" in lines[after].body[:50] or "：" in lines[after].body[:50]):
        return None
    low = folded(body)
    if words.says_forwarded(low):
        return _with_block("forward", lines, index)
    if low.rstrip(": ") in words.original:
        return _with_block("original", lines, index)
    return None


def _with_block(kind: Kind, lines: Sequence[Line], index: int) -> Marker | None:
    """The header block or attribution next below an announcement, and both as one marker."""
    after = next_written(lines, index + 1, 5)
    if after >= len(lines):
        return None
    depth = lines[index].depth
    block = header_block(lines, after)
    if block:
        return Marker(kind, index, block.end, depth, block)
    found = attribution_at(lines, after)
    if found:
        return Marker(kind, index, found.end, depth, attribution=found)
    return None
