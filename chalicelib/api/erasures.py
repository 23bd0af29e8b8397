"""`DELETE /v1/contacts/{id}` and `/v1/erasures`: contacts erased for good, and the certificates of it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.clock import deadline
from chalicelib.contacts import erasure
from chalicelib.model.erasure import Certificate, ErasedCounts, ErasureStatus

ERASING_SECONDS = 10.0  # what a request takes at most; the sweep does the rest


class ErasureAnswer(Struct, frozen=True, kw_only=True):
    """What was erased of a contact. `erasing`: out of sight, and the rest goes within minutes; then `erased`.

    A digest is the SHA-256, in hexadecimal, of this id, a zero byte, and the contact's id or address in lower case.
    """

    id: str
    status: ErasureStatus
    contact_digest: str
    address_digests: tuple[str, ...]
    asked_by: Annotated[str, Meta(description="The user who asked for it.")]
    token_id: str
    asked_at: str
    erased_at: str | None
    counts: ErasedCounts


def shape(certificate: Certificate) -> ErasureAnswer:
    """A certificate in the shape of the API."""
    return ErasureAnswer(
        id=certificate.id,
        status=certificate.status,
        contact_digest=certificate.contact_digest,
        address_digests=certificate.address_digests,
        asked_by=certificate.asked_by,
        token_id=certificate.token_id,
        asked_at=certificate.created_at,
        erased_at=certificate.erased_at,
        counts=certificate.counts,
    )


def erase_contact(call: Call) -> Answered:
    """Everything of a contact goes for good; asked again, the same certificate."""
    until = deadline(ERASING_SECONDS)
    certificate = erasure.erase(call.caller, call.path["contact_id"], until, call.now)
    return Answered(shape(certificate), location=f"/v1/erasures/{certificate.id}")


def list_erasures(call: Call) -> Listing[ErasureAnswer]:
    """The account's certificates, newest first; running ones are not counted yet."""
    query: Paging = call.query
    return listing(erasure.page(call.caller, limit=query.limit, cursor=query.cursor), shape)


def get_erasure(call: Call) -> ErasureAnswer:
    """One certificate, with what is counted by now."""
    return shape(erasure.certificate_for(call.caller, call.path["erasure_id"]))
