"""What the sweep remembers: which raw mail is handled, how often one was requeued, and where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace
from chalicelib.model.delivery import Verdict
from chalicelib.storage import channel_keys, keys
from chalicelib.storage.faults import translated
from chalicelib.storage.table import get, get_many
from chalicelib.storage.tables import DeliveryRow, RequeueRow, SweepRow

KEPT = timedelta(days=30)


def unhandled(raw_ids: Sequence[str], most_requeues: int) -> dict[str, int]:
    """Of these raw mails (at most 50) the ones without their rows, with how often each was requeued; one request.

    One that the queue gave up on counts as well, until it was requeued more than `most_requeues` times.
    """
    wanted = [keys.raw_mail(raw_id) for raw_id in raw_ids] + [keys.requeues(raw_id) for raw_id in raw_ids]
    rows = get_many(wanted, consistent=True)
    found = {}
    for raw_id in raw_ids:
        row = rows.get(keys.requeues(raw_id))
        times = int(row.times) if isinstance(row, RequeueRow) else 0
        handled = rows.get(keys.raw_mail(raw_id))
        given_up = isinstance(handled, DeliveryRow) and handled.verdict == Verdict.DEAD_LETTER
        if handled is None or (given_up and times <= most_requeues):
            found[raw_id] = times
    return found


def note_requeue(raw_id: str, now: datetime) -> None:
    """Count one more requeue of a raw mail."""
    row = RequeueRow(*keys.requeues(raw_id))
    with translated("count a requeue"):
        row.update(
            actions=[
                RequeueRow.kind.set(RequeueRow),  # an update that makes the row does not say of itself what it is
                RequeueRow.times.add(1),
                RequeueRow.expires_at.set(now + KEPT),
            ]
        )


def take_lease(owner: str, now: datetime, duration: timedelta) -> bool:
    """Become the only sweep for `duration`; False when another one is at work."""
    row = SweepRow(*keys.sweep())
    free = SweepRow.leased_until.does_not_exist() | (SweepRow.leased_until < now.isoformat())
    try:
        with translated("take the sweep's lease"):
            row.update(
                actions=[
                    SweepRow.kind.set(SweepRow),
                    SweepRow.leased_until.set((now + duration).isoformat()),
                    SweepRow.owner.set(owner),
                ],
                condition=free | (SweepRow.owner == owner),
            )
    except LostRace:
        return False
    return True


def read_position_of(step: str) -> str | None:
    """Where a step of the scheduled function goes on; None: from the beginning."""
    row = get(SweepRow, channel_keys.sweep_step(step), consistent=True)
    return row.position if row else None


def write_position(step: str, position: str | None) -> None:
    """Remember where a step goes on."""
    row = SweepRow(*channel_keys.sweep_step(step))
    moved = SweepRow.position.set(position) if position else SweepRow.position.remove()
    with translated("remember where to go on"):
        row.update(actions=[SweepRow.kind.set(SweepRow), moved])


def read_position() -> str | None:
    """The key after which the sweep goes on; None: from the beginning."""
    row = get(SweepRow, keys.sweep(), consistent=True)
    return row.position if row else None


def remember_position(owner: str, position: str | None) -> None:
    """Remember where to go on, and keep the lease. `LostRace`: it is another's by now."""
    with translated("remember where to go on"):
        SweepRow(*keys.sweep()).update(actions=[_moved(position)], condition=SweepRow.owner == owner)


def give_back(owner: str) -> None:
    """Give the lease back, if it is still `owner`'s."""
    mine = SweepRow.owner == owner
    with suppress(LostRace), translated("give the lease back"):
        SweepRow(*keys.sweep()).update(actions=[SweepRow.leased_until.remove()], condition=mine)


def _moved(position: str | None) -> Action:
    return SweepRow.position.set(position) if position else SweepRow.position.remove()
