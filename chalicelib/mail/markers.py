"""Where in a mail's text another mail begins: attributions, header blocks, and the lines that announce them.

One answer for both questions asked of it: what a person newly wrote (`quotes`), and which mail is forwarded
(`forwarded`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from .attribution import Attribution, Attributions, is_attribution
from .header_block import HeaderBlock, header_block, label_of
from .languages import Vocabulary, folded, vocabulary
from .lines import Line, next_written
from .one_line_block import one_line_block

Kind = Literal["attribution", "headers", "original", "forward", "reply_above"]
_RULE: Final = "-‐‑‒–—―_=*~─━# \t"
_RULES: Final = frozenset(_RULE)
_FRAME: Final = "[<{(-–—"
_FRAME_END: Final = "]>})-–—!"
_BARE_RULE: Final = re.compile(r"[-‐‑‒–—―_=*~─━#]{3,}")
_WORDS_MAX: Final = 140
_ANNOUNCEMENT_MAX: Final = 90
_MARKED_MAX: Final = 10


class Marker(Struct, frozen=True):
    """Lines `start` to `end` (exclusive) announce another mail, whose text begins at `end`."""

    kind: Kind
    start: int
    end: int
    depth: int
    block: HeaderBlock | None = None
    attribution: Attribution | None = None


class Markers:
    """The markers of a text."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.words = vocabulary()
        self.attributions = Attributions(lines)

    def at(self, index: int) -> Marker | None:
        """The marker that begins exactly at this line, or None."""
        line = self.lines[index]
        if line.mark == "attribution":
            return _by_mark(self.lines, index)
        if line.body[:1] in _FRAME and self._asks_for_answers_above(line.body):
            return Marker("reply_above", index, index + 1, line.depth)
        if line.body[:1] in _RULES:
            return self._after_rule(index)
        return self._headers(index, index) or self._announced(index) or self._attribution(index)

    def _asks_for_answers_above(self, body: str) -> bool:
        """Whether a line in a frame of one sign is that of a ticket system: "[Reply above this line]"."""
        is_framed = len(body) <= _WORDS_MAX and body[-1:] in _FRAME_END
        return is_framed and self.words.says_reply_above(folded(body))

    def _headers(self, index: int, below: int) -> Marker | None:
        """A header block at the line `below`, as a marker that begins at `index`."""
        block = header_block(self.lines, below, self.words) if below < len(self.lines) else None
        return Marker("headers", index, block.end, self.lines[index].depth, block) if block else None

    def _attribution(self, index: int) -> Marker | None:
        found = self.attributions.at(index)
        return Marker("attribution", index, found.end, self.lines[index].depth, attribution=found) if found else None

    def _after_rule(self, index: int) -> Marker | None:
        """A line of dashes, with words between them or without."""
        line = self.lines[index]
        body = line.body
        if body[1:2] not in _RULES or body[0] in "*_":  # bullets and bold: - From:, *From:*, **From:**
            found = self._headers(index, index) or self._attribution(index)
            if found or body[1:2] not in _RULES:
                return found
        inner = body.strip(_RULE)
        if not inner:
            is_rule = _BARE_RULE.fullmatch(body.replace(" ", ""))
            return self._headers(index, next_written(self.lines, index + 1, 4)) if is_rule else None
        if body[1] == " " and body[2:3] not in _RULES:
            return self._headers(index, index)
        one_line = one_line_block(body, index)
        if one_line:
            forwarded = self.words.says_forwarded(folded(body[: _words_end(body)]))
            return Marker("forward" if forwarded else "original", index, index + 1, line.depth, one_line)
        return self._between_dashes(index, inner) if len(inner) <= _WORDS_MAX else None

    def _between_dashes(self, index: int, inner: str) -> Marker | None:
        """What the words between dashes announce."""
        line = self.lines[index]
        low = folded(inner)
        if self.words.says_forwarded(low):
            return self._with_block("forward", index)
        if self.words.says_reply_above(low):
            return Marker("reply_above", index, index + 1, line.depth)
        if self.words.says_original(low):
            return self._with_block("original", index) or Marker("original", index, index + 1, line.depth)
        if is_attribution(inner, self.words, opened=True) or _is_framed(line.body, low, self.words):
            found = Attribution(index, index + 1, inner)
            below = self._headers(index, next_written(self.lines, index + 1, 2))  # Verse writes both
            return below or Marker("attribution", index, index + 1, line.depth, attribution=found)
        return None

    def _announced(self, index: int) -> Marker | None:
        """A line of words alone, such as "Begin forwarded message:", directly above a header block."""
        body = self.lines[index].body
        if len(body) > _ANNOUNCEMENT_MAX:
            return None
        after = next_written(self.lines, index + 1, 4)
        if after >= len(self.lines) or label_of(self.lines[after].body, self.words) is None or len(body.split()) > 9:
            return None
        low = folded(body)
        if self.words.says_forwarded(low):
            return self._with_block("forward", index)
        return self._with_block("original", index) if self.words.says_original(low.rstrip(": ")) else None

    def _with_block(self, kind: Kind, index: int) -> Marker | None:
        """The header block or attribution next below an announcement, and both as one marker."""
        after = next_written(self.lines, index + 1, 5)
        if after >= len(self.lines):
            return None
        depth = self.lines[index].depth
        block = header_block(self.lines, after, self.words, announced=True)
        if block:
            return Marker(kind, index, block.end, depth, block)
        found = self.attributions.at(after)
        return Marker(kind, index, found.end, depth, attribution=found) if found else None


def _by_mark(lines: Sequence[Line], index: int) -> Marker:
    """What the HTML marks as an attribution, in whatever language."""
    end = index
    while end < len(lines) and (lines[end].mark == "attribution" or not lines[end].body) and end - index < _MARKED_MAX:
        end += 1
    while not lines[end - 1].body:
        end -= 1
    text = " ".join(line.body for line in lines[index:end])
    return Marker("attribution", index, end, lines[index].depth, attribution=Attribution(index, end, text))


def _is_framed(body: str, low: str, words: Vocabulary) -> bool:
    """ "---- Kim Doe wrote ----" (Android): dashes on both sides and a word for "wrote" last."""
    wrote = words.wrote_in(low) if len(low) < 80 and body[-2:] in ("--", "__", "==") else None
    return wrote is not None and wrote[1] == len(low)


def _words_end(body: str) -> int:
    """Where the words between the dashes of a rule end."""
    start = len(body) - len(body.lstrip(_RULE))
    end = body.find("--", start)
    return end if end > 0 else min(len(body), 80)
