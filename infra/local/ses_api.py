"""The SESv2 endpoint of the local cloud: keeps what SendEmail sends in the outbox, passes everything else to
MiniStack.

MiniStack takes raw mail apart and rebuilds it without its threading headers, so functions are given this endpoint
(AWS_ENDPOINT_URL_SESV2); identities of domains are answered by `ses_identities.py`, what the account may do by
`ses_account.py`. As SES does, the mail leaves with a
Message-ID of SES's own, `<id@region.amazonses.com>`, without Bcc, and to the Destination if there is one, else to the
addresses in To, Cc and Bcc. Only Content.Raw is taken. What becomes of the mail then, and what SendEmail answers to
some addresses, stands in `ses_events.py`.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import json
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import getaddresses, parseaddr
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.local import customer, outbox, received, ses_account, ses_events, ses_identities
from infra.local.relay import Relay

SEND = "/v2/email/outbound-emails"
MAX_BYTES = 40 * 1024 * 1024
THROTTLED_ATTEMPTS = 1


class BadRequestError(Exception):
    """SES would refuse this request; the message is SES's."""

    status, code = 400, "BadRequestException"


class RejectedError(BadRequestError):
    """SES would not send this mail."""

    code = "MessageRejected"


class ThrottledError(BadRequestError):
    """SES would take this mail later."""

    status, code = 429, "TooManyRequestsException"


def leaving(request: dict[str, Any], message_id: str, region: str, now: datetime) -> dict[str, Any]:
    """The outbox's item for one SendEmail request. Raises BadRequestError."""
    content = request.get("Content", {}).get("Raw", {}).get("Data")
    if content is None:
        raise BadRequestError("The local cloud takes raw messages only (Content.Raw).")
    try:
        raw = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise BadRequestError("Content.Raw.Data is not base64.") from error
    headers = received.read_headers(raw)
    destination = request.get("Destination") or {}
    recipients = [
        each for field in ("ToAddresses", "CcAddresses", "BccAddresses") for each in destination.get(field, [])
    ]
    if not recipients:
        recipients = [received.clean(value) for name in ("To", "Cc", "Bcc") for value in headers.get_all(name, [])]
    rcpt_to = [address for _, address in getaddresses(recipients) if address]
    mail_from = parseaddr(request.get("FromEmailAddress") or received.clean(headers.get("From", "")))[1]
    if not rcpt_to or not mail_from:
        raise BadRequestError("Missing required header 'From'." if not mail_from else "Missing final recipient.")
    return {
        "id": message_id,
        "mail_from": mail_from,
        "rcpt_to": rcpt_to,
        "raw": with_ses_headers(raw, f"<{message_id}@{region}.amazonses.com>").decode("utf-8", "surrogateescape"),
        "tags": {tag["Name"]: tag["Value"] for tag in request.get("EmailTags", [])},
        "configuration_set": request.get("ConfigurationSetName"),
        "created_at": now.isoformat(timespec="milliseconds"),
    }


def with_ses_headers(raw: bytes, message_id: str) -> bytes:
    """The mail with SES's Message-ID instead of its own, and without Bcc; the rest byte for byte."""
    end = re.search(rb"\r?\n(?=\r?\n)", raw)
    head, rest = (raw[: end.end()], raw[end.end() :]) if end else (raw, b"")
    newline = b"\r\n" if b"\r\n" in head else b"\n"
    kept = re.sub(rb"(?im)^(?:Message-ID|Bcc)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", b"", head)
    return b"Message-ID: " + message_id.encode() + newline + kept + rest


def new_message_id() -> str:
    """An id as SES gives, which sorts by the time it was given."""
    return f"{time.time_ns() // 1_000_000:016x}-{secrets.token_hex(4)}-{secrets.token_hex(6)}-000000"


class NotNowError(BadRequestError):
    """The account may not send now; the code is SES's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Handler(BaseHTTPRequestHandler):
    """One request of an AWS client."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 2 * MAX_BYTES))
        path = urlsplit(self.path).path
        if (self.command, path) == ("POST", SEND):
            self._send_mail(body)
        elif path.startswith((ses_identities.PATH, ses_identities.LIST)):
            self._told(body, lambda: self.server.identities.answer(self.command, path, body))
        elif (self.command, path) == ("GET", ses_account.PATH):
            self._told(body, lambda: (HTTPStatus.OK, self.server.account.shown()))
        else:
            self._answer(*self._ask(body))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def _send_mail(self, body: bytes) -> None:
        try:
            item = leaving(json.loads(body), new_message_id(), self.server.region, datetime.now(UTC))
            wishes = self.server.asked(item)
        except ValueError as error:
            self._refuse(BadRequestError(str(error)))
            return
        except BadRequestError as error:
            self._refuse(error)
            return
        item["refused"] = self.server.refused(item["rcpt_to"])
        outbox.store(self.server.outbox, item)
        if "lost" in wishes:
            self.close_connection = True
        else:
            self._answer(200, {"Content-Type": "application/json"}, json.dumps({"MessageId": item["id"]}).encode())
        if self.server.relay is not None:
            self.server.relay.pass_on(item)
        self.server.events.publish(item)
        for address in item["rcpt_to"]:
            customer.deliver(
                self.server.forwardings, address, item["raw"].encode("utf-8", "surrogateescape"), self.server.hand_over
            )

    def _refuse(self, error: BadRequestError) -> None:
        headers = {"x-amzn-ErrorType": error.code, "Content-Type": "application/json"}
        self._answer(error.status, headers, json.dumps({"message": str(error)}).encode())

    def _told(self, body: bytes, known: Callable[[], ses_identities.Answer | None]) -> None:
        """The emulator says whether the caller's role allows it; what there is to know is known here."""
        status, headers, said = self._ask(body)
        answer = None if status == HTTPStatus.FORBIDDEN else known()
        if answer is not None:
            status, told = answer
            headers, said = {"Content-Type": "application/json"}, json.dumps(told).encode()
            if status != HTTPStatus.OK:
                headers["x-amzn-ErrorType"] = told.get("__type", "NotFoundException")
        self._answer(status, headers, said)

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What MiniStack answers, with the same Host header, because the signature covers it."""
        connection = http.client.HTTPConnection(self.server.cloud, timeout=30)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            headers = {n: v for n, v in answer.getheaders() if n.lower().startswith(("content-type", "x-amz"))}
            return answer.status, headers, answer.read()
        except OSError as error:
            return 503, {"Content-Type": "application/json"}, json.dumps({"message": str(error)}).encode()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the functions log what they send."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], cloud_url: str, region: str, folder: Path, smtp_port: int) -> None:
        super().__init__(address, _Handler)
        self.cloud, self.region, self.outbox = urlsplit(cloud_url).netloc, region, folder
        self.identities = ses_identities.Identities(folder.parent / "identities")
        self.account = ses_account.SendingAccount(folder.parent / "sending.json")
        self.forwardings = customer.Forwardings(folder.parent / "forwardings")
        self.hand_over = customer.by_smtp(address[0], smtp_port)
        self.relay: Relay | None = None
        self.events = ses_events.Publisher(cloud_url, region)
        self._attempts: Counter[str] = Counter()

    def refused(self, addresses: list[str]) -> list[str]:
        """Those whose played mail server refuses mail."""
        return [each for each in addresses if (self.forwardings.of(each) or {}).get("mode") == "bounced"]

    def asked(self, item: dict[str, Any]) -> set[str]:
        """What the recipients' addresses ask for; raises what SendEmail answers to some of them."""
        refusal = self.account.refuses()
        if refusal is not None:
            raise NotNowError(*refusal)
        wishes = {ses_events.wish(address) for address in item["rcpt_to"]}
        if "reject" in wishes:
            raise RejectedError("Email address is not verified.")
        message = json.dumps(item["tags"], sort_keys=True)
        self._attempts[message] += 1
        if "throttle" in wishes and self._attempts[message] <= THROTTLED_ATTEMPTS:
            raise ThrottledError("Maximum sending rate exceeded.")
        return wishes


def start(
    host: str,
    port: int,
    cloud_url: str,
    region: str,
    folder: Path,
    smtp_port: int = 0,
    *,
    relay: tuple[str, int] | None = None,
) -> ThreadingHTTPServer:
    """Serve in a thread of this process; `shutdown()` ends it. Played mail servers send on to `smtp_port`."""
    server = _Server((host, port), cloud_url, region, folder, smtp_port)
    server.relay = Relay(*relay) if relay is not None else None
    threading.Thread(target=server.serve_forever, name="ses", daemon=True).start()
    return server
