"""Access tokens, found by the SHA-256 of what the caller sends; the token itself is nowhere stored.

A token's id is its digest in base 32: a revocation needs no search, and who reads the id cannot make the token of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.model import base32
from chalicelib.model.account import AccessToken
from chalicelib.model.audit import AuditEntry
from chalicelib.model.entry import RequestKey
from chalicelib.model.page import Page
from chalicelib.storage import audit, idempotency, keys, table
from chalicelib.storage.tables import Row, TokenRow

PREFIX = "tok_"
FORGOTTEN_AFTER = timedelta(days=30)  # an expired token stays listed for so long


def token_id_of(digest: str) -> str:
    """The id of the token with this hexadecimal SHA-256."""
    return PREFIX + base32.encode(bytes.fromhex(digest))


def locate_token(token_id: str) -> str:
    """The digest in a token's id. Raises `ValueError` for any text that `token_id_of` does not make."""
    digest = base32.decode(token_id.removeprefix(PREFIX)).hex()
    if token_id_of(digest) != token_id or len(digest) != 64:
        raise ValueError("not a token id")
    return digest


def token_row(token: AccessToken) -> TokenRow:
    """A token's row, which DynamoDB forgets some time after it has expired."""
    return table.to_row(
        TokenRow,
        keys.token(token.digest),
        token,
        list_pk=keys.list_of_tokens(token.account_id),
        list_sk=f"{token.created_at}#{token.id}",
        token_expires_at=token.expires_at,
        expires_at=datetime.fromisoformat(token.expires_at) + FORGOTTEN_AFTER,  # type: ignore[arg-type]
    )


def token_of(row: Row) -> AccessToken:
    """A token from its row."""
    return table.to_value(AccessToken, row, expires_at=getattr(row, "token_expires_at", None))


def find_token(digest: str) -> AccessToken | None:
    """The token with this digest, or None; consistent, so that a revocation holds from the next request on."""
    row = table.get(TokenRow, keys.token(digest), consistent=True)
    return token_of(row) if row else None


def add_token(token: AccessToken, noted: AuditEntry, request: RequestKey | None = None) -> None:
    """Store a new token, the audit log, and by which request; `LostRace` when that made one before."""
    writes = table.Transaction()
    writes.put(token_row(token))
    idempotency.note_made(writes, token.account_id, request, token.id, datetime.fromisoformat(token.created_at))
    audit.note(writes, noted)
    writes.commit("add a token")


def page_of_tokens(account_id: str, *, of_user: str | None, limit: int, cursor: str | None) -> Page[AccessToken]:
    """The tokens of an account, or of one of its users alone, newest first."""

    def read(row: Row) -> AccessToken | None:
        token = token_of(row)
        return token if of_user in (None, token.user_id) else None

    return table.page(table.BY_LIST, [keys.list_of_tokens(account_id)], limit=limit, cursor=cursor, read=read)


def remove_token(account_id: str, digest: str, noted: AuditEntry) -> None:
    """Revoke a token, and note it in the audit log; `LostRace` when this account has no such token."""
    writes = table.Transaction()
    writes.delete(TokenRow, keys.token(digest), TokenRow.account_id == account_id)
    audit.note(writes, noted)
    writes.commit("revoke a token")
