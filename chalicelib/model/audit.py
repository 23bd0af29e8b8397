"""The audit log's words: who changed which setting, when, from what to what."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .caller import Caller


class AuditEntry(Struct, frozen=True):
    """One change. `action` is a thing and what happened to it (`inbox.changed`); `before` and `after` hold only the
    fields that differ, None for what was not there before or is not any more. Secrets are never among them.
    `user_id` and `token_id` are None where nobody signed in: whoever hands in a mailed code.
    """

    account_id: str
    at: str
    action: str
    subject_id: str
    user_id: str | None
    token_id: str | None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def audited(
    caller: Caller, action: str, subject_id: str, before: Struct | None, after: Struct | None, at: str
) -> AuditEntry:
    """The entry for a change by `caller` from one settings value to another (None: added, or removed). Pure."""
    noted = noticed(caller.account_id, action, subject_id, before, after, at)
    return replace(noted, user_id=caller.user.id, token_id=caller.token_id)


def noticed(
    account_id: str, action: str, subject_id: str, before: Struct | None, after: Struct | None, at: str
) -> AuditEntry:
    """The same for a change that nobody who signed in made. Pure."""
    old = None if before is None else msgspec.to_builtins(before)
    new = None if after is None else msgspec.to_builtins(after)
    if old is not None and new is not None:
        differing = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        old, new = _only(old, differing), _only(new, differing)
    return AuditEntry(account_id, at, action, subject_id, None, None, old, new)


def _only(fields: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}
