"""A lock tells for certain which process lives, however the others ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import pid_lock

HOLD = """
import sys; sys.path.insert(0, {root!r})
from pathlib import Path
from infra.local import pid_lock
held = pid_lock.hold(Path({path!r}))
{then}
print("ready", flush=True)
import time; time.sleep(60)
"""
ROOT = Path(__file__).resolve().parents[2]


def start(path: Path, then: str = "") -> subprocess.Popen[str]:
    code = HOLD.format(root=str(ROOT), path=str(path), then=then)
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_live_holder_is_known_and_a_dead_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "pids" / "it"
    assert pid_lock.holder(path) is None
    process = start(path)
    assert pid_lock.holder(path) == process.pid
    with pytest.raises(pid_lock.AlreadyHeldError) as refused:
        pid_lock.hold(path)
    assert refused.value.pid == process.pid
    process.kill()
    process.wait()
    assert pid_lock.holder(path) is None
    pid_lock.hold(path).close()


def test_a_taken_over_file_always_tells_a_whole_number(tmp_path: Path) -> None:
    """It was empty for a moment: truncated, then written."""
    path = tmp_path / "it"
    path.write_text("123456789012\n")
    held = pid_lock.hold(path)
    assert path.read_text() == f"{os.getpid():<12}\n"
    held.close()
    path.write_text("")
    with pytest.raises(RuntimeError, match="does not say which"), path.open() as other:
        pid_lock._written_in(other)


def test_a_stale_number_is_not_believed(tmp_path: Path) -> None:
    """A file left behind may name a process that is somebody else's by now."""
    path = tmp_path / "it"
    path.write_text(f"{os.getpid()}\n")
    assert pid_lock.end_holder(path, 1) is None


@pytest.mark.parametrize("then", ["", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_a_holder_is_ended_one_way_or_the_other(tmp_path: Path, then: str) -> None:
    path = tmp_path / "it"
    process = start(path, then)
    assert pid_lock.end_holder(path, 0.3) == process.pid
    assert process.wait(5) == -(signal.SIGKILL if then else signal.SIGTERM)


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    process = start(tmp_path / "it", "pid_lock.end_with_parent()")
    assert process.stdin
    process.stdin.close()  # what the kernel does when the parent dies
    assert process.wait(5) == -signal.SIGTERM
