"""A run of the scheduled function: one at a time, step by step, remembered as it goes.

The lease reaches no further than the step that is at work may take, and a minute: a run that was cut off keeps the next
one waiting no longer. What a run did is written after each step, so that of a dead one is known how far it got.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.clock import stamp
from chalicelib.model.run import PREFIX, Run, RunOutcome, StepOutcome, StepRun, outcome_of
from chalicelib.reconcile.mend_ses import mend_ses
from chalicelib.reconcile.steps import SECONDS, STEPS, Step
from chalicelib.reconcile.sweep import MARGIN, SKIPPED, sweep_leased
from chalicelib.storage import faults, runs, sweeps
from chalicelib.storage.observing import Pace

RAW_MAIL = "raw_mail"
RAW_SECONDS = 90.0  # of the sweep; the function has 300


def reconcile(
    now: datetime | None = None,
    *,
    everything: bool = False,
    raw_seconds: float = RAW_SECONDS,
    seconds: float = SECONDS,
    pace: Pace | None = None,
    steps: Sequence[tuple[str, Step]] = STEPS,
) -> dict[str, Any]:
    """One run; what it did, as the function answers. `everything`: look at all raw mail, however young, and no more.

    `now`: the present that the steps decide by.

    Raises what the sweep of raw mail raised, once everything else is done, so that the alarm rings.
    """
    run_id, begun = clock.new_id(PREFIX), clock.now()
    lease = timedelta(seconds=max(raw_seconds, 0)) + MARGIN
    if not sweeps.take_lease(run_id, begun, lease):
        log.info("sweep_skipped", because="another run is at work")
        return told(SKIPPED)
    under_way = _UnderWay(Run(run_id, stamp(begun), stamp(begun + lease)))
    try:
        under_way.attempt(
            RAW_MAIL, raw_seconds, partial(sweep_leased, run_id, everything=everything, seconds=raw_seconds)
        )
        if not everything:
            _run_steps(under_way, steps, now or begun, seconds, pace or Pace())
        under_way.end()
    finally:
        sweeps.give_back(run_id)
    return under_way.answer()


def dry_run(pace: Pace | None = None) -> dict[str, Any]:
    """What a run would do to SES, without doing it."""
    return {"dry_run": True, "ses": told(mend_ses(clock.now(), time.monotonic(), pace or Pace(), acts=False))}


def _run_steps(
    under_way: _UnderWay, steps: Sequence[tuple[str, Step]], now: datetime, seconds: float, pace: Pace
) -> None:
    end = time.monotonic() + seconds
    for number, (name, step) in enumerate(steps):
        share = max(end - time.monotonic(), 0) / (len(steps) - number)  # so that no step starves those after it
        if not under_way.attempt(name, share, partial(step, now, time.monotonic() + share, pace)):
            return


class _UnderWay:
    """A run and what it has done so far."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.error: Exception | None = None
        self._begun = faults.calls_made()

    def attempt(self, name: str, seconds: float, act: Callable[[], Struct]) -> bool:
        """Do one step within the lease; a failure stays its own. False: the lease is another's by now."""
        now, lease = clock.now(), timedelta(seconds=max(seconds, 0)) + MARGIN
        if not sweeps.take_lease(self.run.id, now, lease):
            log.error("lease_lost", run=self.run.id, step=name)
            self._note(StepRun(name, StepOutcome.FAILED, 0.0, 0, {"error": "LeaseLost"}))
            return False
        self.run = replace(self.run, leased_until=stamp(now + lease))
        runs.write_run(self.run)
        begun, calls = time.monotonic(), faults.calls_made()
        outcome: StepOutcome
        report: Mapping[str, Any]
        try:
            report = told(act())
        except Exception as error:
            log.error("step_failed", error, step=name)
            outcome, report = StepOutcome.FAILED, {"error": type(error).__name__}
            self.error = error if name == RAW_MAIL else self.error
        else:
            outcome = StepOutcome.DONE if report.get("finished", True) else StepOutcome.TO_BE_CONTINUED
        took = round(time.monotonic() - begun, 2)
        self._note(StepRun(name, outcome, took, faults.calls_made() - calls, report))
        return True

    def _note(self, step: StepRun) -> None:
        self.run = replace(self.run, steps=(*self.run.steps, step), requests=faults.calls_made() - self._begun)

    def end(self) -> None:
        """The run has done what it could."""
        now = stamp(clock.now())
        self.run = replace(self.run, ended_at=now)
        runs.write_run(self.run)
        outcome = outcome_of(self.run, now)
        log.metrics(
            "run",
            {
                "RunsFailed": (int(outcome is RunOutcome.FAILED), "Count"),
                "RequestsOfRun": (self.run.requests, "Count"),
            },
            dimensions={"Function": "reconcile"},
            run=self.run.id,
            outcome=outcome,
            steps={each.name: each.outcome for each in self.run.steps},
        )

    def answer(self) -> dict[str, Any]:
        """What the function answers: the sweep's report, and what each other step told."""
        if self.error is not None:
            raise self.error
        first, *others = self.run.steps
        steps = {each.name: each.told if each.outcome is not StepOutcome.FAILED else "failed" for each in others}
        return {**first.told, "run": self.run.id, **({"steps": steps} if others else {})}


def told(report: Struct) -> dict[str, Any]:
    """A report as builtins."""
    found: dict[str, Any] = msgspec.to_builtins(report)
    return found
