"""The line above a quote that says who wrote it and when: "On Mon, 5 Jan 2026 at 10:00, Kim <k@b.org> wrote:".

Known by its structure in every language (words from `languages/`): it ends with a colon or a word for "wrote",
stands in at most five lines, and has two of date, address and such a word. Where it begins is a line that opens
with a date or an opening word ("On", "Am", "Le …"), else the line with the address itself. What has only one of
the three is left alone. Above lines that nothing marks as a quote more is asked for, since people write such lines
too ("as I wrote on 3 March:"): better a quote shown than words lost.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from .languages import Vocabulary, folded, vocabulary
from .lines import Line, next_written

MAX_LINES: Final = 5
MAX_CHARS: Final = 600
DATE: Final = re.compile(
    r"(?<!\d)(?:\d{1,2}[:.h]\d{2}(?!\d)|(?:19|20|25)\d{2}(?!\d)|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4}\s?[年년]|"
    r"[٠-٩۰-۹०-९]{4})|(?<![\d:.])\d{1,2}\.?\s(?:\w{3,9}\.?)(?=,|\s)"
)
_CLOCK: Final = re.compile(r"(?<!\d)\d{1,2}(?:\s?[:.h時时点]\s?\d{2}(?!\d|\.\d)|\s?[AaPp]\.?[Mm]\b)|[٠-٩۰-۹०-९]{1,2}:")
_MONTH_DAY: Final = re.compile(r"^\W*\w+\s+(?:\w{3,9}\.?\s+\d{1,2}|\d{1,2}\.?\s+\w{3,9})\b")
ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"'„“”:;,|*&]{1,128}@[^\s<>()\[\]\"',;:|*&]{1,255}")
_ADDRESS_LAST: Final = re.compile(r"@[^\s<>()]{1,255}\s?(?:[>)\]]|&gt;?)+\s?(?:님)?[:：]?$")
_NAME_TO_COLON: Final = 120
_NEW_SENTENCE: Final = re.compile(r"[a-zà-ÿ]{4}[.!?] [A-Z]")
_GMT: Final = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d{2} GMT[+-]\d")
_RULE: Final = "-‐‑–—_=*~ "
_COLONS: Final = (":", "：")
_CLOSING: Final = frozenset("-‐–—_*>)")
_OPEN_BRACKETS: Final = ("<", "(", "[")  # a line that was wrapped inside an address


class Attribution(Struct, frozen=True):
    """Lines `start` to `end` (exclusive), joined in `text`; it may share its first line with text before it."""

    start: int
    end: int
    text: str
    shares_line: bool = False


class Attributions:
    """The attributions of a text. Found from their ends, since few lines can end one, and remembered."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._words = vocabulary()
        last_words = self._words.last_words
        self._ends = [i for i, line in enumerate(lines) if line.body and may_end(line.body, last_words)]
        self._found: dict[int, Attribution | None] = {}

    def at(self, start: int) -> Attribution | None:
        """The attribution that begins exactly at this line, or None."""
        for number in range(bisect_left(self._ends, start), len(self._ends)):
            end = self._ends[number]
            if end - start >= 2 * MAX_LINES:
                break
            if end not in self._found:
                self._found[end] = self._ending(end)
            found = self._found[end]
            if found:
                return found if found.start == start else None
        return self._followed_by_text(start)

    def _followed_by_text(self, index: int) -> Attribution | None:
        """QUIRK: Yahoo for Android puts the quoted text behind the colon: "On …, Kim <k@b.org> wrote: Hello"."""
        body = self._lines[index].body
        at = body.find("@", 0, MAX_CHARS)
        colon = body.find(":", at, at + _NAME_TO_COLON) if at > 0 else -1
        if colon < 0 or folded(body[:20].partition(" ")[0]) not in self._words.opening_words:
            return None
        text = body[: colon + 1]
        is_one = is_attribution(text, self._words, opened=True, above_quote=self._is_above_quote(index))
        return Attribution(index, index + 1, text) if is_one else None

    def _ending(self, end: int) -> Attribution | None:
        first, written = end, 1
        for start in range(end - 1, max(-1, end - 2 * MAX_LINES), -1):
            line = self._lines[start]
            if line.body:
                written += 1
                if (
                    written > MAX_LINES
                    or self._lines[end].end - line.start > MAX_CHARS
                    or not self._same_quote(start, end)
                ):
                    break
                first = start
            elif not self._lines[start + 1].body:
                break
        above_quote = self._is_above_quote(end)
        if not self._tells(_joined(self._lines, first, end), above_quote):
            return None
        return _nearest(self._lines, first, end, self._words, above_quote)

    def _is_above_quote(self, end: int) -> bool:
        """Whether a line is directly above quoted ones, is quoted itself, or is the last: nothing new is below it."""
        lines = self._lines
        below = next_written(lines, end + 1, 4)
        if lines[end].depth or lines[end].mark == "attribution" or next_written(lines, end + 1) >= len(lines):
            return True
        return below < len(lines) and (lines[below].depth > 0 or lines[below].body.startswith("|"))

    def _tells(self, text: str, above_quote: bool) -> bool:
        """Whether there is anything in the text to make an attribution of: cheap."""
        if above_quote and "@" in text and text.endswith(_COLONS):
            return True
        if self._words.wrote_in(folded(text)) is not None:
            return "@" in text or any(char.isdigit() for char in text)
        return ("@" in text and _ADDRESS_LAST.search(text) is not None) or " GMT" in text

    def _same_quote(self, start: int, end: int) -> bool:
        """QUIRK: a link's closing bracket on its own line ("> wrote:") looks like a quoted line but is none."""
        first, last = self._lines[start], self._lines[end]
        return first.depth == last.depth or (last.depth == 1 and folded(last.body.rstrip(": ")) in self._words.wrote)


def may_end(body: str, last_words: frozenset[str]) -> bool:
    """Whether an attribution can end with this line: cheap, asked of every line."""
    last = body[-1]
    if last in ":：":
        return True
    if last in _CLOSING:
        bare = body.rstrip("-‐–—_* ")
        if bare.endswith(_COLONS):
            return True
        if bare[-1:] in ">)" and body[:1].isdigit() and "@" in body and len(body) < MAX_CHARS:
            return True
    else:
        bare = body
    word = bare[bare.rfind(" ") + 1 :]
    if word in last_words or word.lower().strip("()") in last_words:
        return True
    return body[0].isdigit() and _GMT.match(body) is not None


def _nearest(lines: Sequence[Line], first: int, end: int, words: Vocabulary, above_quote: bool) -> Attribution | None:
    """The shortest run of lines up to `end` that is one: first those that open like one, else the last lines."""
    for start in range(end, first - 1, -1):
        if lines[start].body and _opens(lines[start].body, words):
            text = _joined(lines, start, end)
            if start < end and _NEW_SENTENCE.search(text):
                continue
            if is_attribution(text, words, opened=True, above_quote=above_quote):
                if "@" not in text and start > first and ">" in lines[start - 1].body:
                    start -= 1  # the name and the address were wrapped off
                return Attribution(start, end + 1, _joined(lines, start, end))
    for start in range(end, max(first - 1, end - 2), -1):
        if not lines[start].body:
            return None
        if start > first and lines[start - 1].body.endswith(_OPEN_BRACKETS):
            continue
        text = _joined(lines, start, end)
        if start < end and _NEW_SENTENCE.search(text):
            continue
        if is_attribution(text, words, opened=False, above_quote=above_quote):
            column = _column(text, words) if start == end else 0
            return Attribution(start, end + 1, text[column:], column > 0)
    return None


def _joined(lines: Sequence[Line], start: int, end: int) -> str:
    return " ".join(line.body for line in lines[start : end + 1] if line.body).strip(_RULE)


def is_attribution(text: str, words: Vocabulary, *, opened: bool, above_quote: bool = True) -> bool:
    """Whether a joined text says who wrote when: two of word, date and address, in the right places.

    Above text that nothing marks as a quote, an address or an opening with a time of day must stand in it: people
    write "as I wrote on 3 March:" as well, and what follows would be lost.
    """
    low = folded(text)
    has_colon = text.endswith(_COLONS)
    date = DATE.search(text)
    address = ADDRESS.search(text)
    wrote = words.wrote_in(low)
    if opened and _GMT.match(text) and not has_colon:
        return True
    if not above_quote and (words.says_i_wrote(low) or not (address or (opened and _CLOCK.search(text)))):
        return False
    if wrote is None and above_quote and has_colon and address is not None:
        return opened or date is not None
    if wrote is None:
        return opened and date is not None and address is not None and bool(_ADDRESS_LAST.search(text))
    if not has_colon and (wrote[1] < len(low.rstrip(_RULE)) or not opened):
        return False
    if opened:
        return date is not None or address is not None or bool(_MONTH_DAY.match(text))
    is_last = wrote[1] > len(low) - 45
    if address is not None:
        return is_last or above_quote or wrote[1] > address.start()
    return date is not None and len(text) < 120 and is_last


def _opens(body: str, words: Vocabulary) -> bool:
    """Whether a line begins like an attribution: with an opening word and a date, or with a date."""
    head = body[:60].lstrip("-‐–—_* \"'„(")
    date = DATE.search(head)
    low = folded(head)
    first = low.strip().partition(" ")[0].strip(",;:")
    if first in words.opening_words:
        return date is not None or len(head) < 45 or bool(_MONTH_DAY.match(body)) or "@" in body
    if date is None:
        return False
    return date.start() <= 4 or (
        date.start() <= 40 and len(head[: date.start()].split()) <= 4 and "@" not in head[: date.start()]
    )


def _column(text: str, words: Vocabulary) -> int:
    """Where an attribution begins that shares its line with the text before it ("Thanks! On Mon, 5 Jan … wrote:")."""
    position = 0
    for word in text.split(" "):
        opens = position and word[:1].isupper() and folded(word) in words.opening_words
        if opens and DATE.search(text, position, position + 40):
            return position
        position += len(word) + 1
    return 0
