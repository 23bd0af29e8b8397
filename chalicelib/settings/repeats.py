"""Requests that come again with the same `Idempotency-Key`: known by the key, held to be the same request."""

from __future__ import annotations

from datetime import datetime

from chalicelib.errors import Conflict, LostRace
from chalicelib.model.caller import Caller
from chalicelib.model.entry import RequestKey
from chalicelib.storage import idempotency


def claim(caller: Caller, key: str, fingerprint: str, now: datetime) -> RequestKey:
    """The caller's key, with what the same request made before. `Conflict` when another request came with it."""
    try:
        return idempotency.claim(caller.account_id, RequestKey(caller.user.id, key, fingerprint), now)
    except LostRace as error:
        raise Conflict(
            "The Idempotency-Key came with another request before. Send a new key with each new request.",
            code="idempotency_key_reused",
        ) from error
