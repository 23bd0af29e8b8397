"""The header lines that clients write above a quoted or forwarded mail: `From: …`, `Sent: …`, `To: …`.

Strict in structure, generous in words: a block is a run of lines that begin with known labels (any language,
see `languages/`), with From and at least two other fields, each once. Labels may be bold or bulleted
(`*From:*`, `• От:`), the colon may be full-width, values may stand on the next line or wrap over several, and
single empty lines may stand between. Limits: 60 lines; a wrapped value looks at most 4 lines ahead for the next
label.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from .languages import FIELDS, Vocabulary, folded
from .lines import Line

MAX_LINES: Final = 60
MAX_LABEL: Final = 45
_CORE: Final = ("from", "date", "to", "cc", "subject")
_BULLETS: Final = "*_•·●▪◦‣- \t|"
_RAW: Final = ("message-id", "mime-version", "content-type", "received:", "x-mailer", "return-path", "content-tran")
_BAR: Final = re.compile(r"\|")  # | From | Kim |, a table as text
_COLON: Final = re.compile(r"[:：﹕]")
_OPEN_END: Final = (",", ";", "<", "，", "；", "[", "(")
_PEOPLE: Final = ("from", "to", "cc", "bcc", "reply_to")
_WRAPPED_PERSON: Final = re.compile(r"[^<>@:,;]{0,60}<[^\s<>@]{1,128}@[^\s<>]{1,255}>\s?(?:$|[,;])")
_CLOCK: Final = re.compile(r"\d{1,2}\s?[:.h時点时시]\s?\d{2}|\d\s?(?:[ap]\.?m\b|Uhr|時|点|时|點|시)", re.IGNORECASE)


_LabelOf = Callable[[str, Vocabulary], "tuple[dict[str, frozenset[str]], str] | None"]


class HeaderBlock(Struct, frozen=True):
    """Lines `start` to `end` (exclusive), and what their fields say, as written."""

    start: int
    end: int
    fields: dict[str, str]
    languages: frozenset[str]
    is_raw: bool = False  # it has fields that no client shows: the header of a mail as it was sent, as in bounces


def header_block(
    lines: Sequence[Line], start: int, words: Vocabulary, *, announced: bool = False
) -> HeaderBlock | None:
    """The block that begins exactly at this line, or None. Below a client's own words (`announced`), labels may do
    without colons, as eM Client writes them.
    """
    label = _bare_label_of if announced and label_of(lines[start].body, words) is None else label_of
    if label(lines[start].body, words) is None:
        return None
    reader = _Reader(label, words)
    end = index = start
    depth = lines[start].depth
    last = min(len(lines), start + MAX_LINES)
    while index < last:
        line = lines[index]
        if line.depth != depth and line.body:
            break
        found = label(line.body, words) if line.body else None
        reader.is_raw = reader.is_raw or line.body[:12].lower().startswith(_RAW)
        if found and reader.take(*found):
            index += 1
            end = index
        elif found or not _goes_on(reader, lines, index):
            break
        else:
            if line.body:
                reader.more(line.body)
                end = index + 1
            index += 1
    block = reader.block(start, end)
    return block if block and is_whole(block) and (announced or not _is_form(block)) else None


def is_whole(block: HeaderBlock) -> bool:
    """Whether the fields are enough: From and two others, of which one is the subject or tells an address; or From
    with an address and a date. A timetable ("From: Berlin", "To: Paris", "Date: …") is none.
    """
    fields = block.fields
    if "from" not in fields:
        return False
    others = sum(1 for name in ("date", "to", "cc", "subject") if name in fields)
    has_address = any("@" in fields.get(name, "") for name in ("from", "to", "cc"))
    return (others >= 2 and ("subject" in fields or has_address)) or (others == 1 and has_address and "date" in fields)


def _is_form(block: HeaderBlock) -> bool:
    """Whether it is a filled-in form ("From: Berlin", "To: Paris", "Date: 2026-03-20"): mail tells an address or a
    time of day.
    """
    fields = block.fields
    if "date" not in fields or any("@" in fields.get(name, "") for name in ("from", "to", "cc")):
        return False
    return _CLOCK.search(fields["date"]) is None


def label_of(body: str, words: Vocabulary) -> tuple[dict[str, frozenset[str]], str] | None:
    """What a line's label can mean and the value after it; None if the line begins with no label."""
    colon = _BAR.search(body, 1, MAX_LABEL) if body[:1] == "|" else _COLON.search(body, 0, MAX_LABEL)
    if not colon:
        return None
    label = folded(body[: colon.start()].strip(_BULLETS))
    meanings = words.labels.get(" ".join(label.split()))
    if meanings is None:
        return None
    return meanings, body[colon.end() :].strip(" \t|").strip("*").strip()


def _bare_label_of(body: str, words: Vocabulary) -> tuple[dict[str, frozenset[str]], str] | None:
    label, _, value = body.partition(" ")
    meanings = words.labels.get(folded(label))
    return (meanings, value.strip()) if meanings and value.strip() else None


def _goes_on(reader: _Reader, lines: Sequence[Line], index: int) -> bool:
    """Whether the line without a label at `index` continues the value before it, or is an empty line within
    the block.
    """
    if not lines[index].body:
        after = index + 1
        if after < len(lines) and not lines[after].body:
            after += 1
        return after < len(lines) and bool(lines[after].body) and _is_new_label(reader, lines[after])
    value = reader.fields.get(reader.current, "")
    if not value and (not lines[index - 1].body or index == len(lines)):
        return False
    if not value:
        return True
    if reader.current in _PEOPLE and (
        value.endswith(_OPEN_END) or value.count("<") > value.count(">") or _is_wrapped_person(value, lines[index].body)
    ):
        return True
    window = 2 if reader.current == "subject" else 4
    for after in range(index + 1, min(len(lines), index + 1 + window)):
        if not lines[after].body:
            return False
        if _is_new_label(reader, lines[after]):
            return True
    return False


def _is_wrapped_person(value: str, body: str) -> bool:
    """Whether a line begins with the rest of a person whose name the value ends with ("…, Kim" and "Doe <k@b.org>")."""
    last = max(value.rfind(","), value.rfind(";"))
    if "@" in value[last + 1 :] or not (body.startswith("<") or (last >= 0 and "@" in value)):
        return False
    return _WRAPPED_PERSON.match(body) is not None


def _is_new_label(reader: _Reader, line: Line) -> bool:
    found = reader.label(line.body, reader.words)
    return found is not None and any(name in _CORE and name not in reader.fields for name in found[0])


class _Reader:
    """Fields as they are read; labels of several meanings take the first that is still free."""

    def __init__(self, label: _LabelOf, words: Vocabulary) -> None:
        self.label, self.words = label, words
        self.fields: dict[str, str] = {}
        self.languages: list[frozenset[str]] = []
        self.current = ""
        self.others = 0
        self.is_raw = False

    def take(self, meanings: dict[str, frozenset[str]], value: str) -> bool:
        free = [name for name in FIELDS if name in meanings and name not in self.fields]
        if not free and "other" in meanings and self.others < 8:
            self.others += 1
            self.fields["other"] = value
            self.current = "other"
            return True
        if not free:
            return False
        self.current = free[0]
        self.fields[free[0]] = value
        if free[0] in _CORE:
            self.languages.append(meanings[free[0]])
        return True

    def more(self, text: str) -> None:
        value = self.fields.get(self.current, "")
        joined = value + text if value.endswith("<") else f"{value} {text}".strip()
        self.fields[self.current] = joined

    def block(self, start: int, end: int) -> HeaderBlock | None:
        if not self.fields:
            return None
        common = frozenset.intersection(*self.languages) if self.languages else frozenset()
        return HeaderBlock(start, end, self.fields, common, self.is_raw)
