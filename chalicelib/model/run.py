"""A run of the scheduled function, as it is remembered: what it did, step by step, and how it ended."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

PREFIX = "run"


class StepOutcome(StrEnum):
    """How one step of a run ended. A step that is to be continued goes on in the next run where it stopped."""

    DONE = "done"
    TO_BE_CONTINUED = "to_be_continued"
    FAILED = "failed"


class RunOutcome(StrEnum):
    """How a run ended. `died`: it was cut off, and the next one went on in its place."""

    RUNNING = "running"
    DONE = "done"
    TO_BE_CONTINUED = "to_be_continued"
    FAILED = "failed"
    DIED = "died"


class StepRun(Struct, frozen=True):
    """One step: how it ended, seconds, calls of storage, and what it told (numbers and names, for the operator)."""

    name: str
    outcome: StepOutcome
    seconds: float
    requests: int
    told: dict[str, object] = {}


class Run(Struct, frozen=True):
    """One run. `leased_until`: when the next one may take its place, should it never end."""

    id: str
    started_at: str
    leased_until: str
    ended_at: str | None = None
    requests: int = 0
    steps: tuple[StepRun, ...] = ()


def outcome_of(run: Run, now: str) -> RunOutcome:
    """How a run ended, as it looks at `now` (a stamp). Pure."""
    if run.ended_at is None:
        return RunOutcome.RUNNING if now <= run.leased_until else RunOutcome.DIED
    found = {each.outcome for each in run.steps}
    if StepOutcome.FAILED in found:
        return RunOutcome.FAILED
    return RunOutcome.TO_BE_CONTINUED if StepOutcome.TO_BE_CONTINUED in found else RunOutcome.DONE
