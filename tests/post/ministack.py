"""A MiniStack of a test's own: AWS as a process on this machine, with transactions that hold under many threads.

Unlike moto it keeps DynamoDB's promises to concurrent writers and its tokens of transactions, so what is proved about
crashes and races is proved here. Nothing is deployed: the code runs in the test's process and is only pointed at it.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.post import cloud

PYTHON = cloud.ROOT / ".local" / "venv" / "bin" / "python"
START_SECONDS = 30.0


@contextmanager
def running() -> Iterator[str]:
    """A MiniStack with nothing in it; its endpoint."""
    assert PYTHON.exists(), "`make test` makes .local/venv, which MiniStack runs in"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen(
        [str(PYTHON), "-m", "ministack.app"],
        env=environment,
        cwd=cloud.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "MiniStack ended at its start"
        assert time.monotonic() < deadline, "MiniStack does not answer"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/_ministack/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)


@contextmanager
def empty_cloud() -> Iterator[None]:
    """The environment of a function on a MiniStack of its own, with table, bucket, queues and key."""
    with running() as endpoint, pytest.MonkeyPatch.context() as patched:
        for name, value in {**cloud.environment(), "AWS_ENDPOINT_URL": endpoint}.items():
            patched.setenv(name, value)
        for name in cloud.QUEUES.values():
            patched.setenv(name, "")
        cloud.forget_clients()
        cloud.build()
        cloud.forget_clients()
        yield
    cloud.forget_clients()
