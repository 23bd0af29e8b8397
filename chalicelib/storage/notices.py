"""Automatic mail to colleagues on its way (`model/notice.py`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import SendingStatus
from chalicelib.model.limits import Spending
from chalicelib.model.notice import Notice
from chalicelib.storage import automatic_keys, keys, limits, table
from chalicelib.storage.tables import NoticeRow
from chalicelib.storage.updates import set_or_remove

KEPT = timedelta(days=30)
UNSENT = frozenset({SendingStatus.QUEUED, SendingStatus.SENDING})


def add(notice: Notice, spendings: Sequence[Spending], now: datetime) -> None:
    """Write a notice that is to be sent, and what it takes of the limits: both or neither.

    `LostRace` when it is there already, or a limit is reached.
    """
    writes = table.Transaction()
    writes.put(_row(notice, now))
    limits.spend(writes, spendings, now)
    writes.commit("add a notice", hashlib.sha256(msgspec.msgpack.encode([notice, spendings])).hexdigest()[:36])


def find(account_id: str, notice_id: str) -> Notice | None:
    """A notice as it is now, or None: there is none, or it was long ago."""
    row = table.get(NoticeRow, automatic_keys.notice(account_id, notice_id), consistent=True)
    return table.to_value(Notice, row) if row else None


def advance(before: Notice, after: Notice) -> None:
    """Write how far a notice got, and at its end forget its words; `LostRace` when it is not `before` any more."""
    listed = _listed(after)
    actions: list[Action] = [
        NoticeRow.status.set(after.status.value),
        NoticeRow.due_at.set(after.due_at),
        NoticeRow.attempts.set(after.attempts),
        NoticeRow.version.set(after.version),
    ]
    if after.status not in UNSENT:  # it may hold what a customer wrote, who may be erased while the row is kept
        actions += [NoticeRow.subject.set(""), NoticeRow.text.set("")]
    for attribute, value in (
        (NoticeRow.leased_until, after.leased_until),
        (NoticeRow.because, msgspec.to_builtins(after.because)),
        (NoticeRow.ses_id, after.ses_id),
        (NoticeRow.list_pk, listed.get("list_pk")),
        (NoticeRow.list_sk, listed.get("list_sk")),
    ):
        actions.append(set_or_remove(attribute, value))
    writes = table.Transaction()
    writes.update(
        NoticeRow, automatic_keys.notice(after.account_id, after.id), actions, NoticeRow.version == before.version
    )
    writes.commit("note the progress of a notice")


def _row(notice: Notice, now: datetime) -> NoticeRow:
    row = table.to_row(NoticeRow, automatic_keys.notice(notice.account_id, notice.id), notice, **_listed(notice))
    row.expires_at = now + KEPT
    return row


def _listed(notice: Notice) -> dict[str, str]:
    """The index keys by which the sweep finds what waits or is being sent."""
    if notice.status not in UNSENT:
        return {}
    due = notice.leased_until or notice.due_at
    return {"list_pk": keys.unsent(notice.id), "list_sk": keys.list_position(due, notice.id)}
