"""Read delivery status notifications: fields about each recipient (RFC 3464), as a MIME part or as text.

Format: groups of header-like fields, parted by empty lines; the first group is about the message. Read although wrong:
no empty lines between groups, fields before their recipient's, folded values, fields inside a plain text.
Limits: 1,000 recipients; 200,000 characters.
"""

from __future__ import annotations

import re
import sys

from msgspec import Struct

MAX_CHARACTERS = 200_000
MAX_RECIPIENTS = 1_000

_FIELD = re.compile(
    r"^[> \t]{0,8}(Final-Recipient|Original-Recipient|X-Actual-Recipient|X-Original-Recipient|Action|Status"
    r"|Diagnostic-Code|Reporting-MTA|Remote-MTA|Arrival-Date|Original-Envelope-Id)[ \t]{0,4}:[ \t]*+([^\n]*+"
    r"(?:\n[ \t]++(?![A-Za-z-]++:)[^\s][^\n]*+)*+)|^[ \t]*+$",
    re.MULTILINE | re.IGNORECASE,
)
_PRESENCE = re.compile(r"^[> \t]{0,8}(?:Final|Original)-Recipient[ \t]{0,4}:", re.MULTILINE | re.IGNORECASE)
# Local parts in other scripts (RFC 6531) only count where a field says that an address stands there: in a text without
# blanks between words one cannot tell where they begin.
ADDRESS = re.compile(
    r"(?:\"[^\"\s@]{1,64}+\"|[a-zA-Z0-9_.!#$%&*+/=^~{}|?-][a-zA-Z0-9_.!#$%&'*+/=^~{}|?-]{0,127}+)"
    r"@(?:[a-zA-Z0-9_-]{1,63}+(?:\.[a-zA-Z0-9_-]{1,63}+){0,16}+|\[[\d.]{7,15}\])"
)
_ANY_SCRIPT = re.compile(r"[^\s<>@\"]{1,128}+@[^\s<>@\"]{1,255}+")
_XTEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # utf-8-addr-xtext, RFC 6533 §3
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


class Report(Struct):
    """What a report says of one recipient; empty strings where it is silent."""

    final: str = ""
    original: str = ""
    actual: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    remote_mta: str = ""

    @property
    def address(self) -> str:
        """The address that failed: the final one, unless it is no mail address (X.400, a local name)."""
        for value in (self.final, self.actual, self.original):
            if "@" in value:
                return value
        return self.final or self.original


def has_fields(text: str) -> bool:
    """Whether recipient fields stand in a text."""
    return _PRESENCE.search(text, 0, MAX_CHARACTERS) is not None


def read_reports(text: str) -> list[Report]:
    """The recipients of a report, in their order."""
    reports: list[Report] = []
    current: Report | None = None
    for match in _FIELD.finditer(text, 0, MAX_CHARACTERS):
        if match[1] is None:
            if current is not None and (current.final or current.original):
                reports.append(current)
            current = None
            continue
        current = current or Report()
        current = _take(reports, current, match[1].lower(), " ".join(match[2].split()))
        if len(reports) >= MAX_RECIPIENTS:
            return reports
    if current is not None and (current.final or current.original):
        reports.append(current)
    return _joined(reports)


def _take(reports: list[Report], current: Report, name: str, value: str) -> Report:
    if name == "final-recipient":
        if current.final:  # a group without an empty line before it
            reports.append(current)
            current = Report()
        current.final = _recipient(value)
    elif name in ("original-recipient", "x-original-recipient"):
        if current.original and current.final:
            reports.append(current)
            current = Report()
        current.original = _recipient(value)
    elif name == "x-actual-recipient":
        current.actual = _recipient(value)
    elif name == "action":
        current.action = value.split(" ")[0].strip("().;,").lower()
    elif name == "status":
        status = _STATUS.search(value)
        current.status = status[0] if status else ""
    elif name == "diagnostic-code":
        current.diagnostic = value.partition(";")[2].strip() or value
    elif name == "remote-mta":
        current.remote_mta = value.partition(";")[2].strip() or value
    return current


def _recipient(value: str) -> str:
    """`rfc822; <kim@example.org>`: the address; without one the value after its type."""
    typed = value.partition(";")[2] or value
    typed = typed.replace("mailto:", "").strip()
    if value[:5].lower() == "utf-8" or not typed.isascii():
        international = _ANY_SCRIPT.search(_XTEXT.sub(_character, typed))
        if international:
            return international[0]
    found = ADDRESS.search(typed)
    if found:
        return found[0]
    return typed.strip("<> \t")


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF else match[0]


def _joined(reports: list[Report]) -> list[Report]:
    """Drop groups that say the same of the same recipient."""
    seen: dict[str, Report] = {}
    for report in reports:
        seen.setdefault(report.address.lower(), report)
    return list(seen.values())
