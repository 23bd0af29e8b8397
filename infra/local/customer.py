"""A customer's mail server with forwarding, played by the local cloud: what becomes of mail for a team address.

    curl -X POST localhost:8080/forwarding/support@shop.test -d '{"to": "<forwarding address>", "mode": "redirect"}'

`redirect` sends a mail on as it is (RFC 5322 §3.6.6 leaves From and subject alone); `broken` swallows it; `delayed`
sends it on after `seconds`; `altered` forwards it as people do, as a new mail with its text; `bounced` refuses it.
Mail reaches the team address by SMTP, and what Postfach sends to it (probes) does too. Each address is a file.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import smtplib
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

MODES = ("redirect", "broken", "delayed", "altered", "bounced")
ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@(?!.*\.\.)[a-z0-9.-]{1,190}")
LONGEST_DELAY = 24 * 3600  # seconds
log = logging.getLogger("customer")


class Forwardings:
    """What the played mail server does, a file for each team address in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> dict[str, Any]:
        """Every team address with its settings."""
        files = sorted(self._folder.glob("*.json")) if self._folder.exists() else []
        return {file.stem: json.loads(file.read_text()) for file in files}

    def of(self, address: str) -> dict[str, Any] | None:
        """The settings of one team address; None: it is nobody's here."""
        address = address.lower()
        file = self._folder / f"{address}.json"
        return dict(json.loads(file.read_text())) if ADDRESS.fullmatch(address) and file.exists() else None

    def set(self, address: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """Change what becomes of mail for an address: `to`, `mode`, `seconds`. Raises ValueError for what cannot be."""
        address = address.lower()
        told = {"mode": "redirect", "seconds": 0, **(self.of(address) or {}), **wanted}
        if not ADDRESS.fullmatch(address) or not ADDRESS.fullmatch(str(told.get("to", "")).lower()):
            raise ValueError("Say the team address in the path, and the forwarding address as `to`.")
        if set(told) - {"to", "mode", "seconds"} or told["mode"] not in MODES:
            raise ValueError(f"Say to, mode ({', '.join(MODES)}) and seconds.")
        if not isinstance(told["seconds"], int | float) or not 0 <= told["seconds"] <= LONGEST_DELAY:
            raise ValueError("`seconds` is a number up to a day.")
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{secrets.token_hex(4)}"
        unfinished.write_text(json.dumps(told))
        os.replace(unfinished, self._folder / f"{address}.json")
        return told


def deliver(forwardings: Forwardings, address: str, raw: bytes, send: Callable[[str, bytes], None]) -> None:
    """Do with a mail what the settings of its team address say; `send` hands a mail to a recipient."""
    told = forwardings.of(address)
    if told is None or told["mode"] in ("broken", "bounced"):
        return
    if told["mode"] == "delayed":
        later = threading.Timer(float(told["seconds"]), send, (told["to"], raw))
        later.daemon = True  # a stop of the local cloud loses it, as a provider might
        later.start()
        return
    send(told["to"], forwarded_by_hand(raw, address, told["to"]) if told["mode"] == "altered" else raw)


def forwarded_by_hand(raw: bytes, address: str, to: str) -> bytes:
    """The mail as somebody at `address` would forward it: a new one, with the text of the old. Pure but for its id."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(preferencelist=("plain",))
    forward = EmailMessage()
    forward["From"], forward["To"] = address, to
    forward["Subject"] = f"Fwd: {mail['Subject'] or ''}"
    forward["Message-ID"] = f"<{secrets.token_hex(8)}@{address.rpartition('@')[2]}>"
    text = body.get_content() if body is not None else ""
    forward.set_content(f"---------- Forwarded message ---------\nFrom: {mail['From']}\n\n{text}")
    return forward.as_bytes()


def by_smtp(host: str, port: int) -> Callable[[str, bytes], None]:
    """Hands a mail to the front's own port; what cannot be handed over is lost, and logged."""

    def send(to: str, raw: bytes) -> None:
        try:
            with smtplib.SMTP(host, port, timeout=30) as smtp:
                smtp.sendmail("bounces@customer.test", [to], raw)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("not forwarded: %s", error)

    return send
