"""Who asks: what a token turned out to stand for."""

from __future__ import annotations

from msgspec import Struct

from .account import Account, Scope, User
from .inbox import Inbox


class Caller(Struct, frozen=True):
    """A user of an account, acting through a token. The account comes from the token alone.

    `inbox` is the one that the request's path names, read together with the user; nothing says that it may be seen.
    """

    account: Account
    user: User
    scopes: tuple[Scope, ...]
    token_id: str
    inbox: Inbox | None = None

    @property
    def account_id(self) -> str:
        """The account that every key of this request begins with."""
        return self.account.id

    def may(self, scope: Scope) -> bool:
        """Whether the token is good for `scope`: admin includes write, write includes read."""
        ladder = list(Scope)
        return max((ladder.index(each) for each in self.scopes), default=-1) >= ladder.index(scope)
