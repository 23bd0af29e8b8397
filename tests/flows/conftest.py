"""Flows run in process, through the functions of app.py, on moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.post import cloud
from tests.post.office import Office


@pytest.fixture
def empty_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Table, bucket, queues and key, with nothing in them."""
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    for name in (*cloud.QUEUES.values(), "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        cloud.forget_everything()
        cloud.build()
        yield
    cloud.forget_everything()


@pytest.fixture
def office(empty_cloud: None) -> Office:
    """An account in the empty cloud."""
    return Office()
