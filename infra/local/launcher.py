"""MiniStack, started so that its data outlives `kill -9`.

MiniStack writes its state when it is stopped and at no other time. This launcher adds checkpoints: every
POSTFACH_CHECKPOINT_SECONDS (1) in which a request may have changed something, and at SIGUSR1, all services' states are
written.

Order matters, because the files are written one after the other while work goes on. Queues first, tables last: a
mail handled in between is then in the row (and, redelivered from the older queue, recognised as known), never in
neither. Mail whose row and message are both lost still lies in S3, which MiniStack writes at once, and the sweep
after a start finds it. Logs of the functions stay out: they are never pruned and would grow every checkpoint.

They are copied at one moment, in the event loop's own thread, where MiniStack carries out whole requests: copied beside
it, a transaction could be half in the copy. They are written from another thread. While a stack is being deployed
nothing is written.

Uses MiniStack's private `_build_persistence_save_dict`, `_stacks` and `save_state`; requirements-local.txt pins the
version, and tests/cloud/test_survival.py fails when a new one moves them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

from infra.local import pid_lock

FIRST = ("sqs",)
LAST = ("dynamodb",)
LEFT_OUT = ("cloudwatch_logs",)
READS_BY_POST = (b"Get", b"BatchGet", b"Query", b"Scan", b"Describe", b"List", b"TransactGet", b"ReceiveMessage")
TRIES = 5

Scope = MutableMapping[str, Any]
log = logging.getLogger("checkpoint")


def in_saving_order(services: dict[str, Callable[[], Any]]) -> dict[str, Callable[[], Any]]:
    """The services to save, in the order to save them."""
    between = [name for name in services if name not in FIRST + LAST + LEFT_OUT]
    names = [name for name in (*FIRST, *between, *LAST) if name in services]
    return {name: services[name] for name in names}


def may_change(scope: Scope) -> bool:
    """Whether a request may change a state. Reads through POST (DynamoDB, SQS) are told by their target header."""
    if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"")
    return not target.rpartition(b".")[2].startswith(READS_BY_POST)


class Checkpoints:
    """Counts changes and writes all states when there were some."""

    def __init__(
        self, copy: Callable[[], dict[str, Any] | None], save: Callable[[str, Any], None], pause: float
    ) -> None:
        self._copy, self._save, self._pause = copy, save, pause
        self._changes = self._saved = 0
        self._asked = threading.Event()

    def changed(self) -> None:
        """Note that something may have changed."""
        self._changes += 1

    def ask(self) -> None:
        """Have a checkpoint written now."""
        self.changed()
        self._asked.set()

    def write(self) -> None:
        """Write a checkpoint, unless this is no moment for one; then the changes stay noted."""
        changes = self._changes
        for _ in range(TRIES):
            try:
                states = self._copy()
            except RuntimeError as error:  # "dictionary changed size during iteration", by a thread beside the loop
                log.warning("copied again: %s", error)
                continue
            if states is not None:
                for name, state in states.items():
                    self._save(name, state)
                self._saved = changes
            return

    def run(self) -> None:
        """Write for ever; rests ten times as long as the last writing took, so that big states do not stall work."""
        took = 0.0
        while True:
            self._asked.wait(max(self._pause, 10 * took))
            self._asked.clear()
            if self._changes != self._saved:
                start = time.monotonic()
                self.write()
                took = time.monotonic() - start


def copy_states(services: dict[str, Callable[[], Any]], stacks: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """All states in saving order; None while a deployment is under way, since half of one cannot be gone on with."""
    if any(re.fullmatch("(CREATE|UPDATE|DELETE).*_IN_PROGRESS", stack["StackStatus"]) for stack in stacks):
        return None
    states = {name: get_state() for name, get_state in in_saving_order(services).items()}
    return {name: state for name, state in states.items() if state is not None}


def main() -> None:
    """Run MiniStack in this process, configured by its own environment variables."""
    held = pid_lock.hold(Path(os.environ["POSTFACH_PID_FILE"]))
    pid_lock.end_with_parent()
    from ministack import app as ministack
    from ministack.core import persistence
    from ministack.services import cloudformation

    build_save_dict = ministack._build_persistence_save_dict
    loops: list[asyncio.AbstractEventLoop] = []

    async def copy() -> dict[str, Any] | None:
        stacks = cloudformation._stacks._data.values()
        return copy_states(build_save_dict(), stacks)

    checkpoints = Checkpoints(
        lambda: asyncio.run_coroutine_threadsafe(copy(), loops[0]).result(),
        persistence.save_state,
        float(os.environ.get("POSTFACH_CHECKPOINT_SECONDS", "1")),
    )
    signal.signal(signal.SIGUSR1, lambda *_: checkpoints.ask())
    # The stop's own saving goes by the same order and the same omissions.
    ministack._build_persistence_save_dict = lambda: in_saving_order(build_save_dict())
    serve = ministack.app

    async def counting(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            loops.append(asyncio.get_running_loop())
            threading.Thread(target=checkpoints.run, name="checkpoints", daemon=True).start()
        if not may_change(scope):
            await serve(scope, receive, send)
            return
        try:
            await serve(scope, receive, send)
        finally:
            checkpoints.changed()

    served: Callable[..., Awaitable[None]] = counting
    ministack.app = served
    try:
        ministack.main()
    finally:
        held.close()


if __name__ == "__main__":
    main()
