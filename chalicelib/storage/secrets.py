"""Keys that sign, from Secrets Manager: fetched once in the life of a process, never logged, never stored."""

from __future__ import annotations

from functools import lru_cache

from chalicelib.config import config
from chalicelib.errors import PermanentFault
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated


@lru_cache(maxsize=1)
def signing_key() -> bytes:
    """The key of every HMAC. Raises `PermanentFault` when it is missing or too short to be one."""
    with translated("read the signing key"):
        secret: str = client("secretsmanager").get_secret_value(SecretId=config().signing_secret_id)["SecretString"]
    if len(secret) < 32:  # an empty secret must never match (FreeScout CVE-2026-27637)
        raise PermanentFault("the signing key is shorter than 32 characters")
    return secret.encode()
