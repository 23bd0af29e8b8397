"""That automatic mail leaves an address alone, since mail to it came back for good or was complained about."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from .conversation import Reason

PREFIX = "sup_"


class Suppression(Struct, frozen=True):
    """One suppressed address (as it is kept) of an account. `message_id`: the answer that told, if it was one."""

    account_id: str
    id: str
    address: str
    because: Reason
    created_at: str
    message_id: str | None = None


def suppression_id(address: str) -> str:
    """The id of an address's suppression, found without an index: the same for the same address, as it is kept."""
    return PREFIX + hashlib.sha256(address.lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
