"""What one reconcile costs, and how that grows from 1,000 to 100,000 channels.

    python bench/reconcile.py [--channels N ...]

Five channels an account, every other account with a domain of its own (SES has a quota of 10,000 identities).
DynamoDB is `tests/post/big_table.py` in a process of its own, so that time and memory printed are the function's
alone; SES is `tests/post/ses_control.py`, which refuses more than a control call a second by a clock that passes only
while the function waits. Printed are whole runs, all steps: one that sees the channels for the first time and sets SES
up, one that finds nothing new, and one half a day later, when domains are asked for again. A minute for 10,000
channels, ten for 100,000.

`runs` are those that it takes, with what the time of SES's pace and 8 ms for each request to
DynamoDB leave of the function's time. Exit status 1 when a budget is missed: requests that grow with channels, writes
about what is well, more than 512 MB, more than 300 s in a run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from chalicelib.reconcile.run import RAW_SECONDS, reconcile
from chalicelib.reconcile.steps import SECONDS
from tests.conftest import running_cloud
from tests.post.aws_seen import TOPIC, installation
from tests.post.big_table import BigTable, big_table
from tests.post.many_channels import items, set_up
from tests.post.ses_control import SesControl, ses_control

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
WAIT = 0.008  # seconds of a request to DynamoDB inside a region
MEMORY = 512  # MB
CALM = 4  # observations that are remembered: then a channel that is well is written about no more
COUNTS = (1000, 10_000)
ENVIRONMENT = {"RECEIPT_RULE_SET": "postfach", "INBOUND_TOPIC": TOPIC, "FEEDBACK_TOPIC": TOPIC + "-feedback"}
OWN_REQUESTS, OWN_WRITES = (
    80,
    60,
)  # of a run whatever it looks after: lease, its own row step by step, lists of what is due


class Cost(NamedTuple):
    """Of one reconcile."""

    requests: int
    read: float
    written: float
    ses: int
    cpu: float  # seconds
    memory: float  # MB at its peak, interpreter and libraries included

    def seconds(self) -> float:
        """On AWS, had one run all the time it wants."""
        return self.cpu + self.requests * WAIT + self.ses

    def runs(self) -> int:
        """Each begins with SES's calls, and has the rest of the steps' time for channels."""
        return ceil((self.cpu + self.requests * WAIT) / (SECONDS - self.ses))


class Remote:
    """A table in another process."""

    def __init__(self, count: int) -> None:
        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(target=_serve, args=(there, count), daemon=True)
        self._process.start()

    def take(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """One call."""
        answer: dict[str, Any] = self._ask((operation, asked))
        return answer

    def counted(self) -> tuple[int, float, float]:
        """Requests, units read and written since the last time."""
        told: tuple[int, float, float] = self._ask(("count", None))
        return told

    def calm(self) -> None:
        """Let every channel have been seen so often that its state says the same from then on."""
        self._ask(("calm", None))

    def close(self) -> None:
        """End the process."""
        self._process.kill()

    def _ask(self, what: Any) -> Any:
        self._here.send(what)
        answer = self._here.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(line: Connection, count: int) -> None:
    table = BigTable()
    for item in items(count, NOW):
        table.put(item)
    while True:
        operation, asked = line.recv()
        try:
            line.send(_answer(table, operation, asked))
        except Exception as error:
            line.send(error)


def _answer(table: BigTable, operation: str, asked: Any) -> Any:
    if operation == "count":
        counted = table.calls.total(), table.read, table.written
        table.calls.clear()
        table.read = table.written = 0.0
        return counted
    if operation == "calm":
        for item in [each for key in table.items if key[1] == "HEALTH" and (each := table.get(key)) is not None]:
            for name in ("incoming", "outgoing"):
                told = json.loads(item[name]["S"])
                item[name]["S"] = json.dumps({**told, "recent": told["recent"] * CALM})
            table.put(item)
        return None
    return table.take(operation, asked)


@contextmanager
def world(count: int) -> Iterator[tuple[Remote, SesControl]]:
    """So many channels, all well, and an SES."""
    table, ses = Remote(count), SesControl()
    set_up(ses, count, NOW)
    with ExitStack() as stack:
        stack.callback(table.close)
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in ENVIRONMENT.items():
            patched.setenv(name, value)
        for each in (running_cloud(), installation(), big_table(table), ses_control(ses)):
            stack.enter_context(each)
        yield table, ses


def run(table: Remote, ses: SesControl, now: datetime) -> Cost:
    """Every step once, to its end."""
    table.counted()
    calls, begun = len(ses.calls), time.process_time()
    ses.clock.sleep(1)
    told = reconcile(now, seconds=3600, pace=ses.pace())
    for name, report in told["steps"].items():
        assert report != "failed", name
        assert not report.get("failed"), name
        assert report.get("finished", True), name
    assert not ses.throttled
    cpu = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    requests, read, written = table.counted()
    return Cost(requests, read, written, len(ses.calls) - calls, cpu, memory)


def measure(count: int) -> dict[str, Cost]:
    """The first run, one that finds nothing new, and one when domains are due."""
    with world(count) as (table, ses):
        first = run(table, ses, NOW)
        table.calm()
        return {
            "first": first,
            "nothing new": run(table, ses, NOW + timedelta(minutes=30)),
            "half a day later": run(table, ses, NOW + timedelta(hours=12, minutes=30)),
        }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--channels", type=int, nargs="+", default=COUNTS)
    counts = parser.parse_args().channels
    print(
        "| channels | run | requests | a page | read units | write units | SES calls | CPU s | s on AWS | runs | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    missed = RAW_SECONDS + SECONDS > 300
    for count in counts:
        # A process each: its memory at the peak is its for ever.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
            found = fresh.submit(measure, count).result()
        for name, cost in found.items():
            a_page = cost.requests / ceil(count / 50)
            print(
                f"| {count:,} | {name} | {cost.requests:,} | {a_page:.2f} | {cost.read:,.0f} | {cost.written:,.0f} "
                f"| {cost.ses} | {cost.cpu:.1f} | {cost.seconds():.0f} | {cost.runs()} | {cost.memory:.0f} |",
                flush=True,
            )
            missed |= cost.memory > MEMORY
        calm = found["nothing new"]
        missed |= calm.written > OWN_WRITES or calm.requests > 5 * ceil(count / 50) + OWN_REQUESTS
        missed |= calm.ses > 14 + count / 1000
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
