"""Bytes as ids, codes and addresses spell them: base 32 (RFC 4648 §6) in lower case without padding, so that they
survive where case is lost."""

from __future__ import annotations

import base64


def encode(value: bytes) -> str:
    """The letters of some bytes, eight for five."""
    return base64.b32encode(value).decode().lower().rstrip("=")


def decode(letters: str) -> bytes:
    """The bytes behind letters. Raises `ValueError` for any text that `encode` does not make."""
    value = base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
    if encode(value) != letters:
        raise ValueError("not what base 32 makes of bytes")
    return value
