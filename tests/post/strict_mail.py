"""A reader that forgives nothing: what RFC 5322, 2045-2047, 2183, 2231 and 5321 forbid in a mail that we send.

`faults(raw)` lists what is wrong, nothing for a mail that every server and client has to take. It shares no code with
what composes or understands mail here, and knows no obsolete syntax (RFC 5322 §4), which may be read but not written.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = rf"{ATEXT}(?:\.{ATEXT})*"
QUOTED = r'"(?:[ \t!#-\[\]-~]|\\[ -~])*"'
LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
ADDR_SPEC = rf"(?:{DOT_ATOM}|{QUOTED})@{LABEL}(?:\.{LABEL})*"
WORD = rf"(?:{ATEXT}|{QUOTED}|=\?[!->@-~]+\?[BbQq]\?[!->@-~]*\?=)"
MAILBOX = rf"(?:{ADDR_SPEC}|{WORD}(?:[ \t]+{WORD})*[ \t]*<{ADDR_SPEC}>)"
ADDRESS_LIST = re.compile(rf"undisclosed-recipients:;|{MAILBOX}(?:,[ \t]*{MAILBOX})*")  # RFC 5322 §3.4: a group
MSG_ID = r"<[!-;=?A-~]+@[!-;=?A-~]+>"
IDS = re.compile(rf"{MSG_ID}(?:[ \t]+{MSG_ID})*")
DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" [0-2]\d:[0-5]\d:[0-6]\d [+-][01]\d[0-5]\d"
)
TOKEN = r"[!#-'*+.0-9A-Z^_`a-z{|}~-]+"
PARAMETERS = re.compile(rf'(?:;[ \t]*{TOKEN}=(?:{TOKEN}|"(?:[ !#-\[\]-~]|\\[ -~])*"))*')
CONTENT_TYPE = re.compile(rf"({TOKEN}/{TOKEN})({PARAMETERS.pattern})")
DISPOSITION = re.compile(rf"(?:inline|attachment)({PARAMETERS.pattern})")
ENCODED_WORD = re.compile(r"=\?([!->@-~]+)\?([BbQq])\?([!->@-~]*)\?=")
FIELD = re.compile(r"([!-9;-~]+):[ \t](.*)", re.DOTALL)
FORMS = {
    "from": ADDRESS_LIST,
    "to": ADDRESS_LIST,
    "cc": ADDRESS_LIST,
    "reply-to": ADDRESS_LIST,
    "message-id": re.compile(MSG_ID),
    "in-reply-to": IDS,
    "references": IDS,
    "date": DATE,
    "mime-version": re.compile(r"1\.0"),
    "auto-submitted": re.compile(r"no|auto-generated|auto-replied"),
}
ONCE = (*FORMS, "subject", "content-type", "content-transfer-encoding", "sender", "content-disposition", "content-id")
LONGEST_LINE, WANTED_LINE, LONGEST_WORD = 998, 78, 75  # RFC 5322 §2.1.1, RFC 2047 §2


def faults(raw: bytes) -> list[str]:
    """Everything that is wrong with a mail as it is sent."""
    found = list(_transport(raw))
    if found:
        return found
    text = raw.decode("ascii")
    head, _, _ = text.partition("\r\n\r\n")
    fields = _fields(head)
    names = [name for name, _ in fields]
    found += [f"{name} is missing" for name in ("from", "date", "message-id", "mime-version") if name not in names]
    if not {"to", "cc"} & set(names):
        found.append("nobody is named as a recipient")
    if "bcc" in names or "return-path" in names:
        found.append("a field that no mail leaves with")
    return found + list(_part(text, "mail"))


def _transport(raw: bytes) -> Iterator[str]:
    """What an SMTP server without extensions refuses (RFC 5321 §4.5.3.1.6, RFC 5322 §2.3)."""
    if re.search(rb"[\x80-\xff]", raw):
        yield "it is not 7-bit"
    if b"\x00" in raw:
        yield "it has a NUL"
    if re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
        yield "it has a line end that is not CRLF"
    if not raw.endswith(b"\r\n"):
        yield "its last line has no end"
    if any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        yield "a line has more than 998 characters"


def _fields(head: str) -> list[tuple[str, str]]:
    """(lower-case name, unfolded value) of each field; a line that is none has the name ''."""
    found = []
    for line in re.split(r"\r\n(?![ \t])", head):
        field = FIELD.fullmatch(line)
        found.append((field[1].lower(), re.sub(r"\r\n(?=[ \t])", "", field[2])) if field else ("", line))
    return found


def _part(text: str, where: str) -> Iterator[str]:
    """The faults of one part, its own header and body, and of the parts in it."""
    head, gap, body = text.partition("\r\n\r\n")
    if not gap:
        yield f"{where}: no empty line ends the header"
        return
    fields = _fields(head)
    yield from (f"{where}: {fault}" for fault in _head(head, fields))
    values = dict(fields)
    kind = CONTENT_TYPE.fullmatch(values.get("content-type", "text/plain"))
    if kind is None:
        yield f"{where}: Content-Type {values['content-type']!r}"
        return
    disposition = values.get("content-disposition")
    if disposition is not None and not DISPOSITION.fullmatch(disposition):
        yield f"{where}: Content-Disposition {disposition!r}"
    encoding = values.get("content-transfer-encoding", "7bit").lower()
    if kind[1].lower().startswith("multipart/"):
        yield from _multipart(kind[2], encoding, body, where)
    else:
        yield from (f"{where}: {fault}" for fault in _body(encoding, body))


def _head(head: str, fields: list[tuple[str, str]]) -> Iterator[str]:
    names = [name for name, _ in fields]
    yield from (f"{name} stands there twice" for name in ONCE if names.count(name) > 1)
    for line in head.split("\r\n"):
        if not line.strip():
            yield "a header line of blanks alone"
        if len(line) > WANTED_LINE and " " in line.strip().partition(": ")[2]:
            yield f"a header line of {len(line)} characters that could have been folded"
    for name, value in fields:
        if not name:
            yield f"no field: {value[:60]!r}"
        form = FORMS.get(name)
        if form is not None and not form.fullmatch(value):
            yield f"{name} is not well formed: {value!r}"
        yield from _encoded_words(name, value)


def _encoded_words(name: str, value: str) -> Iterator[str]:
    """RFC 2047 §2 and §5: length, charset, and that each word stands alone and holds whole characters."""
    for part in re.findall(r"\S*=\?\S*", value):
        word = ENCODED_WORD.fullmatch(part)
        if word is None:
            yield f"{name}: what looks like an encoded word is none: {part!r}"
            continue
        if len(part) > LONGEST_WORD:
            yield f"{name}: an encoded word of {len(part)} characters"
        try:
            coded = word[3].replace("_", " ")
            content = (
                base64.b64decode(word[3], validate=True)
                if word[2] in "Bb"
                else binascii.a2b_qp(coded.encode(), header=True)
            )
            if re.search(r"[\x00-\x1f\x7f]", content.decode(word[1])):
                yield f"{name}: a control character in an encoded word"
        except (ValueError, LookupError) as error:
            yield f"{name}: an encoded word that does not decode: {error}"


def _multipart(parameters: str, encoding: str, body: str, where: str) -> Iterator[str]:
    """RFC 2046 §5.1: boundary, its lines, and the parts between them."""
    told = re.search(r'boundary=(?:"([^"]*)"|([^;\s]*))', parameters)
    boundary = (told[1] or told[2] or "") if told else ""
    if not re.fullmatch(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]", boundary):
        yield f"{where}: boundary {boundary!r}"
        return
    if encoding not in ("7bit", "8bit", "binary"):
        yield f"{where}: a multipart is encoded as {encoding}"
    pieces = re.split(rf"(?:\A|\r\n)--{re.escape(boundary)}(--)?[ \t]*(?=\r\n)", body)
    if len(pieces) < 5 or pieces[-2] != "--" or any(pieces[1:-2:2]):
        yield f"{where}: its parts are not closed, or there are none"
        return
    if pieces[0].strip() or pieces[-1].strip():
        yield f"{where}: text outside the parts"
    for number, piece in enumerate(pieces[2:-2:2], 1):
        yield from _part(piece.removeprefix("\r\n"), f"{where}.{number}")


def _body(encoding: str, body: str) -> Iterator[str]:
    lines = body.split("\r\n")
    if encoding == "base64":
        try:
            base64.b64decode(body.replace("\r\n", ""), validate=True)
        except ValueError:
            yield "base64 that does not decode"
        if any(len(line) > 76 for line in lines):
            yield "a line of base64 has more than 76 characters"
    elif encoding == "quoted-printable":
        if any(len(line) > 76 for line in lines):
            yield "a line of quoted-printable has more than 76 characters"
        if re.search(r"=(?![0-9A-F]{2}|\r\n)", body) or re.search(r"[ \t]\r\n", body):
            yield "quoted-printable that is none"
    elif encoding != "7bit":
        yield f"Content-Transfer-Encoding {encoding!r}"
