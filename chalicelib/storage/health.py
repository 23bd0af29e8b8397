"""What is observed of channels: the present state, its history, and the copy of the status that is with the channel.

The state has a row and a version of its own, so that observing never collides with an admin who saves settings. All
channels of an installation are listed in `channel_keys.observed_lists()`, for the scheduled run alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from chalicelib import log
from chalicelib.errors import Fault, LostRace
from chalicelib.model.health import ChannelHealth, HealthChange, ObservedStatus
from chalicelib.model.inbox import Channel
from chalicelib.model.page import Page
from chalicelib.storage import channel_keys, keys, table
from chalicelib.storage.inboxes import channel_of
from chalicelib.storage.tables import ChannelRow, HealthChangeRow, HealthRow, Row

MOST_WRITES = 100  # items of one TransactWriteItems


class HealthUpdate(Struct, frozen=True):
    """What becomes of one channel's state; `before` None: it was never observed."""

    before: ChannelHealth | None
    after: ChannelHealth
    changes: tuple[HealthChange, ...] = ()


def get_health(account_id: str, channel_id: str) -> ChannelHealth | None:
    """What was last observed of a channel, or None: it was never looked at."""
    row = table.get(HealthRow, channel_keys.channel_health(account_id, channel_id), consistent=True)
    return table.to_value(ChannelHealth, row) if row else None


def get_many(channels: Sequence[Channel]) -> dict[str, ChannelHealth]:
    """The same of up to 100 channels, by the channel's id; one request. Ids are unique across accounts."""
    wanted = [channel_keys.channel_health(each.account_id, each.id) for each in channels]
    rows = table.get_many(wanted, consistent=True)
    found = (table.to_value(ChannelHealth, row) for row in rows.values() if isinstance(row, HealthRow))
    return {each.channel_id: each for each in found}


def put_health(before: ChannelHealth | None, after: ChannelHealth, changes: Sequence[HealthChange] = ()) -> None:
    """Write what was observed, with what changed by it. `LostRace` when the stored version is not that of `before`."""
    writes = table.Transaction()
    _add(writes, HealthUpdate(before, after, tuple(changes)))
    writes.commit("note what was observed of a channel")


def put_all(updates: Sequence[HealthUpdate]) -> list[HealthUpdate]:
    """Write many, up to a hundred items in a request; return those that could not be written.

    Where a transaction fails, each of its channels is tried alone: one fault stays with its channel.
    """
    failed: list[HealthUpdate] = []
    for batch in _batches(updates):
        writes = table.Transaction()
        for update in batch:
            _add(writes, update)
        try:
            writes.commit("note what was observed of channels")
        except Fault:
            failed += _one_by_one(batch)
    return failed


def _batches(updates: Sequence[HealthUpdate]) -> list[list[HealthUpdate]]:
    batches: list[list[HealthUpdate]] = []
    room = 0
    for update in updates:
        size = 2 + len(update.changes)
        if size > room:
            batches.append([])
            room = MOST_WRITES
        batches[-1].append(update)
        room -= size
    return batches


def _one_by_one(batch: Sequence[HealthUpdate]) -> list[HealthUpdate]:
    failed = []
    for update in batch:
        try:
            put_health(update.before, update.after, update.changes)
        except LostRace:  # somebody observed it just now
            failed.append(update)
        except Fault as error:
            log.error("health_not_noted", error, channel=update.after.channel_id)
            failed.append(update)
    return failed


def _add(writes: table.Transaction, update: HealthUpdate) -> None:
    before, after = update.before, update.after
    unchanged = table.ABSENT if before is None else HealthRow.version == before.version
    writes.put(
        table.to_row(HealthRow, channel_keys.channel_health(after.account_id, after.channel_id), after), unchanged
    )
    for change in update.changes:
        key = channel_keys.health_change(change.account_id, change.channel_id, change.at, change.direction)
        writes.put(table.to_row(HealthChangeRow, key, change), None)
    shown = observed_status(after)
    if before is None or observed_status(before) != shown:
        channel = keys.channel(after.account_id, after.channel_id)
        # Without the channel's version: an admin's save meanwhile is none of ours, nor this any of theirs.
        writes.update(ChannelRow, channel, [ChannelRow.observed.set(msgspec.to_builtins(shown))])


def observed_status(health: ChannelHealth) -> ObservedStatus:
    """The copy that stands with the channel."""
    return ObservedStatus(health.incoming.status, health.outgoing.status)


def page_of_history(
    account_id: str, channel_id: str, years: Sequence[int], *, limit: int, cursor: str | None
) -> Page[HealthChange]:
    """What became of a channel's status in these years, which are given newest first; newest first."""
    return table.page(
        table.TABLE,
        [channel_keys.health_history(account_id, channel_id, year) for year in years],
        limit=limit,
        cursor=cursor,
        read=lambda row: table.to_value(HealthChange, row),
    )


def page_of_channels(number: int, *, limit: int, cursor: str | None) -> Page[Channel]:
    """The channels of one of `channel_keys.observed_lists()`, of all accounts; one request a page."""
    return table.page(
        table.BY_PERSON,
        [channel_keys.observed_lists()[number]],
        limit=limit,
        cursor=cursor,
        read=_as_channel,
        newest_first=False,
    )


def _as_channel(row: Row) -> Channel | None:
    return channel_of(row) if isinstance(row, ChannelRow) else None
