"""`/v1/audit`: who changed which setting, when, from what to what."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.model.audit import AuditEntry
from chalicelib.model.texts import Id
from chalicelib.settings import audit_log

Action = Annotated[
    str,
    Meta(
        pattern="^[a-z_.]+$",
        max_length=100,
        description="A thing and what happened to it (`channel.changed`), or the thing alone (`channel`).",
        examples=["channel.changed"],
    ),
]
Fields = Annotated[
    dict[str, Any],
    Meta(description="The fields that differ; null: was not there, or is not any more.", examples=[{"name": "Sales"}]),
]


class AuditQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which entries: all that match everything named."""

    user_id: Annotated[Id, Meta(description="Who changed something.")] | None = None
    subject_id: Annotated[Id, Meta(description="What was changed: the id of a user, an inbox, a channel …")] | None = (
        None
    )
    action: Action | None = None


class AuditAnswer(Struct, frozen=True, kw_only=True):
    """One change of a setting. Who made it is null where a mailed code was handed in, which needs no token."""

    at: str
    action: Action
    subject_id: str
    user_id: str | None
    token_id: str | None
    before: Fields | None
    after: Fields | None


def list_audit(call: Call) -> Listing[AuditAnswer]:
    """The changes of settings in the account, newest first. They are kept as long as the account is."""
    query: AuditQuery = call.query
    asked = audit_log.Asked(query.user_id, query.subject_id, query.action)
    return listing(audit_log.page(call.caller, asked, call.now, limit=query.limit, cursor=query.cursor), _shape)


def _shape(entry: AuditEntry) -> AuditAnswer:
    return AuditAnswer(
        at=entry.at,
        action=entry.action,
        subject_id=entry.subject_id,
        user_id=entry.user_id,
        token_id=entry.token_id,
        before=entry.before,
        after=entry.after,
    )
