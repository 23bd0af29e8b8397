"""What became of the runs of the scheduled function: a row each, kept for thirty days, listed newest first.

| item | pk | sk |
|---|---|---|
| run | `RUNS#month` | `time#id` |

A run every five minutes makes at most 8,928 rows a month.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.model.page import Page
from chalicelib.model.run import Run
from chalicelib.storage import keys, table
from chalicelib.storage.faults import translated
from chalicelib.storage.keys import Key
from chalicelib.storage.tables import RunRow

KEPT = timedelta(days=30)


def write_run(run: Run) -> None:
    """Write a run as far as it has got; only the one that holds the lease writes."""
    row = table.to_row(RunRow, _key(run.started_at, run.id), run)
    row.expires_at = datetime.fromisoformat(run.started_at) + KEPT
    with translated("note a run"):
        row.save()


def page_of_runs(now: datetime, *, limit: int, cursor: str | None) -> Page[Run]:
    """Runs of this month and the one before, newest first."""
    months = (now, now.replace(day=1) - timedelta(days=1))
    oldest = (now - KEPT).isoformat()
    return table.page(
        table.TABLE,
        [f"RUNS#{each:%Y-%m}" for each in months],
        limit=limit,
        cursor=cursor,
        read=lambda row: run if (run := table.to_value(Run, row)).started_at > oldest else None,
    )


def _key(started_at: str, run_id: str) -> Key:
    return Key(f"RUNS#{started_at[:7]}", keys.list_position(started_at, run_id))
