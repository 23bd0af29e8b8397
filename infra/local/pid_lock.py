"""One file for each process of the local cloud: locked while the process lives, holding its process id.

The kernel drops the lock when its holder ends, however it ends. So a lock that cannot be taken proves that the
holder is alive and is the process the file names: no comparing of command lines, no killing of a stranger that got
the same id.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from pathlib import Path
from typing import IO

WIDTH = 12


class AlreadyHeldError(Exception):
    """Another live process holds the file; `pid` is that process."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"held by process {pid}")
        self.pid = pid


def hold(path: Path) -> IO[str]:
    """Take the file for this process until it ends; keep the returned file open. Raises AlreadyHeldError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise AlreadyHeldError(_written_in(file)) from error
    # In one write and of one width, so that whoever reads finds a whole number: the old one or ours, never none.
    os.pwrite(file.fileno(), f"{os.getpid():<{WIDTH}}\n".encode(), 0)
    return file


def _written_in(file: IO[str]) -> int:
    """The number in a held file; a new one's first holder may take a moment to write it."""
    for _ in range(100):
        text = os.pread(file.fileno(), WIDTH, 0).strip()
        if text:
            return int(text)
        time.sleep(0.01)
    raise RuntimeError(f"{file.name} is held by a process that does not say which")


def holder(path: Path) -> int | None:
    """The process id of the live holder, None when there is none."""
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _written_in(file)
    return None


def end_holder(path: Path, patience: float) -> int | None:
    """Ask the holder to end (SIGTERM), make it end after `patience` seconds; returns its id, None if there was none."""
    pid = holder(path)
    if pid is None:
        return None
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return pid
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if holder(path) != pid:
                return pid
            time.sleep(0.05)
    raise RuntimeError(f"process {pid} does not end")


def end_with_parent() -> None:
    """End this process (SIGTERM to itself) when its parent does: standard input, a pipe from it, then closes."""

    def watch() -> None:
        while os.read(0, 1):  # unbuffered: a buffer's lock would be in the way of the interpreter's own ending
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
