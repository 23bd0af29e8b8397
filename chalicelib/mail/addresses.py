"""Address lists of header fields (RFC 5322 §3.4, RFC 6532), and what is written instead of them.

`read(text)` takes an unfolded field with its encoded words still encoded, since a decoded name may contain commas and
angle brackets. Read besides the grammar: unquoted commas in names (`Muster, Eva <eva@example.org>`), semicolons as
separators, missing commas, unclosed quotes, comments and brackets, names as comments, whole mailboxes inside quotes or
encoded words, `mailto:`, source routes, single quotes around names. Groups give their members. Linear in the text.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from . import encoded_words
from .bounds import MAX_ADDRESSES, MAX_NAME_CHARS
from .clean import clean_line
from .model import Address

_TOKEN: Final = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=|<[^<>]*>|[\"(<,;:]|[^\"(<,;:=]+|=")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SEPARATOR: Final = re.compile("[,;<]")
_COMMENT_MARK: Final = re.compile(r"[()\\]")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_AT: Final = re.compile(r" ?@ ?")
_DOT: Final = re.compile(r" ?\. ?")
_COMMENT: Final = re.compile(r"\((?:[^()\\]|\\.){0,200}\)")


class _Token(NamedTuple):
    kind: str  # text, word (encoded), quoted, comment, angle, or one of , ; :
    value: str
    is_before_semicolon: bool = False  # told of colons alone


def read(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """The mailboxes of an address field and defect codes. A name without address gives an `Address` with address ""."""
    found: list[Address] = []
    for segment in _segments(_tokens(text)):
        found += [box for box in _mailboxes(segment) if box.name or box.address]
        if len(found) >= MAX_ADDRESSES:
            return tuple(found[:MAX_ADDRESSES]), ("too_many_addresses",)
    return tuple(found), ()


def _tokens(text: str) -> Iterator[_Token]:
    position, size = 0, len(text)
    last_semicolon = text.rfind(";")
    may_quote = may_comment = True  # one that is not closed is text, and so are all that follow it
    while position < size:
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        value, first = match.group(), match.group()[0]
        position = match.end()
        if value.startswith("=?") and len(value) > 2:
            yield _Token("word", value)
        elif first == '"' and may_quote:
            quoted = _QUOTED.match(text, position - 1)
            if quoted is None:
                may_quote = False
                continue
            position = quoted.end()
            yield _Token("quoted", _ESCAPE.sub(r"\1", quoted[1]))
        elif first == "(" and may_comment:
            end = _comment_end(text, position)
            may_comment = end >= 0
            yield _Token("comment", text[position : end - 1]) if may_comment else _Token("text", "(")
            position = max(end, position)
        elif first == "<":
            if len(value) == 1:  # not closed: up to the next separator
                found = _SEPARATOR.search(text, position)
                end = found.start() if found else size
                if "@" not in text[position:end]:
                    continue
                value, position = text[position - 1 : end], end
            yield _Token("angle", value[1:].rstrip(">"))
        elif first in ",;:":
            yield _Token(first, first, position <= last_semicolon)
        elif first != '"':
            yield _Token("text", value)


def _comment_end(text: str, position: int) -> int:
    """The position after the `)` that closes the comment begun before `position`, or -1."""
    depth = 1
    while mark := _COMMENT_MARK.search(text, position):
        position = mark.end()
        match mark.group():
            case "\\":
                position += 1
            case "(":
                depth += 1
            case _:
                depth -= 1
                if depth == 0:
                    return position
    return -1


def _segments(tokens: Iterable[_Token]) -> Iterator[list[_Token]]:
    """The tokens of one mailbox each: split at separators, group names dropped, names cut by a comma put together."""
    segment: list[_Token] = []
    waiting: list[_Token] = []  # a piece without an address: perhaps the first half of "Muster, Eva <...>"
    for token in chain(tokens, [_Token(";", ";")]):
        if token.kind == ":" and not any(t.kind == "angle" or "@" in t.value for t in segment):
            if token.is_before_semicolon:
                segment, waiting = [], []  # the name of a group
            elif "".join(t.value for t in segment).strip().lower() != "mailto":
                segment.append(_Token("text", ":"))
            else:
                segment = []
        elif token.kind == ":":
            segment.append(_Token("text", ":"))
        elif token.kind in ",;":
            if _has_address(segment):
                has_angle = any(t.kind == "angle" for t in segment)
                name_comes = has_angle and segment and segment[0].kind != "angle"
                if waiting and not name_comes:
                    yield waiting
                    waiting = []
                yield [*waiting, *segment]
                waiting = []
            elif any(t.value.strip() for t in segment):
                waiting = [*waiting, *segment, _Token("text", token.kind)] if len(waiting) < 40 else segment
            if token.kind == ";" and waiting:
                yield waiting
                waiting = []
            segment = []
        else:
            segment.append(token)


def _has_address(segment: list[_Token]) -> bool:
    return any(token.kind == "angle" or (token.kind != "comment" and "@" in token.value) for token in segment)


def _mailboxes(segment: list[_Token]) -> list[Address]:
    """The mailbox of one segment; several if commas between bracketed addresses were forgotten."""
    found: list[Address] = []
    name: list[_Token] = []
    for index, token in enumerate(segment):
        if token.kind == "angle" and ("@" in token.value or not any(t.kind == "angle" for t in segment[index + 1 :])):
            if found and not _name(name):
                name = []
            found.append(_address(_name(name), token.value))
            name = []
        elif token.kind == "angle":
            name.append(_Token("text", f"<{token.value}>"))
        else:
            name.append(token)
    if not found:
        return _bare(segment)
    after = _name(name)
    if after and not found[-1].name:  # "<eva@example.org> Eva" or "<eva@example.org> (Eva)"
        found[-1] = Address(after, found[-1].address)
    return found


def _name(tokens: list[_Token]) -> str | None:
    """The display name that stands in `tokens`, decoded; a comment only if there is nothing else."""
    words = [t for t in tokens if t.kind != "comment"]
    text = _joined(words).strip()
    if not text.strip(" ,;\"'<>"):
        text = " ".join(t.value for t in tokens if t.kind == "comment")
    text = clean_line(encoded_words.decode(text)).strip(" ,;")[:MAX_NAME_CHARS]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    return " ".join(text.split()) or None


def _joined(tokens: list[_Token]) -> str:
    """The tokens as text. Between two encoded words nothing but blanks stands, so their joint decoding still works."""
    return "".join(t.value for t in tokens)


def _bare(segment: list[_Token]) -> list[Address]:
    """A mailbox without angle brackets: `eva@example.org`, `eva@example.org (Eva)`, `"Eva <eva@example.org>"`."""
    words = [t for t in segment if t.kind != "comment"]
    text = "".join(
        f'"{t.value}"' if t.kind == "quoted" and _is_local_part(words, i) else t.value for i, t in enumerate(words)
    )
    text = _AT.sub("@", " ".join(text.strip(" ,;\t").split()))
    if len(words) < len(segment) or " ." in text:  # comments or blanks around dots, RFC 5322 §4.4
        local, at, domain = text.rpartition("@")
        text = local + at + _DOT.sub(".", domain)
    decoded = clean_line(encoded_words.decode(text))
    if "@" not in decoded:
        return _without_at(segment, decoded)
    if "<" in decoded and decoded != text:
        return [box for part in _segments(_tokens(decoded.replace("=?", ""))) for box in _mailboxes(part)]
    if any(t.kind == "quoted" and "<" in t.value for t in words):
        return [box for t in words if t.kind == "quoted" for box in read(t.value.replace('"', ""))[0]]
    if decoded.startswith('"'):
        return [_address(_name([t for t in segment if t.kind == "comment"]), decoded)]
    pieces = decoded.split()
    where = max(i for i, piece in enumerate(pieces) if "@" in piece)
    name = " ".join(pieces[:where] + pieces[where + 1 :])
    comment = _name([t for t in segment if t.kind == "comment"])
    return [_address(_name([_Token("text", name)]) or comment, pieces[where])]


def _without_at(segment: list[_Token], decoded: str) -> list[Address]:
    """A name alone, a local part alone (`MAILER-DAEMON (Mail Delivery)`), or `Eva (eva@example.org)`."""
    comments = [t for t in segment if t.kind == "comment"]
    inside = next((t.value.strip() for t in comments if "@" in t.value and " " not in t.value.strip()), None)
    if inside:
        return [_address(_name([t for t in segment if t.kind != "comment"]), inside)]
    if decoded and " " not in decoded and not any(t.kind == "quoted" for t in segment):
        return [Address(_name(comments), decoded)]
    name = _name(segment)
    return [Address(name, "")] if name else []


def _is_local_part(words: list[_Token], index: int) -> bool:
    return index + 1 < len(words) and words[index + 1].value.lstrip().startswith("@")


def _address(name: str | None, written: str) -> Address:
    text = " ".join(clean_line(encoded_words.decode(written)).split())
    if "(" in text and not text.startswith('"'):
        text = _COMMENT.sub("", text)
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if text.startswith("@") and ":" in text:  # a source route, RFC 5322 §4.4
        text = text.rpartition(":")[2]
    if not text.startswith('"'):
        text = text.lstrip(" '\"<(").rstrip(" '\">),;")
    local, at, domain = _AT.sub("@", text).rpartition("@")
    return Address(name, f"{local}@{_DOT.sub('.', domain).lower().rstrip('.')}" if at else domain)


def as_kept(address: str) -> str:
    """An address as it is kept and looked up: lower-case, its domain in A-labels (RFC 5890), as mail has it, and
    without the root's dot. What cannot be turned into A-labels stays.
    """
    local_part, at, domain = address.strip().rpartition("@")
    domain = domain.rstrip(".")
    if not domain.isascii():
        with contextlib.suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    return f"{local_part}{at}{domain}".lower()
