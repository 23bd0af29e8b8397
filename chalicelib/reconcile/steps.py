"""What the scheduled function does beside the sweep: a list of steps, each alone in its failure (`run.py`).

A step gets the present, a deadline (`time.monotonic()`) and the pace of SES's control calls, which is one for all of
them. It stops by the deadline, says in its report's `finished` whether it came to its end, and goes on next time where
it stopped. What takes longest stands last: it has the time that the others leave.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from chalicelib.reconcile.look_at_domains import look_at_domains
from chalicelib.reconcile.mend_ses import mend_ses
from chalicelib.reconcile.observe import observe_channels
from chalicelib.reconcile.retention import end_begun, erase_kept, erase_raw_mail
from chalicelib.reconcile.unfinished import go_on
from chalicelib.storage.observing import Pace

Step = Callable[[datetime, float, Pace], Struct]


def _unpaced(step: Callable[[datetime, float], Struct]) -> Step:
    return lambda now, deadline, pace: step(now, deadline)


STEPS: tuple[tuple[str, Step], ...] = (
    ("unfinished", _unpaced(go_on)),
    ("begun", _unpaced(end_begun)),
    ("retention", _unpaced(erase_kept)),
    ("raw_retention", _unpaced(erase_raw_mail)),
    ("ses", mend_ses),
    ("domains", look_at_domains),
    ("channels", observe_channels),
)
SECONDS = 170.0  # for all of them; the function has 300, of which the sweep may take 90
