"""Read Amazon SES notifications that SNS sent as mail: JSON in a text part.

Format: the notification object (`notificationType` or `eventType`: Bounce, DeliveryDelay, Complaint), bare or as the
string `Message` of an SNS envelope; SNS appends a footer to unsubscribe. Source: "Amazon SNS notification contents for
Amazon SES" in the SES developer guide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chalicelib.mail.bounce_reasons import recipient_kind, worst
from chalicelib.mail.model import Bounce, Complaint, FailedRecipient

_DECODE = msgspec.json.Decoder(dict[str, Any])


def read(text: str) -> Bounce | None:
    """The bounce or delay that a notification tells of; None for anything else."""
    told = _notification(text)
    if told is None:
        return None
    delayed = isinstance(told.get("deliveryDelay"), dict)
    about = told.get("deliveryDelay") if delayed else told.get("bounce")
    if not isinstance(about, dict):
        return None
    entries = about.get("delayedRecipients" if delayed else "bouncedRecipients")
    recipients = tuple(
        _failed(entry) for entry in entries or () if isinstance(entry, dict) and entry.get("emailAddress")
    )
    kind = worst([recipient.kind for recipient in recipients])
    headers = _dict(_dict(told.get("mail")).get("commonHeaders"))
    message_id = str(headers.get("messageId") or _dict(told.get("mail")).get("messageId") or "").strip("<>") or None
    subject = headers.get("subject")
    return Bounce(recipients, "delayed" if delayed else kind, message_id, subject if isinstance(subject, str) else None)


def read_complaint(text: str) -> Complaint | None:
    """The complaint that a notification tells of; None for anything else."""
    told = _notification(text)
    about = told.get("complaint") if told else None
    if told is None or not isinstance(about, dict):
        return None
    recipients = tuple(str(_dict(entry).get("emailAddress")) for entry in about.get("complainedRecipients") or ())
    message_id = str(_dict(told.get("mail")).get("messageId") or "") or None
    return Complaint(recipients, str(about.get("complaintFeedbackType") or "abuse"), message_id)


def _failed(entry: dict[str, Any]) -> FailedRecipient:
    status = str(entry.get("status") or "") or None
    diagnostic = str(entry.get("diagnosticCode") or "").removeprefix("smtp; ") or None
    return FailedRecipient(str(entry["emailAddress"]), status, diagnostic, recipient_kind(status, diagnostic))


def _notification(text: str) -> dict[str, Any] | None:
    start = text.find("{")
    if start < 0:
        return None
    end = text.rfind("}") + 1
    # QUIRK: mail servers cut the long JSON string into lines (sendmail puts `!` and a blank around the cut).
    whole = text[start:end]
    for candidate in (whole, whole.replace("!\n ", ""), whole.replace("\n", ""), whole.replace("\n", " ")):
        found = _decoded(candidate)
        if found is None:
            continue
        inner = found.get("Message")
        return _decoded(inner) if isinstance(inner, str) else found
    return None


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        return _DECODE.decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeEncodeError, RecursionError):
        return None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
