"""Requests with an `Idempotency-Key`: one small row says which request a user's key belongs to, and what it made.

A key belongs to the first request it came with, whatever became of that one. Ids of what a request makes are derived
from the key (`api/requests.py: id_for`), so that most creates need no more than this row's fingerprint; `made` is for
what cannot have such an id, and is written in the transaction that makes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace
from pynamodb.expressions.update import Action

from chalicelib.model.entry import RequestKey
from chalicelib.storage import keys, table
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import IdempotencyRow

REMEMBERED = timedelta(days=2)  # how long a repeated request is recognised, at least


def claim(account_id: str, request: RequestKey, now: datetime) -> RequestKey:
    """Take the key for this request; the request with what it made already, if it is a repeat. One write, no read.

    `LostRace` when the key came with another request before.
    """
    row = IdempotencyRow(*keys.request(account_id, request.user_id, request.key))
    is_ours = table.ABSENT | (IdempotencyRow.fingerprint == request.fingerprint)
    with translated("claim an idempotency key"):
        row.update(_remembering(account_id, request, now), condition=is_ours)
    return replace(request, made=row.made)


def find_made(account_id: str, request: RequestKey) -> str | None:
    """The id of what the request made by now, for who lost a race against its repeat."""
    row = table.get(IdempotencyRow, keys.request(account_id, request.user_id, request.key), consistent=True)
    return row.made if row else None


def note_made(writes: table.Transaction, account_id: str, request: RequestKey | None, made: str, now: datetime) -> None:
    """Say what the request made, in the transaction that makes it, which fails when it made something before.

    Nothing for a request without a key.
    """
    if request is None:
        return
    key = keys.request(account_id, request.user_id, request.key)
    actions = [*_remembering(account_id, request, now), IdempotencyRow.made.set(made)]
    writes.update(IdempotencyRow, key, actions, IdempotencyRow.made.does_not_exist())


def _remembering(account_id: str, request: RequestKey, now: datetime) -> list[Action]:
    return [
        IdempotencyRow.kind.set(IdempotencyRow),  # the first update makes the row
        IdempotencyRow.account_id.set(account_id),
        IdempotencyRow.fingerprint.set(request.fingerprint),
        IdempotencyRow.expires_at.set(now + REMEMBERED),
    ]
