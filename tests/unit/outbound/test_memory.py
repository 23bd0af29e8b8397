"""A mail with 25 MB attached is composed and given to SES within the function's memory, in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.post.cloud import environment

ROOT = Path(__file__).resolve().parents[3]
MOST = 256  # MB, half of what the function has
SCRIPT = """
import os, re
from datetime import UTC, datetime
import chalicelib.outbound.send_mail
from chalicelib.mail.compose import Draft, OutgoingFile, compose
from chalicelib.mail.model import Address
from chalicelib.storage import ses

who = Address(None, "a@b.example")
file = OutgoingFile(filename="a.bin", content_type="application/octet-stream", content=os.urandom(25_000_000))
raw = compose(Draft(from_=who, to=(who,), subject="x", message_id="a@b.example", date=datetime.now(UTC), text="x",
                    html="<p>x</p>", attachments=(file,)))
del file
assert ses.send(raw, from_address=who.address, recipients=[who.address], tags={}) == "taken"
# Not getrusage: a process inherits the peak of the one that began it there.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


class _Ses(BaseHTTPRequestHandler):
    """Takes whatever it is given."""

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        while left > 0:
            left -= len(self.rfile.read(min(left, 65536)))
        answer = b'{"MessageId": "taken"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def ses_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process itself")
def test_a_mail_with_25_mb_fits_the_function(ses_url: str) -> None:
    names = ("INBOUND_QUEUE_URL", "INBOUND_DEAD_LETTER_QUEUE_URL", "OUTBOUND_QUEUE_URL", "FEEDBACK_QUEUE_URL")
    told = os.environ | environment() | dict.fromkeys(names, "https://sqs.example/q")
    told |= {"AWS_ENDPOINT_URL_SESV2": ses_url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= MOST
