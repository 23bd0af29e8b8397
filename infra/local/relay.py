"""Mail that leaves the local cloud goes on to a real SMTP server, if `POSTFACH_RELAY` names one (`settings.py`).

Without TLS or login: it is meant for a server on this machine or in this network that lets one relay, such as Mailpit.
Recipients at SES's mailbox simulator (`ses_events.py`) are played here, and never passed on.
"""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from infra.local.ses_events import SIMULATOR

PATIENCE = 30  # seconds
log = logging.getLogger("relay")


class Relay:
    """The server that mail is passed on to."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    def pass_on(self, item: dict[str, Any]) -> list[str]:
        """Pass a mail of the outbox on; the recipients that the server took. What it does not take is logged, not tried
        again: it stands in the outbox all the same."""
        real = [each for each in item["rcpt_to"] if not each.lower().endswith(f"@{SIMULATOR}")]
        if not real:
            return []
        raw = item["raw"].encode("utf-8", "surrogateescape")
        try:
            with smtplib.SMTP(self._host, self._port, timeout=PATIENCE) as smtp:
                refused = smtp.sendmail(item["mail_from"], real, raw)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("not relayed: %s", error)
            return []
        for address, answer in refused.items():
            log.warning("not relayed to %s: %s", address, answer)
        return [each for each in real if each not in refused]


def read_relay(text: str) -> tuple[str, int] | None:
    """Host and port of `host:port`; None for nothing. Raises `ValueError` for anything else."""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
        raise ValueError(f"not host:port: {text!r}")
    return host, int(port)
