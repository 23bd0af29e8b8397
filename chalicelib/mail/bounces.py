"""Find out whether a mail is a bounce, whom it could not reach and why; and read abuse reports.

Formats: delivery status notifications (RFC 3464, with the usual mistakes); Amazon SES notifications mailed by
SNS; X-Failed-Recipients (Exim, Gmail); and the plain words of mail servers since 1990 (`bounce_dialects`).
Abuse reports are in the format of RFC 5965.
None of these is a bounce: a report that only says delivered or relayed, a read receipt (RFC 8098), a vacation
notice, an abuse report, a person's mail that quotes or forwards a bounce.
Limits: the first 200,000 characters of text, 1,000 recipients. Ordinary mail leaves after a look at its type,
sender and subject; only what looks suspicious meets the patterns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.mail import bounce_reasons, bounce_reports, bounce_text, ses_notification
from chalicelib.mail.bounce_reports import Report
from chalicelib.mail.bounce_suspicion import STATUS_TYPES, Suspicion
from chalicelib.mail.model import Bounce, Complaint, FailedRecipient

if TYPE_CHECKING:
    from chalicelib.mail.parse import Part

_HEADER_TYPES = frozenset(("text/rfc822-headers", "message/rfc822-headers", "text/rfc822-header"))
_GOOD_ACTIONS = frozenset(("delivered", "relayed", "expanded"))
_MESSAGE_ID = re.compile(r"^[> \t]{0,8}Message-ID:\s{0,4}<([^<>\s]{1,998})>", re.MULTILINE | re.IGNORECASE)
_ANY_ID = re.compile(r"<([^<>\s]{1,998})>")
_SUBJECT_LINE = re.compile(r"^[> \t]{0,8}Subject:[ \t]*([^\n]{1,998})", re.MULTILINE | re.IGNORECASE)
_TO_LINE = re.compile(r"^[> \t]{0,8}To:[ \t]*([^\n]{1,998}(?:\n[ \t][^\n]{1,998})?)", re.MULTILINE | re.IGNORECASE)
_DELAY = re.compile(
    r"(?:has not yet|not yet been|has been delayed|is delayed|be delayed|delivery is delayed|will (?:keep"
    r"|continue) (?:on )?"
    r"(?:trying|to try|to attempt)|warning message only|not been delivered yet|still being (?:processed"
    r"|retried)|no action is required"
    r"|do not need to resend|delayed for more than|noch nicht zugestellt|verzögert|retardée|retrasad|ritardat)",
    re.IGNORECASE,
)


def find_bounce(root: Part, text: str) -> Bounce | None:
    """What the mail reports as undelivered; None if it is no bounce. `text` is its readable text."""
    parts = list(root.walk()) if root.content_type.startswith(("multipart/", "message/")) else [root]
    suspicion = Suspicion(root, parts)
    if not suspicion:
        return None
    text = text[: bounce_reports.MAX_CHARACTERS]
    if notification := ses_notification.read(text) if suspicion.by_sns else None:
        return notification
    reports = _reports(parts, text)
    failed = [report for report in reports if report.action not in _GOOD_ACTIONS]
    if reports and not failed:
        return None
    evidence = suspicion.confirmed_by(text)
    if evidence == "none":
        return None
    notice, original = bounce_text.notice(text), _original(parts, text)
    if evidence == "weak" and not original.found and not bounce_text.names_a_recipient(notice, _sender(root)):
        return None
    return _assemble(root, failed, notice, original)


def _sender(root: Part) -> frozenset[str]:
    """To whom the bounce went: who sent the mail that failed."""
    return frozenset(found.lower() for found in bounce_reports.ADDRESS.findall(root.headers.unfolded("to") or ""))


def _reports(parts: list[Part], text: str) -> list[Report]:
    reports: list[Report] = []
    for part in parts:
        if part.content_type in STATUS_TYPES:
            reports += bounce_reports.read_reports(part.text())
    if not reports and bounce_reports.has_fields(text):
        reports = bounce_reports.read_reports(text)
    return reports


class _Original(Struct):
    """What is known of the returned mail."""

    message_id: str | None = None
    subject: str | None = None
    to: str = ""

    @property
    def found(self) -> bool:
        """Whether a mail was returned at all."""
        return self.message_id is not None or bool(self.to)


def _original(parts: list[Part], text: str) -> _Original:
    for part in parts:
        if part.content_type in _HEADER_TYPES:
            return _from_header_text(part.text())
        if part.content_type in ("message/rfc822", "message/global", "message/global-headers"):
            inner = part.children
            if inner:
                headers = inner[0].headers
                message_id = (headers.unfolded("message-id") or "").strip().strip("<>") or None
                return _Original(message_id, headers.get("subject"), headers.unfolded("to") or "")
    rest = text[len(bounce_text.notice(text)) :]
    return _from_header_text(rest)


def _from_header_text(text: str) -> _Original:
    message_id, subject, to = _MESSAGE_ID.search(text), _SUBJECT_LINE.search(text), _TO_LINE.search(text)
    return _Original(
        message_id[1] if message_id else None, subject[1].strip() if subject else None, to[1] if to else ""
    )


def _assemble(root: Part, failed: list[Report], notice: str, original: _Original) -> Bounce:
    recipients = [_failed(report, notice) for report in failed if "@" in report.address]
    if not recipients:
        recipients = _from_words(root, failed, notice, original)
    delayed = all(report.action == "delayed" for report in failed) if failed else _DELAY.search(notice) is not None
    kind = bounce_reasons.worst([recipient.kind for recipient in recipients])
    message_id = original.message_id or _cited_id(root)
    return Bounce(tuple(recipients), "delayed" if delayed else kind, message_id, original.subject)


def _cited_id(root: Part) -> str | None:
    """The id of the mail that a bounce without a copy of it answers."""
    for name in ("in-reply-to", "references"):
        cited: list[str] = _ANY_ID.findall(root.headers.unfolded(name) or "")
        if cited:
            return cited[-1]
    return None


def _failed(report: Report, notice: str) -> FailedRecipient:
    diagnostic = report.diagnostic or None
    status = report.status
    if diagnostic and (not status or status.endswith(".0.0")):
        status = bounce_reasons.find_status(diagnostic) or status
    kind = bounce_reasons.recipient_kind(status or None, diagnostic or notice)
    return FailedRecipient(report.address, status or None, diagnostic, kind)


def _from_words(root: Part, failed: list[Report], notice: str, original: _Original) -> list[FailedRecipient]:
    named = bounce_reports.ADDRESS.findall(root.headers.unfolded("x-failed-recipients") or "")
    addresses = bounce_text.recipients(notice, _sender(root), named) or bounce_reports.ADDRESS.findall(original.to)
    status = next((report.status for report in failed if report.status), None) or bounce_reasons.find_status(notice)
    kind = bounce_reasons.recipient_kind(status, notice)
    return [FailedRecipient(address, status, None, kind) for address in dict.fromkeys(addresses)]


def find_complaint(root: Part) -> Complaint | None:
    """The abuse report that the mail is (RFC 5965); None if it is none."""
    if not root.content_type.startswith("multipart/"):
        told_by_ses = "sns.amazonaws.com" in (root.headers.unfolded("from") or "").lower()
        return ses_notification.read_complaint(root.text()) if told_by_ses else None
    parts = list(root.walk())
    report = next((part for part in parts if part.content_type == "message/feedback-report"), None)
    if report is None:
        return None
    fields: dict[str, list[str]] = {}
    for name, value in _REPORT_FIELD.findall(report.text()[: bounce_reports.MAX_CHARACTERS]):
        fields.setdefault(name.lower(), []).append(" ".join(value.split()))
    original = _original(parts, "")
    recipients = [
        found
        for name in _RECIPIENT_FIELDS
        for value in fields.get(name, ())
        for found in bounce_reports.ADDRESS.findall(value)
    ]
    if not recipients:
        recipients = bounce_reports.ADDRESS.findall(original.to)
    feedback = fields.get("feedback-type", ["abuse"])[0].lower()
    return Complaint(tuple(dict.fromkeys(recipients)), feedback, original.message_id)


_REPORT_FIELD = re.compile(r"^([A-Za-z][\w-]{1,60})[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^\n]+)*)", re.MULTILINE)
_RECIPIENT_FIELDS = ("original-rcpt-to", "removal-recipient", "redacted-address")
