"""Fuzz target: the forward in any mail."""

from __future__ import annotations

import sys

from chalicelib.mail.forwarded import MAX_NESTED, find_forwarded
from chalicelib.mail.parse import parse
from chalicelib.mail.quotes import split_reply
from tests.fuzz import quotes, runner

TOKENS = [
    *quotes.TOKENS,
    b"Content-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\n\r\nx\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    b"Resent-From: bo@example.net\r\n",
    b"X-Original-From: Kim <kim@example.org>\r\n",
    b"List-Id: <support.example.com>\r\n",
    b"Subject: Fwd: x\r\n",
    b"From: 'Kim' via Support <support@example.com>\r\n",
    b"----- Forwarded message ----- From: Kim <kim@example.org>To: Bo <bo@example.net>Sent: Monday 10:31Subject: x\n",
    b"\r\n\r\n",
]


def target(data: bytes) -> None:
    """A forward has a text made of the mail's, people without control characters, and bounded nesting."""
    root = parse(data)
    text = root.text().replace("\r\n", "\n")
    html = text if "<" in text else None
    subject = root.headers.get("subject") or ""
    found = find_forwarded(root, text, html, subject)
    level = 0
    while found is not None:
        for person in (*found.to, *found.cc, *((found.from_,) if found.from_ else ())):
            assert person.name or person.address
            assert not set("\r\n\x00") & set(f"{person.name}{person.address}")
        assert level <= MAX_NESTED
        found, level = found.nested, level + 1
    if find_forwarded(root, text, None, subject, may_be_inline=False) is None and html is None:
        folds = split_reply(
            text, subject=subject, is_reply="in-reply-to" in root.headers or "references" in root.headers
        )
        has_fold = any(fold.kind == "forward" for fold in folds.folds)
        assert has_fold or find_forwarded(root, text, None, subject) is None


if __name__ == "__main__":
    sys.exit(runner.main("forwarded", target, TOKENS))
