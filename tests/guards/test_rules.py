"""Every rule of `docs/rules.md` has a test that is called after it, and no test names a rule that is not there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"S\d+")


def rules() -> dict[str, bool]:
    """The numbers of the rules, and whether Postfach keeps them already; `S72-S76` are five."""
    found: dict[str, bool] = {}
    for line in (ROOT / "docs" / "rules.md").read_text().splitlines():
        row = re.match(r"\| (S[^|]*)\|", line)
        if not row:
            continue
        told = row.group(1)
        for first, last in re.findall(r"S(\d+)(?:-S(\d+))?", told):
            for number in range(int(first), int(last or first) + 1):
                found[f"S{number}"] = "not yet" not in told
    return found


@cache
def rules_tested() -> set[str]:
    """The rules that stand in the names of tests: `test_S16_S19_…`."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.update(part for part in node.name.split("_") if NUMBER.fullmatch(part))
    return found


def test_the_rules_are_read() -> None:
    assert len(rules()) > 80
    assert [rule for rule, is_kept in rules().items() if not is_kept] == ["S14", "S84"]


@pytest.mark.parametrize("rule", [rule for rule, is_kept in rules().items() if is_kept])
def test_a_rule_has_a_test(rule: str) -> None:
    assert rule in rules_tested()


def test_no_test_names_a_rule_that_is_not_there() -> None:
    assert rules_tested() <= set(rules())
