"""The built package, as it would be deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra import build


@pytest.fixture(scope="session")
def package() -> Path:
    """The folder with an up-to-date `sam.json` and `postfach.zip`."""
    build.build()
    return build.BUILD


@pytest.fixture(scope="session")
def template(package: Path) -> dict[str, Any]:
    """The packaged template."""
    read: dict[str, Any] = json.loads((package / "sam.json").read_text())
    return read


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    """The packaged template's resources."""
    found: dict[str, Any] = template["Resources"]
    return found
