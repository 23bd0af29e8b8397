"""Each fuzz target holds on its saved inputs and on a fixed run of new ones; the long runs are `python -m
tests.fuzz.NAME`.
"""

from __future__ import annotations

import importlib
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))
runner = importlib.import_module("tests.fuzz.runner")
TARGETS = ("parse", "headers", "threading_ids", "html", "bounces")


@pytest.mark.parametrize("name", TARGETS)
def test_saved_inputs_and_a_short_run(name: str) -> None:
    module = importlib.import_module(f"tests.fuzz.{name}")
    for data in runner.seeds(name)[:400]:
        assert runner.attempt(module.target, data) is None
    pool = runner.seeds(name)
    chance = random.Random(5)
    for _ in range(150):
        data = runner.mutated(chance, pool, module.TOKENS)
        assert runner.attempt(module.target, data) is None, data


def test_the_runner_sees_a_fault() -> None:
    def target(data: bytes) -> None:
        assert b"x" not in data

    assert runner.attempt(target, b"a") is None
    assert "AssertionError" in runner.attempt(target, b"x")
