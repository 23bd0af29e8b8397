"""Where the readable part of a message lives: with its row when small, in S3 `bodies/` when not.

A transactional write costs two units a kilobyte, an S3 PUT as much as eight units: up to `INLINE_LIMIT` bytes of
deflated JSON the row is cheaper (prices of us-east-1: 0.625 USD a million write units, 5 USD a million PUTs).
"""

from __future__ import annotations

import zlib

import msgspec

from chalicelib.model.conversation import MessageBody

INLINE_LIMIT = 3000  # bytes after deflate; with the rest of the row this stays within four kilobytes


def pack(body: MessageBody) -> bytes:
    """Deflated JSON of a body (RFC 1950)."""
    return zlib.compress(msgspec.json.encode(body), 6)


def unpack(packed: bytes) -> MessageBody:
    """The body of `pack`."""
    return msgspec.json.decode(zlib.decompress(packed), type=MessageBody)
