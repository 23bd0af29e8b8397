"""Somebody who calls the API over HTTP: through Chalice's test client, which goes the way of a request in Lambda."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from chalice import Chalice
from chalice.test import Client
from msgspec import Struct

from chalicelib import clock
from chalicelib.api.routes import register
from chalicelib.model.account import Scope, User
from chalicelib.model.audit import AuditEntry
from chalicelib.settings.tokens import new_secret, new_token
from chalicelib.storage import tokens
from tests.post.office import Office

app = Chalice(app_name="postfach")
register(app)
HTTP = Client(app).http


class Reply(Struct, frozen=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.json["code"])


class Visitor:
    """A caller with a token, or without one."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request. `body` is sent as JSON; `if_match="…"` becomes the header."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("authorization", f"Bearer {self.token}")
        raw = b""
        if isinstance(body, bytes):
            raw = body
        elif body is not None:
            raw = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        answer = HTTP.request(method, path, headers=sent, body=raw)
        return Reply(answer.status_code, dict(answer.headers), answer.body.decode())

    def get(self, path: str, **headers: str) -> Reply:
        """GET."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        """POST."""
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Reply:
        """PATCH, whatever the stored version, unless `if_match` is given."""
        return self.send("PATCH", path, body, **{"if_match": "*", **headers})

    def delete(self, path: str, **headers: str) -> Reply:
        """DELETE."""
        return self.send("DELETE", path, **headers)

    def items(self, path: str) -> list[Any]:
        """The first page of a list."""
        reply = self.get(path)
        assert reply.status == 200, reply.text
        return list(reply.json["items"])


def visitor_for(user: User, *scopes: Scope) -> Visitor:
    """A visitor with a fresh token of a user, good for everything unless scopes are named."""
    secret, now = new_secret(), clock.now()
    scopes = scopes or (Scope.READ, Scope.WRITE, Scope.ADMIN)
    token = new_token(user, "test", scopes, secret=secret, now=now, expires_at=now + timedelta(days=1))
    tokens.add_token(token, AuditEntry(user.account_id, token.created_at, "token.made", token.id, None, None))
    return Visitor(secret)


def admin_of(office: Office) -> Visitor:
    """The super admin whom the account began with."""
    return visitor_for(office.user(office.admin_id))
