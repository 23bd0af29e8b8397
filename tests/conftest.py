"""Fixtures of every suite that runs in process: an empty cloud on moto, and an account in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings
from moto import mock_aws

from tests.post import cloud
from tests.post.office import Office

# No wall-clock deadlines: a busy machine is no fault of the code. The gate looks at the same examples every time, so
# that a change fails by itself alone; new ones are looked for by `make explore` (docs/decisions/150).
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few long tests come first, then those of many tests.

    `make test` gives whole files to its workers in this order; a long one that came last would leave the others idle.
    """
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (not item.path.name.startswith("test_crash_"), -sizes[item.path], item.path))


@contextmanager
def running_cloud() -> Iterator[None]:
    """Table, bucket, queues and key on moto, with nothing in them, and the environment that names them."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in cloud.environment().items():
            patched.setenv(name, value)
        for name in (*cloud.QUEUES.values(), "AWS_ENDPOINT_URL"):
            patched.setenv(name, "")
            patched.delenv(name)
        with mock_aws():
            cloud.forget_clients()
            cloud.build()
            yield
        cloud.forget_clients()


@pytest.fixture
def empty_cloud() -> Iterator[None]:
    """An empty cloud of one test."""
    with running_cloud():
        yield


@pytest.fixture
def office(empty_cloud: None) -> Office:
    """An account in the empty cloud."""
    return Office()
