"""Where the readable part of a message lives: with its row when small, in S3 `bodies/` when not.

A transactional write costs two units a kilobyte and one more in the index that the row is in; an S3 PUT costs as much
as eight units (prices of us-east-1: 0.625 USD a million write units, 5 USD a million PUTs). A row of two kilobytes
keeps a mail within its budget of write units (docs/budgets.md), so a body stays with it as far as there is room.
"""

from __future__ import annotations

import zlib

import msgspec

from chalicelib.model.conversation import MessageBody

ROW_LIMIT = 2048  # bytes of a message's row with its body
SMALL = 300  # bytes of a packed body that stays with any row
REST_OF_ROW = 850  # bytes of the row beside body and envelope: its keys, ids and times


def pack(body: MessageBody) -> bytes:
    """Deflated JSON of a body (RFC 1950)."""
    return zlib.compress(msgspec.json.encode(body), 6)


def unpack(packed: bytes) -> MessageBody:
    """The body of `pack`."""
    return msgspec.json.decode(zlib.decompress(packed), type=MessageBody)


def fits(packed: bytes, envelope_size: int) -> bool:
    """Whether a packed body stays with a row whose envelope takes so many bytes."""
    return len(packed) <= max(ROW_LIMIT - REST_OF_ROW - envelope_size, SMALL)
