"""A user writes in the office's only conversation, over the API."""

from __future__ import annotations

from typing import Any

from tests.api.visitor import Reply, Visitor
from tests.post.office import Office


def write(visitor: Visitor, office: Office, /, **told: Any) -> Reply:
    """An answer, or what `told` makes of it; `key` is the request's idempotency key."""
    headers = {"idempotency_key": told.pop("key")} if "key" in told else {}
    body = {"type": "reply", "text": "It left us this morning.", **told}
    return visitor.post(f"/v1/conversations/{office.conversation().id}/messages", body, **headers)
