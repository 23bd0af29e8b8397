"""That somebody who asks to send from an address reads its mail (S36)."""

from __future__ import annotations

from msgspec import Struct


class AddressProof(Struct, frozen=True):
    """A proof that was asked for and not given yet. Only the SHA-256 of its token is kept; it is used once."""

    account_id: str
    channel_id: str
    id: str
    address: str
    digest: str
    created_at: str
    expires_at: str
