"""One local cloud for the session, on free ports, with the packaged template and roles enforced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cloud.local import PYTHON, LocalCloud


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A running local cloud that the tests of a session share."""
    assert PYTHON.exists(), "`make test` makes .local/venv, which the local cloud runs in"
    cloud = LocalCloud(tmp_path_factory.mktemp("local"))
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.end()


@pytest.fixture
def own_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud of one test, not yet started, to be killed at will."""
    cloud = LocalCloud(tmp_path_factory.mktemp("own"))
    try:
        yield cloud
    finally:
        cloud.end()
