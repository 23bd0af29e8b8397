"""Message ids that say where their row is: the conversation and the time of arrival, so that no index is needed.

Format: `msg_` + lower-case base 32 (RFC 4648 §6, without padding) of: the conversation's id in UTF-8, the time as six
bytes of milliseconds since 1970, and five bytes of SHA-256 over the seed, which keep messages of one millisecond apart.
Opaque to callers and no credential: the account in a row's key comes from the token, never from an id.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from chalicelib.model import base32

PREFIX = "msg_"
LONGEST = 400  # characters; what is longer was not made here
_MILLISECONDS = 6
_HASH = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def message_id_of(conversation_id: str, created_at: str, seed: str) -> str:
    """The id of a message: the same for the same three texts.

    `created_at` is a stamp of `clock.stamp` (UTC, milliseconds, `Z`), not before 1970; others raise `ValueError`.
    """
    moment = (datetime.fromisoformat(created_at) - _EPOCH) // timedelta(milliseconds=1)
    if moment < 0 or _stamp(moment) != created_at:
        raise ValueError(f"{created_at!r} is not a stamp in milliseconds")
    told = hashlib.sha256("\0".join((conversation_id, created_at, seed)).encode("utf-8", "surrogatepass")).digest()
    packed = conversation_id.encode() + moment.to_bytes(_MILLISECONDS, "big") + told[:_HASH]
    return PREFIX + base32.encode(packed)


def locate_message(message_id: str) -> tuple[str, str]:
    """(conversation id, created_at) of an id. Raises `ValueError` for any text that `message_id_of` does not make."""
    letters = message_id.removeprefix(PREFIX)
    if letters == message_id or len(message_id) > LONGEST:
        raise ValueError("not a message id")
    packed = base32.decode(letters)
    if len(packed) <= _MILLISECONDS + _HASH:
        raise ValueError("not a message id")
    conversation_id, moment = packed[: -_MILLISECONDS - _HASH], packed[-_MILLISECONDS - _HASH : -_HASH]
    try:
        return conversation_id.decode(), _stamp(int.from_bytes(moment, "big"))
    except OverflowError as error:
        raise ValueError("not a message id") from error


def _stamp(milliseconds: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
