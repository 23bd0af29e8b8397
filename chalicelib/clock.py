"""Time and identity at the edge: decisions take both as arguments.

Ids are 80 bits in lower-case base 32 (16 characters) behind a prefix that names the kind, so that they survive where
case is lost (mail addresses) and tell a reader what they are.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time, and lets it pass."""

    def now(self) -> datetime:
        """The present, with time zone."""

    def sleep(self, seconds: float) -> None:
        """Come back when so many seconds have passed."""


class _World:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


_running: Clock = _World()


def now() -> datetime:
    """The present, with time zone."""
    return _running.now()


def sleep(seconds: float) -> None:
    """Come back when so many seconds have passed."""
    _running.sleep(seconds)


@contextmanager
def running(on: Clock) -> Iterator[None]:
    """Take the time from another clock meanwhile: hours of sending are simulated in seconds (bench/sending.py)."""
    global _running
    before, _running = _running, on
    try:
        yield
    finally:
        _running = before


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
