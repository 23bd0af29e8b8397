"""Keys that sign, from Secrets Manager: fetched every few minutes at most, never logged, never stored."""

from __future__ import annotations

import time

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.errors import PermanentFault
from chalicelib.model.signing_keys import SigningKey, in_order, read_keys
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated

KEPT_SECONDS = 300.0  # shorter than a new key's notice (`model/signing_keys.py`)
_kept: dict[str, tuple[float, tuple[SigningKey, ...]]] = {}


def signing_key() -> bytes:
    """The key that signs. Raises `PermanentFault` when it is missing or too short to be one."""
    return signing_keys()[0]


def signing_keys() -> tuple[bytes, ...]:
    """The key that signs, and after it the others whose signatures hold: a check tries each."""
    name = config().signing_secret_id
    read_at, keys = _kept.get(name, (0.0, ()))
    if not keys or time.monotonic() - read_at > KEPT_SECONDS:
        with translated("read the signing keys"):
            secret: str = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        try:
            keys = read_keys(secret)
        except ValueError as error:  # msgspec's errors are ValueErrors; none may show the secret
            raise PermanentFault("the signing secret holds no key that can be used") from error
        _kept[name] = (time.monotonic(), keys)
    return in_order(keys, stamp(clock.now()))


def forget() -> None:
    """What a new process does not know yet."""
    _kept.clear()
