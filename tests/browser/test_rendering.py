"""What we send, as a browser shows it on a phone: nothing runs, nothing is loaded, nothing is wider than the screen.

Needs Chromium (on Debian: `apt install chromium`), which no Python package brings; without it these tests are skipped.
The mail's HTML is shown without any sandbox, so that what is proved is the mail and not the frame around it.
"""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.mail.compose import compose
from chalicelib.mail.model import Address
from chalicelib.outbound.choose_sender import SenderIdentity
from chalicelib.outbound.compose_answer import answer_draft
from chalicelib.outbound.quote_original import Original
from tests.unit.outbound.test_compose_answer import ADA, GRACE, PARTS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

SCREEN = 320  # CSS pixels: the narrowest phone that WCAG 2.1 §1.4.10 asks for
LONG = "https://shop.example/" + "order/4711/" * 40
ATTACKS = """
<script>parent.hit('script')</script><img src=x onerror="parent.hit('onerror')"><svg onload="parent.hit('svg')"></svg>
<iframe srcdoc="<script>parent.parent.hit('frame')</script>"></iframe><body onload="parent.hit('body')">
<a href="javascript:parent.hit('link')" id=link autofocus onfocus="parent.hit('focus')">a</a>
<style>@import url(BEACON/style); body {background: url(BEACON/background)}</style>
<link rel=stylesheet href="BEACON/link"><img src="BEACON/image"><img srcset="BEACON/srcset 1x">
<div style="background:url(BEACON/css)">b</div><table background="BEACON/table"><tr><td>c</td></tr></table>
<video poster="BEACON/poster" src="BEACON/video"></video><object data="BEACON/object"></object>
<embed src="BEACON/embed"><input type=image src="BEACON/input"><base href="BEACON/base">
<meta http-equiv=refresh content="0;url=BEACON/meta"><form action="BEACON/form"><button id=submit>d</button></form>
"""
BODIES: dict[str, dict[str, Any]] = {
    "text": {"text": f"Look here:\n\n{LONG}\n\n    indented\tand a tab\n" + "word " * 100 + "x" * 500},
    "html": {"text": None, "html": f"<p>Look <a href='{LONG}'>{LONG}</a></p><pre>{'x ' * 300}</pre>"},
    "wide": {"text": None, "html": "<table width=900><tr><td nowrap>" + "cell " * 80 + "</td></tr></table>"},
    "attacks": {"text": None, "html": ATTACKS},
    "quoted text": {"quoted": Original(ADA, PARTS.date, "> earlier\n" + LONG + "\n" + "y" * 400)},
    "quoted newsletter": {
        "quoted": Original(ADA, PARTS.date, "x", "<table width=1200 style='width:1200px'><tr><td>a</td></tr></table>")
    },
    "quoted attacks": {"quoted": Original(ADA, PARTS.date, "x", ATTACKS)},
    "signature": {
        "identity": replace(
            GRACE, signature=f"<table width=600><tr><td>{{{{user.full_name}}}}</td></tr></table><p>{LONG}</p>" + ATTACKS
        )
    },
    "names": {"identity": SenderIdentity(Address("A", "a@b.example"), GRACE.because, "chn", "<script>", "<b>", "s")},
}


class Beacon(BaseHTTPRequestHandler):
    """A server that notes what is asked of it."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to the terminal."""


@pytest.fixture
def beacon() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what was asked of it."""
    asked: list[str] = []
    handler = type("Noting", (Beacon,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def shown(content: str, folder: Path) -> dict[str, Any]:
    """What a browser makes of HTML in a frame of a phone's width: how wide it becomes, and what ran."""
    page = folder / "page.html"
    page.write_text(
        f"""<!DOCTYPE html><meta charset=utf-8><title></title><script>
        const told = {{ran: []}}; function hit(what) {{ told.ran.push(what) }}
        function tell(frame) {{
          const inside = frame.contentDocument;
          const link = inside.getElementById('link'), submit = inside.querySelector('button');
          if (link) link.click(); if (submit) submit.click();
          told.width = inside.documentElement.scrollWidth; told.text = inside.body.innerText.length;
          setTimeout(() => document.title = JSON.stringify(told), 500);
        }}
        </script><iframe width={SCREEN} height=600 style="border:0" onload="tell(this)" srcdoc="{html.escape(content)}">
        </iframe>"""
    )
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    dumped = subprocess.run(
        [*command, "--virtual-time-budget=4000", "--dump-dom", page.as_uri()],
        capture_output=True,
        check=True,
        timeout=120,
    ).stdout.decode()
    title = re.search("<title>(.*?)</title>", dumped, re.DOTALL)
    assert title is not None
    assert title[1], "the page was not measured"
    told: dict[str, Any] = json.loads(html.unescape(title[1]))
    return told


@pytest.mark.parametrize("name", BODIES)
def test_a_mail_fits_a_phone_and_neither_runs_nor_loads_anything(
    name: str, tmp_path: Path, beacon: tuple[str, list[str]]
) -> None:
    address, asked = beacon
    parts = replace(PARTS, **BODIES[name])
    mail = email.message_from_bytes(compose(answer_draft(parts)), policy=email.policy.default)
    part = mail.get_body(("html",))
    assert part is not None
    content = str(part.get_content()).replace("BEACON", address)
    told = shown(content, tmp_path)
    assert told["ran"] == []
    assert asked == []
    assert told["text"]
    assert int(str(told["width"])) <= SCREEN


def test_the_browser_would_have_told(tmp_path: Path, beacon: tuple[str, list[str]]) -> None:
    """The same attacks, not cleaned: they run and load, and a wide table is wide."""
    address, asked = beacon
    told = shown(ATTACKS.replace("BEACON", address) + "<table width=900><tr><td>a</td></tr></table>", tmp_path)
    assert {"script", "onerror", "svg"} <= set(told["ran"])
    assert "/image" in asked
    assert int(str(told["width"])) > SCREEN
