"""SES's account in the local cloud: whether it may send, and how much, as somebody says over HTTP (`http_front.py`).

    curl -X POST localhost:8080/sending -d '{"sending": false}'

| field | as SES has it | at first |
|---|---|---|
| `sending` | false: sending is paused; SendEmail answers `SendingPausedException` | true |
| `sandbox` | true: no production access | false |
| `enforcement` | `HEALTHY`, `PROBATION`, or `SHUTDOWN` (SendEmail answers `AccountSuspendedException`) | `HEALTHY` |
| `quota`, `sent` | mails of 24 hours; with as many sent SendEmail answers `LimitExceededException` | 50000, 0 |
| `rate` | mails a second, told and not enforced | 14 |

`sent` is what was said, and is not counted up. In the sandbox mail leaves all the same, which SES would refuse unless
the recipient is verified: the local cloud has nobody who could verify anything. Source: "GetAccount" and "SendEmail" in
the SES API v2 reference.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

PATH = "/v2/email/account"
AT_FIRST: dict[str, Any] = {
    "sending": True,
    "sandbox": False,
    "enforcement": "HEALTHY",
    "quota": 50000,
    "sent": 0,
    "rate": 14,
}
ENFORCEMENTS = ("HEALTHY", "PROBATION", "SHUTDOWN")


class SendingAccount:
    """The account's state, in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def told(self) -> dict[str, Any]:
        """The state as it was said last."""
        return AT_FIRST | (json.loads(self._file.read_text()) if self._file.exists() else {})

    def set(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Change some of it; the whole as it is then. Raises ValueError for what cannot be."""
        told = self.told() | wanted
        if set(told) - set(AT_FIRST):
            raise ValueError(f"Say some of {', '.join(AT_FIRST)}.")
        if not isinstance(told["sending"], bool) or not isinstance(told["sandbox"], bool):
            raise ValueError("`sending` and `sandbox` are true or false.")
        if told["enforcement"] not in ENFORCEMENTS:
            raise ValueError(f"`enforcement` is one of {', '.join(ENFORCEMENTS)}.")
        if not all(_is_count(told[name]) for name in ("quota", "sent", "rate")):
            raise ValueError("`quota`, `sent` and `rate` are numbers, not below 0.")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        unfinished.write_text(json.dumps(told))
        os.replace(unfinished, self._file)  # a reader never sees half of it
        return told

    def shown(self) -> dict[str, Any]:
        """What GetAccount answers."""
        told = self.told()
        quota = {"Max24HourSend": float(told["quota"]), "SentLast24Hours": float(told["sent"])}
        return {
            "SendingEnabled": told["sending"] and told["enforcement"] != "SHUTDOWN",
            "ProductionAccessEnabled": not told["sandbox"],
            "EnforcementStatus": told["enforcement"],
            "SendQuota": quota | {"MaxSendRate": float(told["rate"])},
        }

    def refuses(self) -> tuple[str, str] | None:
        """Code and message with which SendEmail is refused now, or None."""
        told = self.told()
        if told["enforcement"] == "SHUTDOWN":
            return "AccountSuspendedException", "The account's ability to send email has been permanently restricted."
        if not told["sending"]:
            return "SendingPausedException", "Email sending is disabled for the account."
        if told["sent"] >= told["quota"]:
            return "LimitExceededException", "Daily message quota exceeded."
        return None


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
