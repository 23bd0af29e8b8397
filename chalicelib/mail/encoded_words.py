"""RFC 2047 encoded words, and what is sent instead of them.

`=?charset?B|Q?text?=`. Blanks between two words vanish. Words that were cut inside a character are joined as bytes
before their charset is applied. QUIRK: blanks inside Q words, words without `?=` at the end of the field, words
glued to other text and words inside quotes are read too, since all of these are common (RFC 2047 §5 forbids them).
"""

from __future__ import annotations

import binascii
import re
from typing import Final, NamedTuple

from . import charset
from .bounds import MAX_ENCODED_WORDS

_START: Final = re.compile(r"=\?([^?\s=][^?\s]{0,60})\?([bBqQ])\?")
_Q_ESCAPE_AFTER_MARK: Final = re.compile(r"[0-9A-Fa-f]{2}")


class _Word(NamedTuple):
    start: int
    end: int
    charset: str
    data: bytes


def decode(text: str) -> str:
    """`text` with all its encoded words decoded. Never fails: what cannot be decoded stays as written."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[_Word] = []
    last = 0
    for word in _words(text):
        between = text[last : word.start]
        if pending and not between.strip(" \t\r\n"):
            between = ""
        if between or (pending and pending[-1].charset != word.charset):
            out.append(_join(pending))
            pending = []
        out.append(between)
        pending.append(word)
        last = word.end
    out.append(_join(pending))
    out.append(text[last:])
    return "".join(out)


def _join(words: list[_Word]) -> str:
    return charset.decode(b"".join(word.data for word in words), words[0].charset)[0] if words else ""


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    position = 0
    while len(found) < MAX_ENCODED_WORDS:
        start = _START.search(text, position)
        if start is None:
            break
        end, after = _end(text, start.end(), start[2] in "qQ")
        data = _bytes(text[start.end() : end], start[2])
        if data is None:
            position = start.end()
            continue
        label = start[1].split("*")[0].lower()
        found.append(_Word(start.start(), after, label, data))
        position = after
    return _rejoined(text, found)


def _end(text: str, start: int, is_q: bool) -> tuple[int, int]:
    """Where the encoded text ends and where the word ends."""
    end = text.find("?=", start)
    following = text.find("=?", start)
    # A question mark left bare before an escape, "?=20": not the end if a better one comes in this word.
    while is_q and end >= 0 and _Q_ESCAPE_AFTER_MARK.match(text, end + 2):
        other = text.find("?=", end + 2)
        if other < 0 or (text.find("=?", end + 2, other) >= 0):
            break
        end = other
    if end < 0 or (0 <= following < end and following + 1 != end):
        stop = following if following >= 0 else len(text)
        return stop, stop
    return end, end + 2


def _bytes(text: str, encoding: str) -> bytes | None:
    if encoding in "qQ":
        raw = text.replace("_", " ").encode("utf-8", "surrogateescape")
        return binascii.a2b_qp(raw.replace(b"=\n", b"=0A").replace(b"=\r", b"=0D")) if b"=" in raw else raw
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return None


def _rejoined(text: str, words: list[_Word]) -> list[_Word]:
    """QUIRK: one base64 text that was cut into words at any letter is put together before it is decoded."""
    out: list[_Word] = []
    open_text = ""
    for word in words:
        encoded = text[word.start : word.end].split("?")[3] if text[word.start : word.end].count("?") >= 3 else ""
        is_b = text[word.start : word.end].split("?", 3)[2] in "bB"
        if (
            out
            and open_text
            and is_b
            and word.charset == out[-1].charset
            and not text[out[-1].end : word.start].strip()
        ):
            data = _bytes(open_text + encoded, "B") or b""
            out[-1] = _Word(out[-1].start, word.end, word.charset, data)
            open_text += encoded
        else:
            out.append(word)
            open_text = encoded if is_b else ""
        if len(open_text.rstrip("=")) % 4 == 0 or open_text.endswith("="):
            open_text = ""
    return out
