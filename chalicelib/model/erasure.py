"""What is left of an erased contact: a certificate, which names nobody."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from msgspec import Struct


class ErasureStatus(StrEnum):
    """Erasing: out of sight, but not all of it gone. Erased: a look some minutes later found nothing more."""

    ERASING = "erasing"
    ERASED = "erased"


class ErasedCounts(Struct, frozen=True):
    """How much was erased. `messages` are those of its conversations and those it wrote in others."""

    conversations: int = 0
    messages: int = 0
    tickets: int = 0
    raw_mails: int = 0
    objects: int = 0
    deliveries: int = 0

    def __add__(self, other: ErasedCounts) -> ErasedCounts:
        return ErasedCounts(
            self.conversations + other.conversations,
            self.messages + other.messages,
            self.tickets + other.tickets,
            self.raw_mails + other.raw_mails,
            self.objects + other.objects,
            self.deliveries + other.deliveries,
        )


class Certificate(Struct, frozen=True):
    """That a contact is being or was erased: when, by whom, how much. Ids and addresses stand in it as digests alone.

    `contact_id` is there while it lasts. `looked_through`: every delivery was looked at; before, `position` says where
    that goes on.
    """

    account_id: str
    id: str
    status: ErasureStatus
    contact_digest: str
    address_digests: tuple[str, ...]
    asked_by: str
    token_id: str
    created_at: str
    contact_id: str | None = None
    erased_at: str | None = None
    counts: ErasedCounts = ErasedCounts()
    looked_through: bool = False
    position: str | None = None


def certified_digest(certificate_id: str, text: str) -> str:
    """How an id or an address (in any case) stands in a certificate: SHA-256 over the certificate's id, a zero byte,
    and the text in lower case. Whoever has the address can show that it was erased; nobody can look up who was.
    """
    return hashlib.sha256(f"{certificate_id}\0{text.lower()}".encode("utf-8", "surrogatepass")).hexdigest()
