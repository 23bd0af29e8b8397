"""The HTTP front: one origin with a port that stays, in front of what changes.

    /v1/*     the API, at whatever execute-api id the stack's output names now (it changes with the API's routes)
    /outbox   mail that has left, newest first, 100 or ?limit=N: {"items": [{id, mail_from, rcpt_to, raw, tags, ...}]}
    /identities   domains that are sent from; POST /identities/{domain} says what SES finds in their DNS
    /sending      what SES's account may do; POST says it (`ses_account.py`)
    /forwarding   played customers' mail servers; POST /forwarding/{team address} says what they do (`customer.py`)
    /         a page that tells a newcomer what is where

The emulator does not answer CORS preflights, so a page that uses the API must come from the same origin: this one.
Like API Gateway, it refuses bodies over 10 MB.
"""

from __future__ import annotations

import argparse
import html
import json
import logging
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from infra.local import outbox, pid_lock
from infra.local.customer import Forwardings
from infra.local.ses_account import SendingAccount
from infra.local.ses_identities import Identities

MAX_BODY = 10 * 1024 * 1024
LOOKED_UP_SECONDS = 5.0
HELD_SECONDS = 20.0  # a request waits so long for an emulator that is being started again
OUTBOX_ITEMS = 100
NOT_FOUND = (BotoCoreError, ClientError, KeyError, IndexError)  # the stack's output could not be read
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "host",
    "content-length",
    "date",
}

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Postfach, local</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}}
pre{{background:#f3f3f3;padding:.8rem;overflow-x:auto}}</style>
<h1>Postfach runs</h1>
<p>Everything is on this machine; nothing leaves it. Send a mail to the first inbox:</p>
<pre>printf 'From: Ann &lt;ann@example.com&gt;\\nTo: {address}\\nSubject: Hello\\n\\nHi there!\\n' |
  curl -s smtp://{smtp} --mail-from ann@example.com --mail-rcpt {address} -T -</pre>
<p>and read it, with the token that <code>make run</code> printed (it is in <code>.local/run.json</code> too):</p>
<pre>curl -s -H "Authorization: Bearer $TOKEN" {origin}/v1/inboxes</pre>
<table>
<tr><td>API</td><td><a href="/v1/health">{origin}/v1</a> (<a href="/v1/openapi.json">description</a>)</td></tr>
<tr><td>SMTP</td><td>{smtp}</td></tr>
<tr><td>First inbox</td><td>{address}</td></tr>
<tr><td>Sent mail</td><td><a href="/outbox">{origin}/outbox</a></td></tr>
</table></html>
"""


class Upstream:
    """Finds the API behind the front, and asks it."""

    def __init__(self, cloud_url: str, region: str, stack: str) -> None:
        self._cloud, self._stack = cloud_url, stack
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self._cloudformation = boto3.client("cloudformation", endpoint_url=cloud_url, region_name=region, **keys)
        self._pool = urllib3.PoolManager(
            maxsize=32, block=False, retries=False, timeout=urllib3.Timeout(connect=2, read=60)
        )
        self._found, self._found_at = "", float("-inf")

    def base(self) -> str:
        """URL of the deployed API's stage, without `/v1`."""
        if time.monotonic() - self._found_at > LOOKED_UP_SECONDS:
            stack = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"][0]
            ids = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
            self._found = f"{self._cloud}/_aws/execute-api/{ids['RestAPIId']}/api"
            self._found_at = time.monotonic()
        return self._found

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        """One request to the API; the answer's body is not decoded."""
        return self._pool.request(
            method, self.base() + path, headers=headers, body=body, decode_content=False, redirect=False
        )

    def ask_patiently(self, method: str, path: str, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        """The same, waiting for an emulator that starts again; asked twice is only what nobody saw, or what reads."""
        deadline = time.monotonic() + HELD_SECONDS
        repeatable: tuple[type[Exception], ...] = (urllib3.exceptions.NewConnectionError, *NOT_FOUND)
        if method in ("GET", "HEAD"):
            repeatable += (urllib3.exceptions.HTTPError,)
        while True:
            try:
                return self.ask(method, path, headers, body)
            except repeatable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: _Server

    def _serve(self) -> None:
        path = urlsplit(self.path).path
        length = self.headers.get("Content-Length") or "0"
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower() or not length.isdigit():
            self.close_connection = True
            self._problem(411, "Length Required", "Send the body with a Content-Length.")
        elif int(length) > MAX_BODY:
            self.close_connection = True
            self._problem(413, "Content Too Large", "A request's body may have 10 MB.")
        else:
            self._route(path, self.rfile.read(int(length)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def _route(self, path: str, body: bytes) -> None:
        if path == "/v1" or path.startswith("/v1/"):
            self._proxy(body)
        elif path.startswith("/identities"):
            self._identities(path, body)
        elif path == "/sending":
            self._sending(body)
        elif path.startswith("/forwarding"):
            self._forwarding(unquote(path), body)
        elif self.command not in ("GET", "HEAD"):
            self._problem(405, "Method Not Allowed", f"{self.command} is for /v1.")
        elif path == "/outbox":
            self._outbox()
        elif path == "/":
            page = self.server.start_page()
            self._answer(200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
        else:
            self._problem(404, "Not Found", f"Nothing is at {path}; the API is at /v1, sent mail at /outbox.")

    def _proxy(self, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers |= {"X-Forwarded-For": str(self.client_address[0]), "X-Forwarded-Proto": "http"}
        try:
            answer = self.server.upstream.ask_patiently(self.command, self.path, headers, body)
        except (urllib3.exceptions.HTTPError, *NOT_FOUND) as error:
            logging.warning("API not reached: %s", error)
            self._problem(503, "Service Unavailable", "The local cloud is starting or stopping; try again in a second.")
            return
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        self._answer(answer.status, kept, answer.data)

    def _outbox(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("limit", [""])[0]
        limit = int(asked) if asked.isdigit() else OUTBOX_ITEMS
        items = outbox.newest_first(self.server.outbox, limit)
        self._answer(200, {"Content-Type": "application/json"}, json.dumps({"items": items}).encode())

    def _identities(self, path: str, body: bytes) -> None:
        domain = path.removeprefix("/identities").strip("/")
        if self.command in ("GET", "HEAD") and not domain:
            self._answer(200, {"Content-Type": "application/json"}, json.dumps(self.server.identities.all()).encode())
            return
        try:
            told = self.server.identities.set(domain, json.loads(body)) if self.command == "POST" else None
        except (ValueError, TypeError, AttributeError) as error:
            self._problem(400, "Bad Request", str(error))
            return
        if told is None:
            self._problem(404, "Not Found", "POST to /identities/{a domain that is connected}.")
        else:
            self._answer(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    def _sending(self, body: bytes) -> None:
        account = self.server.sending_account
        try:
            told = account.set(dict(json.loads(body))) if self.command == "POST" else account.told()
        except (ValueError, TypeError) as error:
            self._problem(400, "Bad Request", str(error))
            return
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    def _forwarding(self, path: str, body: bytes) -> None:
        address = path.removeprefix("/forwarding").strip("/")
        try:
            told = self.server.forwardings.set(address, json.loads(body)) if self.command == "POST" else None
        except (ValueError, TypeError) as error:
            self._problem(400, "Bad Request", str(error))
            return
        told = self.server.forwardings.all() if told is None else told
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    def _problem(self, status: int, title: str, detail: str) -> None:
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail}).encode()
        self._answer(status, {"Content-Type": "application/problem+json"}, body)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the functions log each request."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, arguments: argparse.Namespace) -> None:
        super().__init__((arguments.host, arguments.port), _Handler)
        self.upstream = Upstream(arguments.endpoint_url, arguments.region, arguments.stack)
        self.outbox: Path = arguments.outbox
        self.identities = Identities(arguments.outbox.parent / "identities")
        self.sending_account = SendingAccount(arguments.outbox.parent / "sending.json")
        self.forwardings = Forwardings(arguments.outbox.parent / "forwardings")
        self._run_json: Path = arguments.run_json

    def start_page(self) -> str:
        """The page for newcomers, from what `make run` has written."""
        told: dict[str, Any] = json.loads(self._run_json.read_text()) if self._run_json.exists() else {}
        values = {
            "origin": told.get("api_url", "/v1").removesuffix("/v1"),
            "smtp": f"{told.get('smtp_host', '127.0.0.1')}:{told.get('smtp_port', '')}",
            "address": told.get("fallback_address", "the inbox's address"),
        }
        return PAGE.format(**{name: html.escape(value) for name, value in values.items()})


def main() -> None:
    """Run the front from the command line (the supervisor does)."""
    parser = argparse.ArgumentParser(description="HTTP front of the local cloud.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--outbox", type=Path, required=True)
    parser.add_argument("--run-json", type=Path, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s http %(message)s")
    held = pid_lock.hold(arguments.pid_file)
    pid_lock.end_with_parent()
    server = _Server(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    held.close()


if __name__ == "__main__":
    main()
