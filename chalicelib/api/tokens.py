"""`/v1/tokens`: access tokens, each shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.model.account import AccessToken, Scope
from chalicelib.model.texts import Id, Name
from chalicelib.settings import tokens

Scopes = Annotated[
    tuple[Scope, ...],
    Meta(
        min_length=1, max_length=3, description="What the token is good for: admin includes write, write includes read."
    ),
]


class TokenRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A new token, of the caller or, for admins, of the user named; without `expires_at` it lives for 90 days. It may
    not do more than the token that it is made with."""

    name: Name
    scopes: Scopes = (Scope.READ,)
    user_id: Id | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class TokenAnswer(Struct, frozen=True, kw_only=True):
    """A token, without the token itself."""

    id: str
    name: str
    user_id: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str


class NewTokenAnswer(TokenAnswer, frozen=True, kw_only=True):
    """A new token. `token` is shown this once; only its hash is kept."""

    token: Annotated[str, Meta(examples=["pf_6vztrm3ivbtr2tnrzbn2hxlxjwbbjgmcuymozqf7lbl3c5yo3w2a"])]


def shape(token: AccessToken) -> TokenAnswer:
    """A token in the shape of the API."""
    return TokenAnswer(
        id=token.id,
        name=token.name,
        user_id=token.user_id,
        scopes=token.scopes,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )


def shape_new(secret: str, token: AccessToken) -> NewTokenAnswer:
    """A token that was just made, with the token itself."""
    return NewTokenAnswer(**asdict(shape(token)), token=secret)


def list_tokens(call: Call) -> Listing[TokenAnswer]:
    """The tokens of the account, newest first; the caller's own alone, unless they are an admin."""
    query: Paging = call.query
    return listing(tokens.page(call.caller, limit=query.limit, cursor=query.cursor), shape)


def get_token(call: Call) -> TokenAnswer:
    """One token, without the token itself."""
    return shape(tokens.token_for(call.caller, call.path["token_id"]))


def add_token(call: Call) -> Answered:
    """A new token, shown this once."""
    told: TokenRequest = call.body
    secret, token = tokens.issue(
        call.caller,
        call.request,
        user_id=told.user_id,
        name=told.name,
        scopes=told.scopes,
        expires_at=told.expires_at or call.now + tokens.USUAL_LIFE,
        now=call.now,
    )
    return Answered(shape_new(secret, token), location=f"/v1/tokens/{token.id}")


def delete_token(call: Call) -> None:
    """Revoked from the next request on."""
    tokens.revoke(call.caller, call.path["token_id"], call.now)
