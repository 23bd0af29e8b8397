"""Time and identity at the edge: decisions take both as arguments.

Ids are 80 bits in lower-case base 32 (16 characters) behind a prefix that names the kind, so that they survive where
case is lost (mail addresses) and tell a reader what they are.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime


def now() -> datetime:
    """The present, with time zone."""
    return datetime.now(UTC)


def deadline(seconds: float) -> Callable[[], bool]:
    """What says whether so many seconds, counted from here, are over."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`: sorts as text in the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id(prefix: str) -> str:
    """A random id such as `usr_k5…`."""
    return f"{prefix}_{_base32(secrets.token_bytes(10))}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same id for the same parts: work that is done twice names its results alike."""
    return f"{prefix}_{_base32(hashlib.sha256(chr(0).join(parts).encode()).digest()[:10])}"


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().lower()
