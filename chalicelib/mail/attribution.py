"""The line above a quote that says who wrote it and when: "On Mon, 5 Jan 2026 at 10:00, Kim <kim@example.com> wrote:".

Known by its structure in every language (words from `languages/`): it ends with a colon or a word for "wrote", stands in
at most five lines, and has two of date, address and such a word. Where it begins is a line that opens with a date or an
opening word ("On", "Am", "Le …"), else the line with the address itself. What has only one of the three is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from .languages import Vocabulary, folded, vocabulary
from .lines import Line

MAX_LINES: Final = 5
MAX_CHARS: Final = 600
DATE: Final = re.compile(
    r"(?<!\d)(?:\d{1,2}[:.h]\d{2}(?!\d)|(?:19|20|25)\d{2}(?!\d)|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4}\s?[年년]|"
    r"[٠-٩۰-۹०-९]{4})|(?<![\d:.])\d{1,2}\.?\s(?:\w{3,9}\.?)(?=,|\s)"
)
_MONTH_DAY: Final = re.compile(r"^\W*\w+\s+(?:\w{3,9}\.?\s+\d{1,2}|\d{1,2}\.?\s+\w{3,9})\b")
ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"'„“”:;,|*&]{1,128}@[^\s<>()\[\]\"',;:|*&]{1,255}")
_ADDRESS_LAST: Final = re.compile(r"@[^\s<>()]{1,255}\s?(?:[>)\]]|&gt;?)+\s?(?:님)?[:：]?$")
_GMT: Final = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d{2} GMT[+-]\d")
_RULE: Final = "-‐‑–—_=*~ "
_COLONS: Final = (":", "：")
_OPEN_BRACKETS: Final = ("<", "(", "[")  # a line that was wrapped inside an address


class Attribution(Struct, frozen=True):
    """Lines `start` to `end` (exclusive); `column` is where it begins in the first line, if text stands before it."""

    start: int
    end: int
    text: str
    column: int = 0


def may_end(body: str, words: Vocabulary) -> bool:
    """Whether an attribution can end with this line: cheap, asked of every line."""
    if body.endswith(_COLONS):
        return True
    if len(body) > MAX_CHARS:
        return False
    bare = body.rstrip("-‐–—_*: ")
    if bare.endswith((">", ")")) or " GMT" in bare:
        return (body[:1].isdigit() and "@" in body) or bool(_GMT.match(body))
    last = bare[bare.rfind(" ") + 1 :]
    return 2 < len(last) < 16 and folded(last).strip("()") in words.last_words


def attribution_at(lines: Sequence[Line], start: int) -> Attribution | None:
    """The attribution that begins exactly at this line, or None."""
    words = vocabulary()
    if not _may_begin(lines, start, words):
        return None
    written = 0
    for end in range(start, min(len(lines), start + 2 * MAX_LINES)):
        body = lines[end].body
        if not body:
            if (end - start >= 1 and lines[end - 1].body == "") or end == start:
                return None
            continue
        written += 1
        if written > MAX_LINES or lines[end].end - lines[start].start > MAX_CHARS:
            return None
        if not _same_quote(lines, start, end, words):
            return None
        if may_end(body, words):
            found = _nearest(lines, start, end, words)
            if found:
                return found if found.start == start else None
    return None


def _may_begin(lines: Sequence[Line], start: int, words: Vocabulary) -> bool:
    """Whether it is worth looking: cheap, asked of every line."""
    body = lines[start].body
    if may_end(body, words):
        return True
    first = body[:20].partition(" ")[0]
    if folded(first).strip("\"'(,") in words.opening_words or any(char.isdigit() for char in body[:45]):
        return True
    cut = body.endswith(_OPEN_BRACKETS)
    return start + 1 < len(lines) and (cut or "@" in body) and may_end(lines[start + 1].body, words)


def _same_quote(lines: Sequence[Line], start: int, end: int, words: Vocabulary) -> bool:
    """QUIRK: a link's closing bracket on its own line ("> wrote:") looks like a quoted line but is none."""
    if lines[end].depth == lines[start].depth:
        return True
    return end > start and lines[end].depth == 1 and folded(lines[end].body.rstrip(": ")) in words.wrote


def _nearest(lines: Sequence[Line], first: int, end: int, words: Vocabulary) -> Attribution | None:
    """The shortest run of lines up to `end` that is an attribution: first those that open like one, else the last line."""
    for start in range(end, first - 1, -1):
        if lines[start].body and _opens(lines[start].body, words):
            text = _joined(lines, start, end)
            if is_attribution(text, words, opened=True):
                if "@" not in text and start > first and ">" in lines[start - 1].body:
                    start -= 1  # the name and the address were wrapped off
                return Attribution(start, end + 1, _joined(lines, start, end))
    for start in range(end, max(first - 1, end - 2), -1):
        if not lines[start].body:
            return None
        if start > first and lines[start - 1].body.endswith(_OPEN_BRACKETS):
            continue
        text = _joined(lines, start, end)
        if is_attribution(text, words, opened=False):
            column = _column(lines[end].body, words) if start == end else 0
            offset = lines[end].end - lines[end].start - len(lines[end].body) + column if column else 0
            return Attribution(start, end + 1, text[column:], offset)
    return None


def _joined(lines: Sequence[Line], start: int, end: int) -> str:
    return " ".join(line.body for line in lines[start : end + 1] if line.body).strip(_RULE)


def is_attribution(text: str, words: Vocabulary, *, opened: bool) -> bool:
    """Whether a joined text says who wrote when: two of word, date and address, in the right places."""
    low = folded(text)
    has_colon = text.endswith(_COLONS)
    date = DATE.search(text)
    address = ADDRESS.search(text)
    wrote = words.wrote_in(low)
    if opened and _GMT.match(text) and not has_colon:
        return True
    if wrote is None:
        return opened and date is not None and address is not None and bool(_ADDRESS_LAST.search(text))
    if not has_colon and (wrote[1] < len(low.rstrip(_RULE)) or not opened):
        return False
    if opened:
        return date is not None or address is not None or bool(_MONTH_DAY.match(text))
    return address is not None or (date is not None and len(text) < 120 and wrote[1] > len(low) - 45)


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


def _column(body: str, words: Vocabulary) -> int:
    """Where an attribution begins that shares its line with the text before it ("Thanks! On Mon, 5 Jan … wrote:")."""
    position = 0
    for word in body.split(" "):
        if (
            position
            and word[:1].isupper()
            and folded(word) in words.opening_words
            and DATE.search(body, position, position + 40)
        ):
            start = position
            while start and body[start - 1] in _RULE:
                start -= 1
            return start
        position += len(word) + 1
    return 0
