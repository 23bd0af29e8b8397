"""What SES makes of a received mail: the headers it writes on top, and the notification it publishes. Pure.

Source: Amazon SES developer guide, "Contents of notifications for Amazon SES email receiving", and the headers seen
on mail that SES stored. SES checks SPF, DKIM, DMARC, spam and viruses itself; a local cloud cannot, so it believes
the mail: the topmost `Authentication-Results` (RFC 8601) and `X-SES-Spam-Verdict` / `X-SES-Virus-Verdict` headers
say what SES would have found. Without `Authentication-Results` the sender counts as authenticated; with it, a
method it does not name counts as GRAY.

Limits as SES has them: headers beyond 10 KB are left out of the notification (`headersTruncated`), and a
notification stays below the 256 KB of SNS, because every value and list in it is cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime, getaddresses
from typing import Any

MAX_HEADER_BYTES = 10 * 1024
MAX_VALUES = 5  # of a header that should stand once
MAX_VALUE = 2048
MAX_ADDRESSES = 200
STATUSES = ("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED")
# RFC 8601 results, as SES names them: no conclusion is GRAY, a check that could not be done is PROCESSING_FAILED.
AUTHENTICATION = {
    "pass": "PASS",
    "fail": "FAIL",
    "hardfail": "FAIL",
    "permerror": "FAIL",
    "temperror": "PROCESSING_FAILED",
}
RESULT = re.compile(r"(?<![\w.-])(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
DMARC_POLICY = re.compile(r"\bp(?:olicy\.dmarc)?=(none|quarantine|reject)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Transaction:
    """One SMTP transaction: `raw` as sent, the envelope, and who connected."""

    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]
    helo: str
    peer: str
    received_at: datetime
    id: str


@dataclass(frozen=True)
class Verdicts:
    """SES's five statuses; `dmarc_policy` only when DMARC failed."""

    spam: str
    virus: str
    spf: str
    dkim: str
    dmarc: str
    dmarc_policy: str | None = None


def read_headers(raw: bytes) -> Message:
    """The header block of a mail; never raises, whatever the bytes."""
    end = re.search(rb"\r?\n\r?\n", raw)
    return BytesHeaderParser(policy=compat32).parsebytes(raw[: end.end()] if end else raw[: 1024 * 1024])


def clean(value: object) -> str:
    """A header's value on one line, readable as UTF-8 where it is, free of control characters and lone surrogates."""
    text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()


def find_verdicts(headers: Message) -> Verdicts:
    """The findings that the mail claims for itself (see the module's text)."""
    results = clean(headers.get("Authentication-Results", ""))
    found: dict[str, list[str]] = {}
    for method, result in RESULT.findall(re.sub(r"\([^()]*\)", " ", results)):
        found.setdefault(method.lower(), []).append(AUTHENTICATION.get(result.lower(), "GRAY"))

    def status(method: str) -> str:
        if "Authentication-Results" not in headers:
            return "PASS"
        statuses = found.get(method, ["GRAY"])
        return "PASS" if "PASS" in statuses else statuses[0]  # one good DKIM signature is enough (RFC 6376 section 6.1)

    policy = DMARC_POLICY.search(results)
    return Verdicts(
        spam=_claimed(headers, "X-SES-Spam-Verdict"),
        virus=_claimed(headers, "X-SES-Virus-Verdict"),
        spf=status("spf"),
        dkim=status("dkim"),
        dmarc=status("dmarc"),
        dmarc_policy=policy.group(1).lower() if policy and status("dmarc") == "FAIL" else None,
    )


def _claimed(headers: Message, name: str) -> str:
    value = clean(headers.get(name, "PASS")).upper()
    return value if value in STATUSES else "GRAY"


def add_headers(mail: Transaction, verdicts: Verdicts, region: str) -> bytes:
    """The mail as SES stores it. `for` names every recipient, so that the envelope can be read back."""
    newline = "\r\n" if b"\r\n" in mail.raw[:100_000] or b"\n" not in mail.raw[:100_000] else "\n"
    words = {"PASS": "pass", "FAIL": "fail", "GRAY": "none", "PROCESSING_FAILED": "temperror", "DISABLED": "none"}
    date = format_datetime(mail.received_at)
    policy = f" (p={verdicts.dmarc_policy})" if verdicts.dmarc_policy else ""
    lines = [
        f"Return-Path: <{clean(mail.mail_from)}>",
        f"Received: from {clean(mail.helo)} ({clean(mail.helo)} [{mail.peer}])",
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {mail.id}",
        f" for {(',' + newline + ' ').join(clean(each) for each in mail.recipients)};",
        f" {date} (UTC)",
        f"X-SES-Spam-Verdict: {verdicts.spam}",
        f"X-SES-Virus-Verdict: {verdicts.virus}",
        f"Authentication-Results: amazonses.com; spf={words[verdicts.spf]};",
        f" dkim={words[verdicts.dkim]};",
        f" dmarc={words[verdicts.dmarc]}{policy};",
    ]
    return (newline.join(lines) + newline).encode() + mail.raw


def notification(mail: Transaction, stored: bytes, verdicts: Verdicts, action: dict[str, str]) -> dict[str, Any]:
    """SES's notification of an S3 action. `stored` has SES's headers, `action` names bucket, key and topic."""
    headers = read_headers(stored)
    shown, truncated = _within_limit([(name, clean(value)) for name, value in headers.raw_items()])
    timestamp = mail.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    receipt: dict[str, Any] = {
        "timestamp": timestamp,
        "processingTimeMillis": 1,
        "recipients": list(mail.recipients),
        "spamVerdict": {"status": verdicts.spam},
        "virusVerdict": {"status": verdicts.virus},
        "spfVerdict": {"status": verdicts.spf},
        "dkimVerdict": {"status": verdicts.dkim},
        "dmarcVerdict": {"status": verdicts.dmarc},
        "action": {"type": "S3", **action},
    }
    if verdicts.dmarc_policy:
        receipt["dmarcPolicy"] = verdicts.dmarc_policy
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": timestamp,
            "source": mail.mail_from,
            "messageId": mail.id,
            "destination": _addresses(headers, "To", "Cc") or list(mail.recipients),
            "headersTruncated": truncated,
            "headers": [{"name": name, "value": value} for name, value in shown],
            "commonHeaders": _common_headers(headers, mail.mail_from),
        },
        "receipt": receipt,
    }


def _within_limit(headers: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool]:
    shown: list[tuple[str, str]] = []
    size = 0
    for name, value in headers:
        size += len(name.encode("utf-8", "replace")) + len(value.encode("utf-8", "replace"))
        if size > MAX_HEADER_BYTES:
            return shown, True
        shown.append((clean(name), value))
    return shown, False


def _addresses(headers: Message, *names: str) -> list[str]:
    values = [clean(value)[:MAX_HEADER_BYTES] for name in names for value in headers.get_all(name, [])[:MAX_VALUES]]
    try:
        return [address for _, address in getaddresses(values) if address][:MAX_ADDRESSES]
    except Exception:  # the standard library's address parser raises various things on hostile input
        return []


def _common_headers(headers: Message, mail_from: str) -> dict[str, Any]:
    """The parsed headers that SES repeats; each present only when the mail has it."""
    common: dict[str, Any] = {"returnPath": mail_from}
    for key, name in (("from", "From"), ("to", "To"), ("cc", "Cc"), ("replyTo", "Reply-To")):
        values = [clean(value)[:MAX_VALUE] for value in headers.get_all(name, [])[:MAX_VALUES]]
        if values:
            common[key] = values
    for key, name in (("date", "Date"), ("messageId", "Message-ID"), ("subject", "Subject")):
        if name in headers:
            common[key] = clean(headers[name])[:MAX_VALUE]
    return common
