"""What the scheduled function does beside the sweep: a list of steps, each alone in its failure.

A step gets the present and a deadline (`time.monotonic()`), stops by it, and goes on next time where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from chalicelib import log
from chalicelib.reconcile.observe import observe_channels
from chalicelib.reconcile.retention import end_begun, erase_kept, erase_raw_mail
from chalicelib.reconcile.unfinished import go_on

Step = Callable[[datetime, float], Struct]

STEPS: tuple[tuple[str, Step], ...] = (
    ("unfinished", go_on),
    ("channels", observe_channels),
    ("begun", end_begun),
    ("retention", erase_kept),
    ("raw_retention", erase_raw_mail),
)
SECONDS = 120.0  # for all of them; the function has 300, of which the sweep may take half


def run_steps(now: datetime, seconds: float = SECONDS) -> dict[str, object]:
    """Run each step; what each did by its name, and `failed` for one that raised."""
    end = time.monotonic() + seconds
    done: dict[str, object] = {}
    for number, (name, step) in enumerate(STEPS):
        begun = time.monotonic()
        deadline = begun + max(end - begun, 0) / (len(STEPS) - number)  # so that no step starves those after it
        try:
            done[name] = msgspec.to_builtins(step(now, deadline))
        except Exception as error:
            log.error("step_failed", error, step=name)
            done[name] = "failed"
    return done
