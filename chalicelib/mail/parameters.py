"""Parameters of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2231), as they are written in the wild.

Read: `name="a b"`, unquoted values with blanks, missing semicolons, continuations (`name*0*=`), percent encoding
with and without charset, and (QUIRK, forbidden by RFC 2047 §5) encoded words inside quotes.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from . import charset, encoded_words
from .bounds import MAX_FILENAME_CHARS, MAX_PARAMETERS
from .clean import clean_line

_NAME: Final = re.compile(r"[^=;]*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)("?)', re.DOTALL)
_UNQUOTED: Final = re.compile(r"[^;\s]*(?:[ \t]+(?![\w*\-]+[ \t]*=)[^;\s]+)*")
_ESCAPE: Final = re.compile(r'\\(["\\])')
_TYPE: Final = re.compile(r"[^\s/;,\"]+/[^\s/;,\"]+")
_PATH: Final = re.compile(r"[A-Za-z]:[\\/]|\\|(?:.*[\\/])?\.\.[\\/]")
_PIECE: Final = re.compile(r"([^*]+)\*(\d{1,4})?(\*)?")


def content_type(value: str | None, default: str) -> tuple[str, dict[str, str], bool]:
    """Type/subtype (lower case) and parameters of a Content-Type field, and whether it was well formed."""
    if value is None:
        return default, {}, True
    word, found = split(value)
    if _TYPE.fullmatch(word):
        return word, found, True
    kind = word.partition("/")[0]
    if kind == "multipart":
        return "multipart/mixed", found, False
    if kind == "html":
        return "text/html", found, False
    return ("text/plain" if kind in {"", "text", "plain"} else "application/octet-stream"), found, False


def filename(disposition: str, content_type: str) -> str | None:
    """The file name that Content-Disposition or else Content-Type gives, cleaned, bounded; of a path its last piece."""
    by_disposition, by_type = split(disposition)[1], split(content_type)[1]
    name = clean_line(by_disposition.get("filename") or by_type.get("name") or by_disposition.get("name") or "")
    if _PATH.match(name):
        name = re.split(r"[\\/]", name)[-1]
    if len(name) > MAX_FILENAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        is_ending = dot and len(ending) < 20
        name = stem[: MAX_FILENAME_CHARS - 20] + dot + ending if is_ending else name[:MAX_FILENAME_CHARS]
    return name or None


def split(value: str) -> tuple[str, dict[str, str]]:
    """The first word of a field (lower case) and its parameters (names lower case, values decoded)."""
    first = re.match(r"[^;]*", value)
    head = first.group() if first else ""
    rest = value[len(head) :]
    # A missing semicolon after the first word: "multipart/mixed boundary=x".
    token = re.match(r"\s*([^\s;=]+)(?:\s+(?=[\w*\-]+\s*=))?", head)
    if token and token.end() < len(head.rstrip()) and "=" in head:
        rest = head[token.end() :] + rest
    word = token[1] if token else ""
    if "=" in head and token and head[token.end() : token.end() + 1] == "=":  # no first word at all
        word, rest = "", value
    return word.strip().strip("\"'").lower(), read(rest)


def read(text: str) -> dict[str, str]:
    """The parameters written in `text`. Of two with one name the first wins; an RFC 2231 form beats a plain one."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in _pairs(text):
        piece = _PIECE.fullmatch(name) if "*" in name else None
        if piece:
            number = int(piece[2]) if piece[2] else 0
            is_encoded = bool(piece[3]) or piece[2] is None
            pieces.setdefault(piece[1], {}).setdefault(number, (value, is_encoded))
        elif name:
            plain.setdefault(name, encoded_words.decode(value))
    return plain | {name: _joined(found) for name, found in pieces.items()}


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    position, size = 0, len(text)
    while position < size and len(pairs) < MAX_PARAMETERS:
        name = _NAME.match(text, position)
        position = name.end() if name else size
        if position >= size:
            break
        position += 1
        if text[position - 1] == ";":
            continue
        while position < size and text[position] in " \t":
            position += 1
        value, position = _value(text, position)
        pairs.append((name.group().strip(" \t\r\n,").lower() if name else "", value))
    return pairs


def _value(text: str, position: int) -> tuple[str, int]:
    if text[position : position + 1] == '"':
        quoted = _QUOTED.match(text, position)
        if quoted and (quoted[2] or ";" not in quoted[1]):
            return _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
        position += 1  # the closing quote is missing: up to the next semicolon
    found = _UNQUOTED.match(text, position)
    return (found.group().strip(" \t\r\n\"'"), found.end()) if found else ("", len(text))


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 §3 and §4: the pieces in order; the first encoded one names the charset."""
    label: str | None = None
    out = b""
    chunks: list[bytes] = []
    for number in sorted(pieces):
        value, is_encoded = pieces[number]
        if is_encoded and label is None:
            head = value.split("'", 2)
            if len(head) == 3:
                label, value = head[0] or "utf-8", head[2]
            else:
                label = ""
        chunks.append(unquote_to_bytes(value) if is_encoded else value.encode("utf-8", "surrogateescape"))
    out = b"".join(chunks)
    text = charset.decode(out, label or "utf-8")[0]
    return encoded_words.decode(text)
