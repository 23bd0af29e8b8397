"""Commands find the local cloud where `POSTFACH_RUN_FILE` says that it wrote what is needed to use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra import operate
from infra.local import send
from infra.local.settings import free_port


class Front:
    """A local cloud's SMTP front: it remembers what came."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.got.append(envelope)
        return "250 OK"


@pytest.fixture
def run_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "elsewhere" / "run.json"
    file.parent.mkdir()
    monkeypatch.setenv("POSTFACH_RUN_FILE", str(file))
    return file


def test_a_mail_is_sent_to_the_cloud_that_wrote_the_run_file(
    run_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, port = Front(), free_port()
    told = {"smtp_host": "127.0.0.1", "smtp_port": port, "fallback_address": "support@acme.test"}
    run_file.write_text(json.dumps(told))
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"From: Kim <kim@customer.example>\r\nSubject: Hi\r\n\r\nHello.\r\n")
    monkeypatch.setattr("sys.argv", ["send", "--file", str(mail)])
    server = Controller(front, hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert send.main() == 0
    finally:
        server.stop()
    (got,) = front.got
    assert (got.mail_from, got.rcpt_tos) == ("kim@customer.example", ["support@acme.test"])


def test_an_operator_works_on_the_cloud_that_wrote_the_run_file(run_file: Path) -> None:
    run_file.write_text(json.dumps({"region": "eu-central-1", "cloud_url": "http://127.0.0.1:9"}))
    cloud, stack = operate.connect(None, None)
    assert cloud.client("sqs").meta.endpoint_url == "http://127.0.0.1:9"
    assert stack == "postfach-local"
