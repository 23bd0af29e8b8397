"""The keys of every HMAC, as the secret holds them: one that signs, and those whose signatures still hold. Pure.

Format: the key itself, as it was made when the stack was, or JSON: `{"keys": [{"key": …, "signs_from": …}, …]}`. A key
signs from its time on until a later one does, and is believed before that too: functions read the secret every few
minutes, not all at once, and none must meet a signature whose key it does not know yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

SHORTEST = 32  # characters; an empty key must never match (FreeScout CVE-2026-27637)
BEGINNING = "2000-01-01T00:00:00.000Z"
NOTICE = timedelta(minutes=10)  # until a new key signs: longer than functions keep what they have read
BELIEVED_FOR = timedelta(days=401)  # after it last signed: as long as what it signed is good for


class SigningKey(Struct, frozen=True):
    """One key; `signs_from` is ISO 8601 in UTC with milliseconds."""

    key: str
    signs_from: str = BEGINNING


class _Secret(Struct, frozen=True):
    keys: tuple[SigningKey, ...]


def read_keys(secret: str) -> tuple[SigningKey, ...]:
    """The keys of a secret, the one that begins last first. `ValueError` when one is too short, or there is none."""
    keys = msgspec.json.decode(secret, type=_Secret).keys if secret.startswith("{") else (SigningKey(secret),)
    if not keys or any(len(each.key) < SHORTEST for each in keys):
        raise ValueError(f"a signing key is missing, or shorter than {SHORTEST} characters")
    return tuple(sorted(keys, key=lambda each: each.signs_from, reverse=True))


def in_order(keys: tuple[SigningKey, ...], now: str) -> tuple[bytes, ...]:
    """The key that signs now, and after it the others that are believed."""
    signs = next((each for each in keys if each.signs_from <= now), keys[-1])
    return tuple(each.key.encode() for each in (signs, *(each for each in keys if each is not signs)))


def rotated(secret: str, new_key: str, now: datetime) -> str:
    """The secret with a further key, which signs soon, and without those that nothing good is signed with any more."""
    keys = (SigningKey(new_key, _stamp(now + NOTICE)), *read_keys(secret))
    kept = [keys[0]]
    for key, successor in zip(keys[1:], keys, strict=False):
        if successor.signs_from > _stamp(now - BELIEVED_FOR):
            kept.append(key)
    return msgspec.json.encode(_Secret(tuple(kept))).decode()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
