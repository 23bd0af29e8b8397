"""A local cloud as `make run` starts it, with folder and ports of its own: the packaged template, roles enforced."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import smtplib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
import urllib3

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".local" / "venv" / "bin" / "python"
START_SECONDS, WAIT_SECONDS = 180.0, 60.0
T = TypeVar("T")


def eventually(look: Callable[[], T | None], seconds: float = WAIT_SECONDS) -> T:
    """The first answer of `look` that is true; fails when none comes in time. A connection's fault or a 5xx is none."""
    deadline = time.monotonic() + seconds
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = found = look()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            last = error
        else:
            if found:
                return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {seconds} s; the last answer was {last!r}")


class NotReadyError(OSError):
    """The cloud answered that it cannot answer now (5xx)."""


class LocalCloud:
    """One running local cloud, and clients for its sides."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self._http = urllib3.PoolManager(retries=False, timeout=30)
        self._environment = os.environ | {
            "POSTFACH_DATA": str(self.data),
            "POSTFACH_RUN_FILE": str(folder / "run.json"),
            "POSTFACH_HTTP_PORT": "0",
            "POSTFACH_SMTP_PORT": "0",
        }
        self.told: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Start it and wait until it has said where everything is."""
        run_file = self.folder / "run.json"
        run_file.unlink(missing_ok=True)
        with (self.folder / "output.txt").open("wb") as output:
            self._process = subprocess.Popen(
                [str(PYTHON), "-m", "infra.local.run"],
                cwd=ROOT,
                env=self._environment | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not run_file.exists():
            assert self._process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)
        self.told = json.loads(run_file.read_text())

    def refused(self, **environment: str) -> str:
        """What a start says that must not succeed."""
        command = [str(PYTHON), "-m", "infra.local.run"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1, done.stdout
        return done.stderr

    def output(self) -> str:
        """What it has printed."""
        return (self.folder / "output.txt").read_text()

    def stop(self) -> int:
        """Stop it as Ctrl-C does; returns its exit status."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)

    def pid(self, name: str) -> int:
        """The id of one of its processes."""
        return int((self.data / "pids" / name).read_text())

    def kill(self, *names: str) -> None:
        """End processes as a crash would."""
        for name in names:
            os.kill(self.pid(name), signal.SIGKILL)
        if "supervisor" in names and self._process:
            self._process.wait(10)

    def end(self) -> None:
        """Leave nothing running, whatever happened before."""
        with contextlib.suppress(Exception):
            subprocess.run(
                [str(PYTHON), "-m", "infra.local.run", "stop"], cwd=ROOT, env=self._environment, timeout=90, check=False
            )

    def send(self, raw: bytes, *recipients: str, sender: str = "kim@customer.example") -> None:
        """Hand in one mail by SMTP; raises what smtplib raises when it is not taken."""
        with smtplib.SMTP(self.told["smtp_host"], self.told["smtp_port"], timeout=30) as smtp:
            smtp.sendmail(sender, list(recipients) or [self.told["fallback_address"]], raw)

    def stored(self, raw_id: str, raw: bytes, **found: Any) -> str:
        """Store a raw mail as SES does; the message by which the sweep puts it on the inbound queue."""
        self.aws("s3").put_object(Bucket=self.outputs()["MailBucketName"], Key=f"raw/{raw_id}", Body=raw)
        arrival = {
            "raw_id": raw_id,
            "raw_key": f"raw/{raw_id}",
            "received_at": "2026-03-02T08:00:00.000Z",
            "recipients": [self.told["fallback_address"]],
            "source": "sweep",
        }
        return json.dumps({"arrival": arrival | found})

    def get(self, path: str, token: str | None = None) -> Any:
        """The JSON of one GET as the first account's admin; fails unless it is 200."""
        headers = {"Authorization": f"Bearer {token or self.told['token']}"}
        answer = self._http.request("GET", self.told["api_url"] + path, headers=headers)
        if answer.status >= 500:
            raise NotReadyError(f"{path}: {answer.status} {answer.data!r}")
        assert answer.status == 200, f"{path}: {answer.status} {answer.data!r}"
        return json.loads(answer.data)

    def status(self, method: str, url: str, **request: Any) -> tuple[int, bytes]:
        """Status and body of any request."""
        answer = self._http.request(method, url, **request)
        return answer.status, answer.data

    def conversations(self) -> list[dict[str, Any]]:
        """All open conversations of the first inbox."""
        found: list[dict[str, Any]] = []
        path = f"/inboxes/{self.told['inbox_id']}/conversations?status=open"
        page = self.get(path)
        while True:
            found += page["items"]
            if not page["next"]:
                return found
            page = self.get(f"{path}&cursor={page['next']}")

    def conversation(self, subject: str, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """The conversation with this subject, once it is there."""
        return eventually(lambda: [each for each in self.conversations() if each["subject"] == subject], seconds)[0]

    def aws(self, service: str, url: str | None = None) -> Any:
        """An operator's boto3 client of the emulated AWS, or of another endpoint."""
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service, endpoint_url=url or self.told["cloud_url"], region_name=self.told["region"], **keys
        )

    def outputs(self) -> dict[str, str]:
        """The deployed stack's outputs."""
        (stack,) = self.aws("cloudformation").describe_stacks(StackName="postfach-local")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def mail(subject: str, *headers: str, body: str = "Hello") -> bytes:
    """A small mail from Kim."""
    lines = [
        "From: Kim <kim@customer.example>",
        f"Subject: {subject}",
        f"Message-ID: <{subject}@customer.example>",
        *headers,
    ]
    return "\r\n".join([*lines, "", body, ""]).encode()
