"""Fuzz target: header blocks, encoded words, parameters, address lists and dates of any bytes."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from chalicelib.mail import addresses, bounds, dates, encoded_words, parameters
from chalicelib.mail.headers import Headers, read_fields
from tests.fuzz import runner

TOKENS = [
    b"=?utf-8?Q?",
    b"=?utf-8?B?w6Q=?=",
    b"=?iso-2022-jp?B?GyRCJTAlaSVVGyhC?=",
    b"=?",
    b"?=",
    b"?q?",
    b"From: ",
    b'To: "Muster, Eva" <eva@example.org>, ',
    b"(",
    b")",
    b"\\",
    b'"',
    b"<",
    b">",
    b"@",
    b":;",
    b"; filename*0*=utf-8''%",
    b'; name="',
    b"Date: Mon, 05 Jan 2026 10:00:00 +0100\r\n",
    b" 24:00:60 -9999 ",
    b"1/2/26 ",
    b"2026-01-05T10:00:00Z",
    b"\xe2\x80\xae",
    b"\xc3",
    b"\r\n ",
]


def target(data: bytes) -> None:
    """Each reader of header values on one input."""
    fields, _, _ = read_fields(data)
    assert len(fields) <= bounds.MAX_HEADER_FIELDS
    headers = Headers(fields)
    for name, text in headers:
        assert "\n" not in text
        assert "\x00" not in text
        assert headers.get(name) is not None
    for text in (data.decode("latin-1"), data.decode("utf-8", "replace")):
        boxes, _ = addresses.read(text)
        assert len(boxes) <= bounds.MAX_ADDRESSES
        json.dumps([(box.name, box.address) for box in boxes]).encode()
        for box in boxes:
            assert not set("\r\n\x00") & set(box.address + (box.name or ""))
        parameters.content_type(text, "text/plain")
        filename = parameters.filename(text, text)
        assert filename is None or 0 < len(filename) <= bounds.MAX_FILENAME_CHARS
        encoded_words.decode(text)
        date = dates.read_date(text)
        assert date is None or datetime.fromisoformat(date).tzinfo


if __name__ == "__main__":
    sys.exit(runner.main("headers", target, TOKENS))
