"""Delivery ids that say where their row is: the raw mail and the door it came to.

Format: `dlv_` + lower-case base 32 (RFC 4648 §6, without padding) of: the length of the raw id in UTF-8 as two bytes,
the raw id, the door (a channel's id, or a digest of the envelope recipient where there is no channel; empty for the
only delivery of a mail).
Opaque to callers and no credential: whoever reads the row compares its account.
"""

from __future__ import annotations

from chalicelib.model import base32

PREFIX = "dlv_"
LONGEST = 1600  # characters, so a thousand bytes, which fit DynamoDB's keys; an address has at most 320 (RFC 5321)


def delivery_id_of(raw_id: str, door: str) -> str:
    """The id of the delivery of the mail `raw_id` to `door`: the same for the same two texts."""
    raw = raw_id.encode("utf-8", "surrogatepass")
    packed = len(raw).to_bytes(2, "big") + raw + door.encode("utf-8", "surrogatepass")
    return PREFIX + base32.encode(packed)


def locate_delivery(delivery_id: str) -> tuple[str, str]:
    """(raw id, door) of an id. Raises `ValueError` for any text that `delivery_id_of` does not make."""
    letters = delivery_id.removeprefix(PREFIX)
    if letters == delivery_id or len(delivery_id) > LONGEST:
        raise ValueError("not a delivery id")
    packed = base32.decode(letters)
    length = int.from_bytes(packed[:2], "big")
    if length > len(packed) - 2 or len(packed) < 2:
        raise ValueError("not a delivery id")
    return (
        packed[2 : 2 + length].decode("utf-8", "surrogatepass"),
        packed[2 + length :].decode("utf-8", "surrogatepass"),
    )
