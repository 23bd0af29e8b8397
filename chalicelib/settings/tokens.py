"""Access tokens: everybody makes, lists and revokes their own, admins also those of others.

Format: `pf_` + 32 random bytes in lower-case base 32 (52 characters). Only the SHA-256 is kept: a fast hash suffices,
since 256 random bits cannot be guessed. A token never outlives a year, never does more than its user may do, and what
was made with it never more than it may do itself.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, Forbidden, LostRace, NotFound, Refused
from chalicelib.model import base32
from chalicelib.model.account import AccessToken, Role, Scope, User
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.credentials import digest_of
from chalicelib.model.entry import RequestKey
from chalicelib.model.page import Page
from chalicelib.storage import idempotency, people, tokens
from chalicelib.storage.callers import read_caller

PREFIX = "pf_"
USUAL_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
GONE = "There is no such token."


class TokenSettings(Struct, frozen=True):
    """What the audit log tells of a token."""

    name: str
    user_id: str
    scopes: tuple[Scope, ...]
    expires_at: str


def settings_of(token: AccessToken) -> TokenSettings:
    """What may be known of a token."""
    return TokenSettings(token.name, token.user_id, token.scopes, token.expires_at)


def new_secret() -> str:
    """A token that nobody knows yet."""
    return PREFIX + base32.encode(secrets.token_bytes(32))


def new_token(
    user: User, name: str, scopes: tuple[Scope, ...], *, secret: str, now: datetime, expires_at: datetime
) -> AccessToken:
    """The stored form of `secret` for a user. Pure."""
    told = digest_of(secret)
    return AccessToken(
        account_id=user.account_id,
        id=tokens.token_id_of(told),
        user_id=user.id,
        name=name,
        scopes=scopes,
        digest=told,
        created_at=stamp(now),
        expires_at=stamp(expires_at),
    )


def issue(
    caller: Caller,
    request: RequestKey | None = None,
    *,
    user_id: str | None,
    name: str,
    scopes: tuple[Scope, ...],
    expires_at: datetime,
    now: datetime,
) -> tuple[str, AccessToken]:
    """Make a token for the caller or another user: (the token, shown this once, what is stored of it).

    Nobody gets at more than one has: only admins make tokens of others, only super admins those of super admins, and
    no token makes one that may do more. The same request again is a `Conflict`: what is shown once cannot be shown
    again.
    """
    if user_id not in (None, caller.user.id) and not _administers(caller):
        raise Forbidden("Only admins make tokens of others, with a token of the scope admin.", code="needs_admin")
    beyond = next((each for each in scopes if not caller.may(each)), None)
    if beyond is not None:
        raise Forbidden(f"A token with the scope {beyond.value} is made with one that has it.", code="needs_scope")
    if request is not None and request.made is not None:
        raise _made_before(request.made)
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Refused("A token expires within a year, and not in the past.", pointer="/expires_at")
    user = caller.user if user_id in (None, caller.user.id) else people.get_user(caller.account_id, str(user_id))
    if user is None:
        raise Refused(f"There is no user {user_id}.", pointer="/user_id", code="no_such_user")
    if user.role is Role.SUPER_ADMIN and caller.user.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only super admins make tokens of super admins.", code="needs_super_admin")
    secret = new_secret()
    token = new_token(user, name, scopes, secret=secret, now=now, expires_at=expires_at)
    try:
        tokens.add_token(
            token, audited(caller, "token.made", token.id, None, settings_of(token), token.created_at), request
        )
    except LostRace as error:
        made = None if request is None else idempotency.find_made(caller.account_id, request)
        if made is None:
            raise
        raise _made_before(made) from error
    return secret, token


def _administers(caller: Caller) -> bool:
    """Whether the caller may do with tokens of others what admins do."""
    return caller.user.role.is_admin and caller.may(Scope.ADMIN)


def _made_before(token_id: str) -> Conflict:
    return Conflict(
        f"This request made the token {token_id} before, and it was shown then. If it is lost, revoke it and make "
        "another one with a new Idempotency-Key.",
        code="made_before",
    )


def caller_of(secret: str, inbox_id: str | None, now: datetime) -> Caller | None:
    """Whom a token stands for, with the inbox that the request names; None when it does not hold.

    It does not when it is unknown, expired or revoked, or when its user is gone: all from the next request on.
    """
    if not secret.startswith(PREFIX):
        return None
    told = digest_of(secret)
    token = tokens.find_token(told)
    if token is None or not hmac.compare_digest(token.digest, told):
        return None
    if datetime.fromisoformat(token.expires_at) <= now:
        return None
    return read_caller(token, inbox_id)


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[AccessToken]:
    """The account's tokens, newest first, without the tokens themselves; who is no admin sees their own."""
    of_user = None if caller.user.role.is_admin else caller.user.id
    return tokens.page_of_tokens(caller.account_id, of_user=of_user, limit=limit, cursor=cursor)


def token_for(caller: Caller, token_id: str) -> AccessToken:
    """A token of the account, whether it still holds or not.

    `NotFound` when there is none, and for who is no admin, when it is another's.
    """
    try:
        token = tokens.find_token(tokens.locate_token(token_id))
    except ValueError as error:
        raise NotFound(GONE) from error
    if token is None or token.account_id != caller.account_id:
        raise NotFound(GONE)
    if token.user_id != caller.user.id and not caller.user.role.is_admin:
        raise NotFound(GONE)
    return token


def revoke(caller: Caller, token_id: str, now: datetime) -> None:
    """Make a token worthless from the next request on. `NotFound` when there is none (any more).

    `Forbidden` for a super admin's, unless the caller is one, too: else whoever has account access locks them out.
    """
    token = token_for(caller, token_id)
    if token.user_id != caller.user.id and not _administers(caller):
        raise Forbidden("Tokens of others are revoked with a token of the scope admin.", code="needs_scope")
    user = people.get_user(caller.account_id, token.user_id, consistent=True)
    if user is not None and user.role is Role.SUPER_ADMIN and caller.user.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only super admins revoke tokens of super admins.", code="needs_super_admin")
    noted = audited(caller, "token.revoked", token.id, settings_of(token), None, stamp(now))
    try:
        tokens.remove_token(caller.account_id, token.digest, noted)
    except LostRace as error:
        raise NotFound(GONE) from error
