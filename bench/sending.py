"""Thousands of answers at once: whether each leaves, once, never faster than SES takes them, and how long that takes.

    python bench/sending.py [--answers N] [--rate R] [--functions F ...]

The functions, the queue, the table and SES are played in simulated time (`tests/post/busy_cloud.py`): each call takes
some milliseconds, SES up to 150; every fiftieth task comes twice. Ideal is N / R; `most/s` is the most that SES took in
any second, wherever it begins, and what it throttles is `refused`. Exit status 1 when an answer was lost or doubled,
the rate was exceeded, or ten functions took longer than 1.15 of the ideal.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from chalicelib.model.inbox import Sender
from tests.api.visitor import admin_of
from tests.conftest import running_cloud
from tests.post.busy_cloud import BusyCloud, drained
from tests.post.letters import letter
from tests.post.office import Office

SLACK = 1.15  # a tenth of the rate is left to SES (decision 140)
ENOUGH = 10  # functions, as the template has it


def answering() -> Office:
    """An office with one answer that is about to leave."""
    office = Office()
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "Soon."}).status == 201
    return office


def main() -> int:
    """Print a line for each number of functions."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--answers", type=int, default=5000)
    asked.add_argument("--rate", type=int, default=14)
    asked.add_argument("--functions", type=int, nargs="+", default=[ENOUGH])
    told = asked.parse_args()
    ideal = told.answers / told.rate
    print(f"{told.answers} answers at once, SES takes {told.rate}/s: ideal {ideal:.0f} s")
    print("functions  drained s  /ideal  most/s  refused  lost  doubled  invocations  turns/answer  took s")
    missed = False
    for functions in told.functions:
        began = time.monotonic()
        with contextlib.redirect_stdout(io.StringIO()), running_cloud():
            busy = BusyCloud(told.rate, answering(), told.answers)
            drained(busy, functions)
        left = Counter(message_id for _, message_id in busy.arrived)
        lost = sum(1 for each in busy.ids if not left[each])
        doubled = sum(1 for count in left.values() if count > 1)
        drain, most = busy.arrived[-1][0], busy.most_in_a_second()
        turns = busy.asked["UpdateItem"] / told.answers
        print(
            f"{functions:9}  {drain:9.1f}  {drain / ideal:6.3f}  {most:6}  {len(busy.refused):7}  {lost:4}  {doubled:7}"
            f"  {busy.invocations:11}  {turns:12.3f}  {time.monotonic() - began:6.1f}"
        )
        wrong = lost or doubled or most > told.rate or busy.refused or busy.statuses() != {"sent": told.answers}
        missed = missed or bool(wrong) or (functions >= ENOUGH and drain > ideal * SLACK)
    return 1 if missed else 0


if __name__ == "__main__":
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    sys.exit(main())
