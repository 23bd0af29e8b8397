"""Fuzz target: message ids of any text."""

from __future__ import annotations

import sys

from chalicelib.mail import bounds, threading_ids
from tests.fuzz import runner

TOKENS = [
    b"<a@example.org>",
    b"<0100018d1b2c3d4e-5f6a7b8c-1234-5678-9abc-def012345678-000000@email.amazonses.com>",
    b"<",
    b">",
    b"@",
    b", ",
    b"=3D",
    b"=40",
    b"=\r\n ",
    b"=?utf-8?Q?=3Ca@b=3E?=",
    b'"',
    b"'",
    b"\xe2\x80\x8b",
    b"\x00",
]


def target(data: bytes) -> None:
    """Ids are bounded, each once, without blanks and brackets."""
    for text in (data.decode("latin-1"), data.decode("utf-8", "replace")):
        ids, _ = threading_ids.read_ids(text)
        assert len(ids) == len(set(ids)) <= bounds.MAX_IDS
        for one in (*ids, threading_ids.read_id(text) or "x"):
            assert 0 < len(one) <= bounds.MAX_ID_CHARS
            assert not set(" \t\r\n<>\x00") & set(one), one


if __name__ == "__main__":
    sys.exit(runner.main("threading_ids", target, TOKENS))
