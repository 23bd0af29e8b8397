"""That somebody was asked to work here, by mail."""

from __future__ import annotations

from msgspec import Struct


class Invitation(Struct, frozen=True):
    """An invitation that was not accepted yet. Only the SHA-256 of its token is kept; it is used once."""

    account_id: str
    user_id: str
    id: str
    digest: str
    created_at: str
    expires_at: str
