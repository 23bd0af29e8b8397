"""The last probe of each team address, and what left through each channel by the hour: what evidence is read from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace
from chalicelib.model.evidence import Traffic
from chalicelib.model.inbox import Channel
from chalicelib.model.limits import Spending
from chalicelib.model.probe import ProbeFate, ProbeState
from chalicelib.storage import channel_keys, limits, table
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import ProbeRow, TrafficRow

TRAFFIC_KEPT = timedelta(hours=6)
TRIES = 5


def get_probe(account_id: str, channel_id: str) -> ProbeState | None:
    """The last probe of a channel, or None."""
    row = table.get(ProbeRow, channel_keys.probe(account_id, channel_id), consistent=True)
    return table.to_value(ProbeState, row) if row else None


def get_many(channels: Sequence[Channel]) -> dict[str, ProbeState]:
    """The same of up to 100 channels, by the channel's id; one request, none for none."""
    rows = table.get_many([channel_keys.probe(each.account_id, each.id) for each in channels], consistent=True)
    found = (table.to_value(ProbeState, row) for row in rows.values() if isinstance(row, ProbeRow))
    return {each.channel_id: each for each in found}


def put_probe(
    before: ProbeState | None, after: ProbeState, spendings: Sequence[Spending] = (), now: datetime | None = None
) -> None:
    """Write the row of a probe, and what its mail takes of the limits at `now`.

    `LostRace` when the stored one is not `before` any more, or a limit is reached.
    """
    writes = table.Transaction()
    unchanged = table.ABSENT if before is None else ProbeRow.version == before.version
    writes.put(table.to_row(ProbeRow, channel_keys.probe(after.account_id, after.channel_id), after), unchanged)
    if now is not None:
        limits.spend(writes, spendings, now)
    writes.commit("begin a probe")


def note_fate(
    account_id: str, channel_id: str, probe_id: str, fate: ProbeFate, at: str, changed: Sequence[str] = ()
) -> bool:
    """Note what became of a probe, the first time that it did; False when a newer one was sent meanwhile."""
    for attempt in range(1, TRIES + 1):
        before = get_probe(account_id, channel_id)
        if before is None or before.probe_id != probe_id:
            return False
        if fate in before.fates:
            return True
        after = replace(
            before,
            fates={**before.fates, fate.value: at},
            changed=tuple(changed) or before.changed,
            version=before.version + 1,
        )
        if fate in (ProbeFate.RETURNED, ProbeFate.ALTERED):
            after = replace(after, missed=0, proven_at=before.proven_at or at)
        try:
            put_probe(before, after)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return True
    raise AssertionError("the last attempt returns or raises")


def count_outcome(account_id: str, channel_id: str, now: datetime, *, delivered: int, failed: int) -> None:
    """Count recipients that were reached or not, in this hour; told twice it counts twice, which a share bears."""
    row = TrafficRow(*channel_keys.traffic(account_id, channel_id, now.strftime("%Y-%m-%dT%H")))
    actions: list[Action] = [
        TrafficRow.kind.set(TrafficRow),
        TrafficRow.channel_id.set(channel_id),
        TrafficRow.delivered.add(delivered),
        TrafficRow.failed.add(failed),
        TrafficRow.expires_at.set(now + TRAFFIC_KEPT),
    ]
    if delivered:
        actions.append(TrafficRow.last_delivered_at.set(now.isoformat(timespec="seconds")))
    with translated("count what became of an answer"):
        row.update(actions=actions)


def traffic(channels: Sequence[Channel], now: datetime) -> dict[str, Traffic]:
    """What left through up to 50 channels in this hour and the one before; one request."""
    hours = [(now - timedelta(hours=n)).strftime("%Y-%m-%dT%H") for n in (0, 1)]
    wanted = [channel_keys.traffic(each.account_id, each.id, hour) for each in channels for hour in hours]
    found = {each.id: Traffic() for each in channels}
    for row in table.get_many(wanted).values():
        if isinstance(row, TrafficRow):
            told = found[row.channel_id]
            latest = max(told.last_delivered_at or "", row.last_delivered_at or "")
            delivered, failed = told.delivered + int(row.delivered), told.failed + int(row.failed)
            found[row.channel_id] = Traffic(delivered, failed, latest or None)
    return found
