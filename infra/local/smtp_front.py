"""The SMTP front: takes mail as SES does, and is the SES endpoint that outgoing mail reaches (`ses_api.py`).

A recipient is accepted when a rule of the active receipt rule set matches it, as SES matches: `example.com` all
addresses of the domain, `.example.com` those of its subdomains, `a@example.com` that one; no recipients,
everything. Others get 550 5.1.1. After DATA each matching rule's actions run: S3Action (store, then publish to its
topic), SNSAction is not used. 250 means stored and published; when either fails the sender is told 451 and tries
again.

Limits as with SES: 40 MB, 100 recipients. 8BITMIME and SMTPUTF8 are offered. QUIRK: lines may be longer than RFC
5321 section 4.5.3.1.6 allows, because SES takes such mail too.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import logging
import secrets
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from aiosmtpd.smtp import SMTP, Envelope, Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local import customer, pid_lock, received, ses_api
from infra.local.relay import read_relay

MAX_BYTES = 40 * 1024 * 1024
MAX_RECIPIENTS = 100
RULES_KEPT_SECONDS = 1.0
log = logging.getLogger("smtp")


def matches(recipients: list[str], address: str) -> bool:
    """Whether a receipt rule with these `recipients` takes `address`; domains are compared label by label."""
    if not recipients:
        return True
    address = address.lower()
    domain = address.rpartition("@")[2].rstrip(".")
    for pattern in (each.lower() for each in recipients):
        if pattern.startswith(".") and domain.endswith(pattern) and len(domain) > len(pattern):
            return True
        if "@" in pattern and address == pattern:
            return True
        if domain == pattern:
            return True
    return False


class Receiving:
    """The AWS side: reads the active rules, stores, publishes."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        config = Config(
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "max_attempts": 2},
            connect_timeout=2,
            read_timeout=20,
        )
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)
        self.region = region
        self._ses, self._s3, self._sns = (
            session.client(name, endpoint_url=endpoint_url, config=config) for name in ("ses", "s3", "sns")
        )
        self._rules: list[dict[str, Any]] = []
        self._read_at = float("-inf")
        self.forwardings = customer.Forwardings(Path("/nowhere"))  # no team address is played
        self.hand_over: Callable[[str, bytes], None] = lambda to, raw: None

    def rules(self) -> list[dict[str, Any]]:
        """The enabled rules of the active rule set, at most RULES_KEPT_SECONDS old."""
        if time.monotonic() - self._read_at > RULES_KEPT_SECONDS:
            answer = self._ses.describe_active_receipt_rule_set()
            self._rules = [rule for rule in answer.get("Rules", []) if rule.get("Enabled")]
            self._read_at = time.monotonic()
        return self._rules

    def take(self, mail: received.Transaction) -> None:
        """Run the actions of every rule that matches; raises when anything of it fails."""
        verdicts = received.find_verdicts(received.read_headers(mail.raw))
        stored = received.add_headers(mail, verdicts, self.region)
        for rule in self.rules():
            matched = tuple(each for each in mail.recipients if matches(rule.get("Recipients", []), each))
            for action in (each["S3Action"] for each in rule["Actions"] if "S3Action" in each):
                if not matched:
                    continue
                prefix = action.get("ObjectKeyPrefix", "")
                self._s3.put_object(Bucket=action["BucketName"], Key=prefix + mail.id, Body=stored)
                if "TopicArn" in action:
                    self._publish(mail, matched, stored, verdicts, action)

    def _publish(
        self,
        mail: received.Transaction,
        matched: tuple[str, ...],
        stored: bytes,
        verdicts: received.Verdicts,
        action: dict[str, str],
    ) -> None:
        told = received.notification(
            mail,
            stored,
            verdicts,
            {
                "topicArn": action["TopicArn"],
                "bucketName": action["BucketName"],
                "objectKeyPrefix": action.get("ObjectKeyPrefix", ""),
                "objectKey": action.get("ObjectKeyPrefix", "") + mail.id,
            },
        )
        told["receipt"]["recipients"] = list(matched)
        self._sns.publish(
            TopicArn=action["TopicArn"],
            Subject="Amazon SES Email Receipt Notification",
            Message=json.dumps(told, ensure_ascii=False),
        )


class Front(SMTP):
    """aiosmtpd's server with SES's limits."""

    line_length_limit = MAX_BYTES

    def __init__(self, receiving: Receiving) -> None:
        super().__init__(
            Handler(receiving),
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname=f"inbound-smtp.{receiving.region}.amazonaws.com",
            ident="Postfach local cloud",
            timeout=120,
        )


class Handler:
    """What aiosmtpd calls at each step of a transaction."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving
        self._forwardings, self._hand_over = receiving.forwardings, receiving.hand_over

    async def handle_RCPT(  # noqa: D102
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            rules = await asyncio.to_thread(self._receiving.rules)
        except (BotoCoreError, ClientError) as error:
            log.warning("rules cannot be read: %s", error)
            return "451 4.4.3 Temporary service failure"
        played = self._forwardings.of(address)
        if played is None and not any(matches(rule.get("Recipients", []), address) for rule in rules):
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        if played is not None and played["mode"] == "bounced":
            return "550 5.1.1 The played mail server refuses this address"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: D102
        mail = received.Transaction(
            raw=bytes(envelope.original_content or b""),
            mail_from="" if envelope.mail_from in (None, "<>") else str(envelope.mail_from),
            recipients=tuple(dict.fromkeys(envelope.rcpt_tos)),
            helo=session.host_name or "unknown",
            peer=str(session.peer[0]) if isinstance(session.peer, tuple) else "127.0.0.1",
            received_at=datetime.now(UTC),
            id=new_id(),
        )
        try:
            await asyncio.to_thread(self._receiving.take, mail)
        except Exception as error:  # whatever it is, the mail is not safe here, and the sender still has it
            log.warning("mail %s not taken: %s", mail.id, error)
            return "451 4.3.0 Temporary failure: the mail could not be stored"
        for address in mail.recipients:
            await asyncio.to_thread(customer.deliver, self._forwardings, address, mail.raw, self._hand_over)
        return f"250 OK {mail.id}"


def new_id() -> str:
    """An id as SES gives: 40 lower-case letters and digits."""
    return base64.b32hexencode(secrets.token_bytes(25)).decode().lower()


async def serve(arguments: argparse.Namespace) -> None:
    """Take mail until the process is told to end."""
    loop = asyncio.get_running_loop()
    receiving = Receiving(arguments.endpoint_url, arguments.region)
    receiving.forwardings = customer.Forwardings(arguments.outbox.parent / "forwardings")
    receiving.hand_over = customer.by_smtp(arguments.host, arguments.port)
    server = await loop.create_server(lambda: Front(receiving), arguments.host, arguments.port, family=socket.AF_INET)
    api = ses_api.start(
        arguments.host,
        arguments.ses_port,
        arguments.endpoint_url,
        arguments.region,
        arguments.outbox,
        arguments.port,
        relay=read_relay(arguments.relay),
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    api.shutdown()
    server.close()


def main() -> None:
    """Run the front from the command line (the supervisor does)."""
    parser = argparse.ArgumentParser(description="SMTP front and SES endpoint of the local cloud.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ses-port", type=int, required=True)
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--outbox", type=Path, required=True)
    parser.add_argument("--relay", default="")
    parser.add_argument("--pid-file", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    held = pid_lock.hold(arguments.pid_file)
    pid_lock.end_with_parent()
    asyncio.run(serve(arguments))
    held.close()


if __name__ == "__main__":
    main()
