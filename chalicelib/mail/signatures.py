"""Signatures at the end of what somebody wrote: `-- ` (RFC 3676 §4.3), rules, footers of lists, "Sent from my
phone".

Sign-offs ("Best regards, Kim") are part of what the person wrote and stay: nothing tells them from text for
certain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .languages import Vocabulary, folded, vocabulary
from .lines import Line

MAX_SENT_FROM: Final = 120  # characters of a line such as "Sent from my phone"
MAX_LOOSE_LINES: Final = 12  # written lines below a delimiter that is not exactly `-- `
_TAIL_LINES: Final = 8  # written lines above a quote or the end that are looked at for "Sent from"
_CLEAR_WORDS: Final = 3  # "Sent from my" is clear, "Sent by" is not
_SHORT_WORDS: Final = 6
_SHORT_LINE: Final = 60
_DELIMITER: Final = re.compile(r"(?:--|—|––|__+|[-_=*#~+–—]{2,})\s?")
_DELIMITERS: Final = frozenset("-_=*#~+–—")
_LONGEST: Final = 200
_LONGEST_LINK: Final = 2_200
_EMPTY: Final = re.compile(r"(?:[-_=*#~+–—‐]{2,}|ᐧ|—)")
_LINK: Final = re.compile(r"[<(\[]https?://[^\s<>]{1,2000}[>)\]]?$|^https?://\S{1,2000}$")


def signatures(lines: Sequence[Line], start: int, end: int, text: str) -> list[tuple[int, int]]:
    """Of the lines `start` to `end` (exclusive) that somebody wrote, the runs that belong to a signature."""
    cut = _delimiter(lines, start, end, text)
    found = [(cut, end)] if cut < end else []
    return _sent_from(lines, start, cut) + found


def _delimiter(lines: Sequence[Line], start: int, end: int, text: str) -> int:
    """The first line that parts a signature off: `-- ` anywhere, a looser one with little or nothing below it."""
    few = _last_written(lines, start, end, MAX_LOOSE_LINES + 1)
    for index in range(start, end):
        body = lines[index].body
        if body[:1] not in _DELIMITERS or lines[index].mark == "code" or not _DELIMITER.fullmatch(body[:_LONGEST]):
            continue
        if text[lines[index].start : lines[index].end].rstrip("\r") == "-- ":
            return index
        if index >= few and (body in ("--", "—") or body.startswith("__")):
            return index
    return end


def _last_written(lines: Sequence[Line], start: int, end: int, count: int) -> int:
    """The line from which on at most `count` lines say something."""
    for index in range(end - 1, start - 1, -1):
        if lines[index].body:
            count -= 1
            if count == 0:
                return index
    return start


def _sent_from(lines: Sequence[Line], start: int, end: int) -> list[tuple[int, int]]:
    """Near the end, the lines that say by what the mail was sent; at the very end, rules and links as well."""
    words = vocabulary()
    found: list[tuple[int, int]] = []
    looked, tail, below = 0, True, end  # `below`: where the run of such lines at the end begins
    for index in range(end - 1, start - 1, -1):
        body = lines[index].body
        if not body:
            continue
        looked += 1
        if looked > _TAIL_LINES or lines[index].mark == "code":
            break
        if is_sent_from(body, words) and not _goes_on_from_above(lines, start, index):
            found.insert(0, (index, below if tail else index + 1))
            below = index
        elif not tail or not (_EMPTY.fullmatch(body) or ("://" in body and _LINK.search(body[-_LONGEST_LINK:]))):
            tail = False
        elif _EMPTY.fullmatch(body):
            found.insert(0, (index, below))
            below = index
    return found


def _goes_on_from_above(lines: Sequence[Line], start: int, index: int) -> bool:
    """Whether a line is the middle of a sentence: small letters, directly below another line."""
    return index > start and lines[index].body[:1].islower() and bool(lines[index - 1].body)


def is_sent_from(body: str, words: Vocabulary) -> bool:
    """Whether a line says by what the mail was sent ("Sent from my phone"), in any language: it names a device or a
    program, or is as short as such lines are.
    """
    if len(body) > _LONGEST_LINK:
        return False
    line = (_LINK.sub("", body) if "://" in body else body).strip(" *_[]<>").rstrip(".!")
    if not line or len(line) > MAX_SENT_FROM:
        return False
    low = folded(line)
    if low in words.sent_from_whole:
        return True
    for head, tail in words.sent_from_starts.get(low.partition(" ")[0], ()):
        if low.startswith(head) and tail in low[len(head) :] and len(low) > len(head):
            return _names_device(low, words) or (len(head.split()) >= _CLEAR_WORDS and len(low.split()) <= _SHORT_WORDS)
    if len(low) > _SHORT_LINE or not (low.endswith(words.sent_from_tails) or low.startswith(words.sent_from_heads)):
        return False
    matches = any(low.startswith(head) and low.endswith(tail) for head, tail in words.sent_from_ends)
    return matches and _names_device(low, words)


def _names_device(low: str, words: Vocabulary) -> bool:
    return any(device in low for device in words.devices)
