"""Mail that leaves the local cloud reaches a real SMTP server, if one is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from infra.local import ses_api
from infra.local.relay import Relay, read_relay
from infra.local.settings import SettingsError, free_port, read_settings

RAW = b"From: a@acme.test\r\nTo: ben@real.example\r\nMessage-ID: <ours@acme.test>\r\nSubject: Hi\r\n\r\nSoon.\r\n"


class Inbox:
    """A mail server that takes mail, except for nobody."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.got.append(envelope)
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def relay(inbox: Inbox) -> Iterator[tuple[str, int]]:
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    yield "127.0.0.1", server.port
    server.stop()


def test_what_ses_takes_is_passed_on(relay: tuple[str, int], inbox: Inbox, tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "outbox"
    api = ses_api.start("127.0.0.1", port, f"http://127.0.0.1:{free_port()}", "eu-central-1", folder, relay=relay)
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-central-1")
    ses = session.client("sesv2", endpoint_url=f"http://127.0.0.1:{port}")
    to = ["ben@real.example", "nobody@real.example", "bounce@simulator.amazonses.com"]
    try:
        told = ses.send_email(
            FromEmailAddress="a@acme.test", Destination={"ToAddresses": to}, Content={"Raw": {"Data": RAW}}
        )
    finally:
        api.shutdown()
    (mail,) = inbox.got
    assert (mail.mail_from, mail.rcpt_tos) == ("a@acme.test", ["ben@real.example"])
    assert isinstance(mail.content, bytes)
    assert f"Message-ID: <{told['MessageId']}@eu-central-1.amazonses.com>".encode() in mail.content  # as SES writes it
    assert mail.content.endswith(b"\r\n\r\nSoon.\r\n")
    assert len(list(folder.iterdir())) == 1  # it shows among sent mail, too


def test_a_server_that_is_away_is_no_harm() -> None:
    item = {"rcpt_to": ["ben@real.example"], "mail_from": "a@acme.test", "raw": RAW.decode()}
    assert Relay("127.0.0.1", free_port()).pass_on(item) == []


def test_the_relay_is_named_in_the_environment(tmp_path: Path) -> None:
    told = {"POSTFACH_DATA": str(tmp_path)}
    assert read_settings(told).relay is None
    assert read_settings({**told, "POSTFACH_RELAY": "mail.example:1025"}).relay == ("mail.example", 1025)


@pytest.mark.parametrize("text", ["mail.example", ":25", "mail.example:x", "mail.example:0", "mail.example:70000"])
def test_what_is_no_relay_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        read_relay(text)
    with pytest.raises(SettingsError, match="POSTFACH_RELAY"):
        read_settings({"POSTFACH_RELAY": text})
