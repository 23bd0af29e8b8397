"""`/v1/suppressions`: addresses that automatic mail leaves alone, since mail came back or was complained about."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations.warnings import Warned
from chalicelib.model.suppression import Suppression
from chalicelib.settings import suppressions


class SuppressionAnswer(Struct, frozen=True, kw_only=True):
    """One address. Users may still write to it, and are warned."""

    id: str
    address: str
    because: str
    because_code: Annotated[str, Meta(description="`hard_bounce`, `suppressed` (by SES), `complaint`.")]
    message_id: Annotated[str, Meta(description="The answer that told, if it was one.")] | None
    created_at: str


class WarningAnswer(Struct, frozen=True, kw_only=True):
    """That mail to an address came back, or was complained about: what leaves may not arrive, or be unwelcome."""

    address: str
    because: str
    because_code: str


def shape(suppression: Suppression) -> SuppressionAnswer:
    """A suppression in the shape of the API."""
    return SuppressionAnswer(
        id=suppression.id,
        address=suppression.address,
        because=suppression.because.text,
        because_code=suppression.because.code,
        message_id=suppression.message_id,
        created_at=suppression.created_at,
    )


def shape_warning(warned: Warned) -> WarningAnswer:
    """A warning in the shape of the API."""
    return WarningAnswer(address=warned.address, because=warned.text, because_code=warned.code)


def list_suppressions(call: Call) -> Listing[SuppressionAnswer]:
    """The suppressed addresses of the account, newest first."""
    query: Paging = call.query
    return listing(suppressions.page(call.caller, limit=query.limit, cursor=query.cursor), shape)


def delete_suppression(call: Call) -> None:
    """Automatic mail may go there again."""
    suppressions.lift(call.caller, call.path["suppression_id"], call.now)
