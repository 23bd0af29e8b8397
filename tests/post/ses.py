"""What SES says of a mail that it stored: the notification of an S3 action.

Source: "Contents of notifications for Amazon SES email receiving" in the SES developer guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.clock import stamp

FIRST_MAIL_AT = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
PROVEN = {"spf": "PASS", "dkim": "PASS", "dmarc": "PASS"}
UNPROVEN = {"spf": "GRAY", "dkim": "GRAY", "dmarc": "GRAY"}
FORGED = {"spf": "FAIL", "dkim": "FAIL", "dmarc": "FAIL"}


def at(minutes: float) -> str:
    """A time of these tests: minutes after the first mail."""
    return stamp(FIRST_MAIL_AT + timedelta(minutes=minutes))


def notification(
    raw_id: str,
    recipients: Sequence[str],
    *,
    bucket: str,
    received_at: str = at(0),
    mail_from: str | None = "ada@customer.example",
    spam: str = "PASS",
    virus: str = "PASS",
    authentication: Mapping[str, str] = PROVEN,
) -> dict[str, Any]:
    """The notification, as SES publishes it to the topic."""
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": received_at,
            "source": mail_from,
            "messageId": raw_id,
            "destination": list(recipients),
            "headersTruncated": False,
            "headers": [{"name": "Return-Path", "value": f"<{mail_from}>"}],
            "commonHeaders": {"returnPath": mail_from},
        },
        "receipt": {
            "timestamp": received_at,
            "processingTimeMillis": 123,
            "recipients": list(recipients),
            "spamVerdict": {"status": spam},
            "virusVerdict": {"status": virus},
            **{f"{method}Verdict": {"status": status} for method, status in authentication.items()},
            "action": {
                "type": "S3",
                "topicArn": "arn:aws:sns:eu-central-1:123456789012:inbound",
                "bucketName": bucket,
                "objectKeyPrefix": "raw/",
                "objectKey": f"raw/{raw_id}",
            },
        },
    }


def sns_envelope(message: str) -> str:
    """The same inside SNS's own envelope: a subscription without raw delivery."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": "arn:aws:sns:eu-central-1:123456789012:inbound",
            "Subject": "Amazon SES Email Receipt Notification",
            "Message": message,
            "Timestamp": at(0),
            "SignatureVersion": "1",
            "Signature": "none",
        }
    )
