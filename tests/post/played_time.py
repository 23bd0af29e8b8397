"""Simulated time in which functions run beside one another: hours of it pass in seconds, and each run is the same.

Each player is a thread, of which one runs at a time: it runs until it sleeps (`clock.sleep`), and then whoever wakes
first goes on. So players meet only where they sleep, which calls to AWS do (`tests/post/busy_cloud.py`).
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tests.post.ses import FIRST_MAIL_AT


class PlayedTime:
    """A clock for `clock.running`. `seconds` have passed since it began."""

    def __init__(self, begin: datetime = FIRST_MAIL_AT) -> None:
        self.begin, self.seconds = begin, 0.0
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._count = 0
        self._failed: list[BaseException] = []

    def now(self) -> datetime:
        """The simulated present."""
        return self.begin + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        """Let the others go on until so much time has passed."""
        mine = self._join(seconds)
        self._wake_next()
        mine.wait()

    def play(self, players: Sequence[Callable[[], None]]) -> None:
        """Run all players until each has ended; raises what one of them raised."""
        threads = [threading.Thread(target=self._run, args=(each, self._join(0.0)), daemon=True) for each in players]
        for each in threads:
            each.start()
        self._wake_next()
        for each in threads:
            each.join()
        if self._failed:
            raise self._failed[0]

    def _run(self, player: Callable[[], None], turn: threading.Event) -> None:
        turn.wait()
        try:
            player()
        except BaseException as error:
            self._failed.append(error)
        finally:
            self._wake_next()

    def _join(self, seconds: float) -> threading.Event:
        self._count += 1
        event = threading.Event()
        heapq.heappush(self._sleepers, (self.seconds + max(seconds, 0.0), self._count, event))
        return event

    def _wake_next(self) -> None:
        if self._sleepers:
            self.seconds, _, event = heapq.heappop(self._sleepers)
            event.set()
