"""Who asks: `Authorization: Bearer <token>` (RFC 6750 §2.1), two reads, and one gate for scope and role.

Today a bearer is an access token of `settings/tokens.py`. An OIDC JWT (three parts with dots) is the other kind there
is room for: it needs one more branch in `authenticate`, which ends in the same `Caller`.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from chalicelib.errors import Forbidden, Unauthenticated
from chalicelib.model.account import Role, Scope
from chalicelib.model.caller import Caller
from chalicelib.settings.tokens import caller_of

BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]{1,500}) *", re.IGNORECASE)


class Permission(StrEnum):
    """What a route asks of a token and its user. What may be done in an inbox is asked of `conversations/access.py`."""

    PUBLIC = "public"
    READ = "read"
    WRITE = "write"
    READ_AS_ADMIN = "read_as_admin"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


PUBLIC, READ, WRITE = Permission.PUBLIC, Permission.READ, Permission.WRITE
READ_AS_ADMIN, ADMIN, SUPER_ADMIN = Permission.READ_AS_ADMIN, Permission.ADMIN, Permission.SUPER_ADMIN

NEEDS: dict[Permission, tuple[Scope, frozenset[Role]]] = {
    Permission.READ: (Scope.READ, frozenset(Role)),
    Permission.WRITE: (Scope.WRITE, frozenset(Role)),
    Permission.READ_AS_ADMIN: (Scope.READ, frozenset(role for role in Role if role.is_admin)),
    Permission.ADMIN: (Scope.ADMIN, frozenset(role for role in Role if role.is_admin)),
    Permission.SUPER_ADMIN: (Scope.ADMIN, frozenset({Role.SUPER_ADMIN})),
}


def authenticate(header: str | None, inbox_id: str | None, now: datetime) -> Caller:
    """The caller behind an `Authorization` header, with the inbox that the path names.

    Raises `Unauthenticated`, which does not tell apart unknown, expired and revoked tokens and removed users.
    """
    if header is None:
        raise Unauthenticated("This needs a token: Authorization: Bearer <token>.")
    bearer = BEARER.fullmatch(header.strip())
    if bearer is None:
        raise Unauthenticated("The Authorization header is not of the form: Bearer <token>.")
    caller = caller_of(bearer.group(1), inbox_id, now)
    if caller is None:
        raise Unauthenticated("The token does not hold: it is unknown, expired or revoked, or its user is gone.")
    return caller


def require(permission: Permission, caller: Caller) -> None:
    """Raise `Forbidden` unless token and user are good for a route's permission."""
    scope, roles = NEEDS[permission]
    if not caller.may(scope):
        raise Forbidden(f"This needs a token with the scope {scope.value}.", code="needs_scope")
    if caller.user.role not in roles:
        named = " or ".join(sorted(role.value for role in roles))
        raise Forbidden(f"This needs a user with the role {named}.", code="needs_role")
