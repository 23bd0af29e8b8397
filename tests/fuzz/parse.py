"""Fuzz target: the MIME tree, transfer encodings, charsets, body and attachments of any bytes."""

from __future__ import annotations

import sys

from chalicelib.mail import attachments, bounds, smime, tnef
from chalicelib.mail.parse import parse
from tests.fuzz import runner

TOKENS = [
    b"\r\n--b\r\n",
    b"\r\n--b--\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n',
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/html; charset=utf-8\r\n\r\n",
    b"Content-Type: text/plain; charset=",
    b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgEAAgEAAA==\r\n",
    b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%e4",
    b"; format=flowed; delsp=yes",
    b"utf-16",
    b"utf-7",
    b"iso-2022-jp",
    b"\x1b$B0!\x1b(B",
    b"gb18030",
    b"begin 644 x\r\n#86)C\r\n`\r\nend\r\n",
    tnef.SIGNATURE + b"\x01\x00",
    bytes.fromhex("0203900600"),
    bytes.fromhex("3080060a2a864886f70d010702a0803080020101310030800609"),
    b"From x@y Mon Jan 5\n",
]


def target(data: bytes) -> None:
    """Everything below the assembly on one input."""
    root = parse(data)
    parts = list(root.walk(messages=True))
    assert len(parts) <= bounds.MAX_PARTS + 1
    for part in parts:
        assert part.depth <= bounds.MAX_DEPTH
        part.body()
        assert "\r" not in part.text()
        _ = part.filename, part.content_id, list(part.headers)
    body = attachments.read_body(root)
    for item, told in zip(body.items, attachments.describe(body.items), strict=True):
        assert told.size == len(item.content())
    tnef.unpack(data, 100_000)
    tnef.unpack(tnef.SIGNATURE + data, 100_000)
    smime.signed_content(data)


if __name__ == "__main__":
    sys.exit(runner.main("parse", target, TOKENS))
