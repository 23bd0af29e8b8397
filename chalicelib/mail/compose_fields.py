"""Header fields as they are sent: 7-bit, folded at 78 characters, never more than 998 (RFC 5322 §2.1.1), no way to
inject.

Free text (subject, names) is cleaned of control characters and then encoded (RFC 2047, UTF-8) where it is not plain
ASCII. What machines read (addresses, ids, tokens) is checked instead and refused with a `ComposeError`, since a
cleaned address would be another address. Each function returns the whole field with its CRLF.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from .bounds import MAX_FILENAME_CHARS, MAX_NAME_CHARS
from .clean import clean_line
from .model import Address

_WIDTH: Final = 76
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,75}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}")
_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
)
_ID: Final = re.compile(r"[!-;=?A-~]{1,400}@[!-;=?A-~]{1,400}")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")


class ComposeError(ValueError):
    """A field that cannot be sent safely. `code` is stable, `field` names the header."""

    def __init__(self, code: str, field: str, value: str) -> None:
        super().__init__(f"{field}: {code}: {value[:100]!r}")
        self.code, self.field = code, field


def text_field(name: str, value: str) -> str:
    """An unstructured field. Control characters in `value` are taken out."""
    value = clean_line(value)
    if _is_plain(value) and len(value) < 900:
        return _folded(f"{name}:", [" " + word for word in re.split(r"(?<=[^ ]) (?=[^ ])", value)])
    return _folded(f"{name}:", [" " + word for word in _encoded_words(value)])


def extra_field(name: str, value: str) -> str:
    """A field that the caller names. Raises ComposeError on a bad name or line ends in the value."""
    if not _NAME.fullmatch(name):
        raise ComposeError("bad_field_name", name, name)
    if re.search(r"[\r\n\x00]", value):
        raise ComposeError("line_end_in_field", name, value)
    return text_field(name, value)


def address_field(name: str, boxes: Sequence[Address]) -> str:
    """An address list. Raises ComposeError on an address that is not one."""
    return _folded(f"{name}:", [" " + word for word in ", ".join(_mailbox(name, box) for box in boxes).split(" ")])


def _mailbox(field: str, box: Address) -> str:
    address = ascii_address(field, box.address)
    name = " ".join(clean_line(box.name or "").split())[:MAX_NAME_CHARS]
    if not name:
        return address
    if not _is_plain(name) or max(map(len, name.split(" "))) > 60:
        return " ".join(_encoded_words(name)) + f" <{address}>"
    if not _PLAIN_NAME.fullmatch(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>"


def ascii_address(field: str, address: str) -> str:
    """An address as it goes over SMTP without SMTPUTF8: domain as A-labels (IDNA). Raises ComposeError."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower() if not domain.isascii() else domain.lower()
    except UnicodeError as error:
        raise ComposeError("bad_address", field, address) from error
    if not local.isascii():
        raise ComposeError("non_ascii_local_part", field, address)
    quoted = re.fullmatch(r'"(?:[ !#-\[\]-~]|\\["\\])*"', local)
    if not (_ATOM.fullmatch(local) or quoted) or not _DOMAIN.fullmatch(domain) or len(local) > 128:
        raise ComposeError("bad_address", field, address)
    return f"{local}@{domain}"


def ids_field(name: str, ids: Iterable[str]) -> str:
    """Message ids. Raises ComposeError on what is no id."""
    words = []
    for one in ids:
        if not is_id(one):
            raise ComposeError("bad_message_id", name, one)
        words.append(f" <{one}>")
    return _folded(f"{name}:", words)


def is_id(one: str) -> bool:
    """Whether an id (without brackets) can be sent as it is."""
    return _ID.fullmatch(one) is not None


def date_field(moment: datetime) -> str:
    """`Date:` of an aware datetime. Raises ComposeError on a naive one."""
    offset = moment.strftime("%z")
    if not offset:
        raise ComposeError("date_without_zone", "Date", moment.isoformat())
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"Date: {day}, {moment.day:02d} {month} {moment.year:04d} {moment:%H:%M:%S} {offset[:5]}\r\n"


def token_field(name: str, value: str) -> str:
    """A field whose value is one token, such as Auto-Submitted. Raises ComposeError."""
    if not _TOKEN.fullmatch(value):
        raise ComposeError("bad_token", name, value)
    return f"{name}: {value}\r\n"


def content_type(value: str) -> str:
    """A checked type/subtype, lower case; types that cannot be sent as a file become application/octet-stream."""
    kind, _, subtype = value.lower().partition("/")
    if not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype):
        raise ComposeError("bad_content_type", "Content-Type", value)
    return "application/octet-stream" if kind in {"multipart", "message"} else f"{kind}/{subtype}"


def disposition_field(kind: str, filename: str | None) -> str:
    """Content-Disposition with its file name, as RFC 2231 pieces where it is long or not ASCII."""
    name = clean_line(filename or "")[:MAX_FILENAME_CHARS]
    words = [f" {kind}"]
    if name and _is_plain(name) and len(name) <= 60:
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        words.append(f' filename="{escaped}"')
    elif name:
        pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", quote(name, safe="!#$&+-.^_`{}~"))
        pieces[0] = "utf-8''" + pieces[0]
        words += [f" filename*{i}*={piece}" for i, piece in enumerate(pieces)]
    return _folded("Content-Disposition:", [*(word + ";" for word in words[:-1]), words[-1]])


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "=?" not in text


def _encoded_words(text: str) -> list[str]:
    """`text` as RFC 2047 words of at most 75 characters, never cut inside a character."""
    words, piece = [], b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > 42:
            words.append(piece)
            piece = b""
        piece += encoded
    return [f"=?utf-8?B?{base64.b64encode(one).decode('ascii')}?=" for one in [*words, piece] if one]


def _folded(start: str, words: Iterable[str]) -> str:
    """A field of words that each begin with a blank, folded before the words that would go beyond the width."""
    lines, line = [], start
    for word in words:
        if len(line) + len(word) > _WIDTH and line != start:
            lines.append(line)
            line = word
        else:
            line += word
    return "\r\n".join([*lines, line]) + "\r\n"
