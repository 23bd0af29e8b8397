"""Content-Transfer-Encoding (RFC 2045 §6) and uuencode: bytes as sent to bytes as meant, with the defects seen.

Decoding never fails. Broken base64 gives what can be decoded; a body that is plainly not in the encoding it claims is
taken as it stands. Buffers may be memoryviews, so that a large attachment is copied only once, by the decoder itself.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

_JUNK: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=\s]")
_SOFT_BLANK: Final = re.compile(rb"=[ \t]{1,80}(?=\r?\n)")
_SOFT_CR: Final = re.compile(rb"=\r(?!\n)")
_UU_BEGIN_TEXT: Final = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,255})\n", re.MULTILINE)
_UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)


def decode(data: bytes | memoryview, encoding: str) -> tuple[bytes, tuple[str, ...]]:
    """`data` decoded by the named encoding, and defect codes. Unknown encodings mean identity."""
    match encoding:
        case "base64":
            return from_base64(data)
        case "quoted-printable":
            return from_quoted_printable(bytes(data)), ()
        case "uuencode":
            found = _UU_BEGIN.search(data)
            if found:
                return from_uuencode(bytes(data[found.end() :])), ()
            return from_uuencode(bytes(data).lstrip()) or bytes(data), ("broken_uuencode",)
        case "identity":
            return bytes(data), ()
        case _:
            return bytes(data), ("unknown_transfer_encoding",)


def encoding_name(value: str) -> str:
    """What a Content-Transfer-Encoding field means: base64, quoted-printable, uuencode, identity, or as written."""
    name = re.sub(r"[^a-z0-9]", "", value.split(";")[0].split("(")[0].strip().lower())
    if name in {"", "7bit", "8bit", "binary", "7bits", "8bits", "plain", "none", "raw", "ascii", "utf8", "text"}:
        return "identity"
    if name in {"base64", "b", "b64"}:
        return "base64"
    if name in {"quotedprintable", "quotedprint", "quotedprintible", "qp", "q"}:
        return "quoted-printable"
    return "uuencode" if name in {"xuuencode", "uuencode", "xuue", "uue"} else name[:40]


def from_base64(data: bytes | memoryview) -> tuple[bytes, tuple[str, ...]]:
    """RFC 4648 base64 with line ends anywhere; pieces that were padded on their own and then joined are all read."""
    junk = _NOT_BASE64.search(data)
    if junk is not None:
        data = _before_footer(bytes(data), junk.start())
        if not data:
            return bytes(junk.string), ("wrong_transfer_encoding",)
    pad = _first_pad(data)
    try:
        if pad < 0 or not _goes_on(data, pad):
            return binascii.a2b_base64(data), ("broken_base64",) if junk else ()
    except binascii.Error:
        pass
    pieces = re.split(rb"=+", bytes(data)) if pad >= 0 and _goes_on(data, pad) else [bytes(data)]
    return b"".join(map(_lenient, pieces)), ("broken_base64",)


def _before_footer(data: bytes, junk: int) -> bytes:
    """Base64 up to the line of words, around `junk`, that a list server put below it; empty: it is plain text."""
    start = data.rfind(b"\n", 0, junk) + 1
    end = data.find(b"\n", junk)
    words = data[start : end if end >= 0 else len(data)].split()
    if len(words) < 2 and not words[0].startswith((b"--", b"__")):  # stray characters in a line of base64
        return b"" if _is_plain(data[:2000]) else data
    before = data[:start].rstrip()
    return before if before and len(before.translate(None, b" \t\r\n")) % 4 == 0 else b""


def _is_plain(sample: bytes) -> bool:
    """Whether a body said to be base64 is text: words between blanks, not lines of one long word."""
    words = sample.split()
    return len(words) > 2 and sum(1 for word in words if _NOT_BASE64.search(word)) * 4 >= len(words)


def _first_pad(data: bytes | memoryview) -> int:
    found = re.search(b"=", data)
    return found.start() if found else -1


def _goes_on(data: bytes | memoryview, pad: int) -> bool:
    """Whether base64 goes on after padding; a footer that a list server appended does not count."""
    rest = bytes(data[pad:]).lstrip(b"= \t\r\n")
    return bool(rest) and b" " not in rest and _NOT_BASE64.search(rest) is None


def _lenient(piece: bytes) -> bytes:
    letters = piece.translate(None, _JUNK)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def from_quoted_printable(data: bytes) -> bytes:
    """RFC 2045 §6.7; wrong escapes stay as they are."""
    if b"= " in data or b"=\t" in data:
        data = _SOFT_BLANK.sub(b"=", data)
    if b"=\r" in data:
        data = _SOFT_CR.sub(b"=\r\n", data)
    return binascii.a2b_qp(data)


def from_uuencode(data: bytes) -> bytes:
    """The lines after `begin` up to `end`; lines that cannot be read are left out, wrong lengths are forgiven."""
    out = []
    for line in data.split(b"\n"):
        line = line.rstrip(b"\r")
        if line == b"end" or line.strip() == b"`":
            break
        if line:
            out.append(_uu_line(line))
    return b"".join(out)


def split_uuencoded(text: str, limit: int) -> tuple[str, list[tuple[str, bytes]]]:
    """A text without the uuencoded files in it, and those files (name, content) up to `limit` bytes in all."""
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    last = position = 0
    while begin := _UU_BEGIN_TEXT.search(text, position):
        end = text.find("\nend", begin.end() - 1)
        if end < 0:
            break
        position = end + 4
        content = from_uuencode(text[begin.end() : end + 1].encode("latin-1", "replace"))
        if content and len(content) <= limit:
            limit -= len(content)
            files.append((begin[1], content))
            kept.append(text[last : begin.start()])
            last = position
    return "".join(kept) + text[last:], files


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # trailing characters beyond the stated length
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""
