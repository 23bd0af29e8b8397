"""Every mail of tests/mails is understood as its .json says, whatever its line ends (format: tests/mails/README.md)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.mail import understand

CORPUS = Path(__file__).parents[2] / "mails"
MAILS = sorted(CORPUS.glob("*/*.eml"))
LINE_ENDS = {"as_is": None, "lf": b"\n", "crlf": b"\r\n"}


def runs() -> list[Any]:
    """One parameter for each mail and each way to end its lines."""
    found = []
    for path in MAILS:
        about = path.with_suffix(".json")
        ways = LINE_ENDS
        if about.exists() and json.loads(about.read_text("utf-8")).get("line_ends") == "as_is":
            ways = {"as_is": None}
        found += [pytest.param(path, way, id=f"{path.parent.name}/{path.stem}-{way}") for way in ways]
    return found


def mismatch(expected: Any, got: Any, where: str) -> str | None:
    """The first difference between `expected` (a subset) and `got`, or None."""
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"{where}: {got!r} is no object"
        return next(filter(None, (_key(key, value, got, where) for key, value in expected.items())), None)
    if isinstance(expected, list):
        if not isinstance(got, list) or len(expected) != len(got):
            return f"{where}: {got!r} expected {expected!r}"
        pairs = enumerate(zip(expected, got, strict=True))
        return next(filter(None, (mismatch(e, g, f"{where}[{i}]") for i, (e, g) in pairs)), None)
    return None if expected == got else f"{where}: {got!r} expected {expected!r}"


def _key(key: str, value: Any, got: dict[str, Any], where: str) -> str | None:
    name = key.rstrip("~!")
    if name not in got:
        return f"{where}.{name} is missing"
    if key == name:
        return mismatch(value, got[name], f"{where}.{name}")
    wanted = [value] if isinstance(value, str) else value
    there = [word for word in wanted if word in (got[name] or ())]
    if key.endswith("~") and len(there) < len(wanted):
        return f"{where}.{name}: {got[name]!r} lacks {[w for w in wanted if w not in there]!r}"
    if key.endswith("!") and there:
        return f"{where}.{name}: {got[name]!r} contains {there!r}"
    return None


def test_there_is_a_corpus_and_it_is_whole() -> None:
    assert MAILS, "no mail was found"
    eml = {path.with_suffix("") for path in CORPUS.glob("*/*.eml")}
    about = {path.with_suffix("") for path in CORPUS.glob("*/*.json")}
    assert eml == about, f"unpaired: {sorted(str(p) for p in eml ^ about)}"


@pytest.mark.parametrize(("path", "way"), runs())
def test_mail(path: Path, way: str) -> None:
    about = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert about["why"].strip()
    assert about["expect"]
    raw = path.read_bytes()
    end = LINE_ENDS[way]
    if end is not None:
        raw = re.sub(rb"\r\n|\r|\n", lambda _: end, raw)
    assert mismatch(about["expect"], understand(raw), "") is None


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ({"a": [1]}, {"a": [1, 2]}),
        ({"a~": "x"}, {"a": "y"}),
        ({"a~": ["x", "y"]}, {"a": ["x"]}),
        ({"a!": "y"}, {"a": "y"}),
        ({"a": {"b": None}}, {"a": None}),
    ],
)
def test_the_runner_sees_differences(expected: Any, got: Any) -> None:
    assert mismatch(expected, got, "")


@pytest.mark.parametrize(
    ("expected", "got"),
    [({}, {"a": 1}), ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}), ({"a~": ["x"], "a!": "z"}, {"a": ["x", "y"]})],
)
def test_the_runner_takes_subsets(expected: Any, got: Any) -> None:
    assert mismatch(expected, got, "") is None
