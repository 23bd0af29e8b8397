"""One process of the local cloud: started with a pipe that tells it when we are gone, started again, ended gently."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from infra.local.settings import ROOT, Settings

PATIENCE = {"http": 5.0, "smtp": 5.0, "cloud": 30.0}  # seconds to end; MiniStack writes its state then
DEATHS_ALLOWED, DEATHS_WITHIN = 5, 60.0


class RunError(Exception):
    """The local cloud cannot run; the message is for people."""


class Child:
    """One process that is kept running."""

    def __init__(
        self, name: str, module: str, arguments: list[str], setting: Settings, environment: dict[str, str]
    ) -> None:
        self.name, self.pid_file = name, setting.pid_file(name)
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from infra.local.{module} import main; main()"
        self._command = [sys.executable, "-c", start, *arguments]
        self._environment, self._data = environment, setting.data
        self._deaths: deque[float] = deque(maxlen=DEATHS_ALLOWED)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the process writes what it has to say."""
        return self._data / "logs" / f"{self.name}.log"

    def start(self) -> None:
        """Start it; its standard input is a pipe from us, which tells it when we are gone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._data,
                env=self._environment,
                start_new_session=True,
            )

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start_again(self) -> None:
        """Start it after it died; gives up when it keeps dying."""
        self._deaths.append(time.monotonic())
        if len(self._deaths) == DEATHS_ALLOWED and self._deaths[-1] - self._deaths[0] < DEATHS_WITHIN:
            raise RunError(f"the {self.name} process keeps dying; {self.log} may say why.")
        self.start()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()`; raise when the process ends before, or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise RunError(f"the {self.name} process did not start; {self.log} says why.")
            if time.monotonic() > deadline:
                raise RunError(f"the {self.name} process was not ready after {seconds:.0f} s; {self.log} may say why.")
            time.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self) -> None:
        """End it, gently at first."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE[self.name])
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
