"""`/v1/reconcile/runs`: what the scheduled function did of late.

Runs are the installation's: they tell whether it looks after every account, and how each step ended. What they found is
told where it belongs, with the account's own channels, deliveries and messages; numbers across accounts are for the
operator alone, in the function's log.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.clock import stamp
from chalicelib.model.run import Run, RunOutcome, StepOutcome, outcome_of
from chalicelib.reconcile import runs


class StepAnswer(Struct, frozen=True, kw_only=True):
    """One step of a run."""

    name: Annotated[str, Meta(examples=["channels"])]
    outcome: StepOutcome


class RunAnswer(Struct, frozen=True, kw_only=True):
    """One run, every five minutes. `ended_at` null: it is at work, or died."""

    id: str
    started_at: str
    ended_at: str | None
    outcome: Annotated[
        RunOutcome,
        Meta(description="`to_be_continued`: its time was over, and the next run goes on where it stopped."),
    ]
    steps: tuple[StepAnswer, ...]


def list_runs(call: Call) -> Listing[RunAnswer]:
    """The runs of the last thirty days, newest first."""
    query: Paging = call.query
    now = stamp(call.now)
    found = runs.list_runs(call.now, limit=query.limit, cursor=query.cursor)
    return listing(found, lambda run: _shape(run, now))


def _shape(run: Run, now: str) -> RunAnswer:
    return RunAnswer(
        id=run.id,
        started_at=run.started_at,
        ended_at=run.ended_at,
        outcome=outcome_of(run, now),
        steps=tuple(StepAnswer(name=each.name, outcome=each.outcome) for each in run.steps),
    )
