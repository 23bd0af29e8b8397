"""Files and functions of a size that can be read, named by what they are; the environment read in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "chalicelib").rglob("*.py"), *(ROOT / "infra").rglob("*.py"), ROOT / "app.py"])
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core", "lib", "stuff"}
LONGEST_FILE = 400  # lines
LONGEST_FUNCTION = 60  # lines, docstring included


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_what_it_is_and_can_be_read(path: Path) -> None:
    assert not set(path.relative_to(ROOT).with_suffix("").parts) & EMPTY_NAMES
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    tree = ast.parse(text)
    assert not text.strip() or ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_environment_is_read_in_config_alone(path: Path) -> None:
    inside = path.relative_to(ROOT).parts
    if inside[0] == "infra" or inside == ("chalicelib", "config.py"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        named = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb")
        taken = (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {a.name for a in node.names}
            & {
                "environ",
                "getenv",
            }
        )
        assert not named, f"{path.name}:{getattr(node, 'lineno', 0)} reads the environment"
        assert not taken, f"{path.name}:{getattr(node, 'lineno', 0)} reads the environment"


def test_nothing_is_read_from_the_environment_at_import() -> None:
    """`config()` is never called at the top of a module: an import needs no environment."""
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == "infra":
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                continue
            calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
            assert not any(
                isinstance(func, ast.Name) and func.id in ("config", "client", "signing_key") for func in calls
            )
