"""docs/tutorial.md is true: its commands run in a shell, one after the other, and answer as it says.

A fence of `sh` is what is typed, a fence of `text` below it what is answered; `…` stands for anything on one line.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cloud.local import ROOT, LocalCloud

pytestmark = pytest.mark.cloud

TUTORIAL = ROOT / "docs" / "tutorial.md"
FENCES = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
MARK = "=== next step ==="
SECONDS = 300


def steps() -> list[tuple[str, str]]:
    """What is typed, and what is answered, step by step."""
    return [(typed, answered) for typed, answered in FENCES.findall(TUTORIAL.read_text())]


def typed_in(folder: Path, run_file: Path) -> list[str]:
    """What each step of the tutorial prints, typed into one shell in an empty folder."""
    script = f"\necho '{MARK}'\n".join(["set -eu", *(typed for typed, _ in steps())])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=os.environ | {"POSTFACH_RUN_FILE": str(run_file)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    printed = done.stdout.split(f"{MARK}\n")[1:]
    assert done.returncode == 0, f"{printed[-1:]}\n{done.stderr[-2000:]}"
    return printed


def agrees(answered: str, printed: str) -> bool:
    """Whether what was printed is what the tutorial shows. Pure."""
    pattern = "[^\n]*".join(map(re.escape, answered.split("…")))
    return re.fullmatch(pattern, printed) is not None


def test_what_the_tutorial_says_is_what_happens(own_cloud: LocalCloud, tmp_path: Path) -> None:
    own_cloud.start()
    told = [answered for _, answered in steps()]
    printed = typed_in(tmp_path, own_cloud.folder / "run.json")
    assert len(told) == len(printed) > 9
    for answered, found in zip(told, printed, strict=True):
        assert agrees(answered, found), f"the tutorial says\n{answered}\nand what happened is\n{found}"


@pytest.mark.parametrize(
    ("answered", "printed", "wanted"),
    [("a\n", "a\n", True), ("a…c\n", "abc\n", True), ("a\n", "b\n", False), ("a…\n", "a\nb\n", False)],
)
def test_an_answer_agrees_only_with_itself(answered: str, printed: str, wanted: bool) -> None:
    assert agrees(answered, printed) is wanted
