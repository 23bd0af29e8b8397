"""Fuzz target: whatever looks like a bounce, a complaint or an automatic mail is judged without a fault."""

from __future__ import annotations

import sys

from chalicelib.mail import ses_notification
from chalicelib.mail.automatic import find_automatic
from chalicelib.mail.bounces import find_bounce, find_complaint
from chalicelib.mail.parse import parse
from tests.fuzz import runner

TOKENS = [
    b"From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n",
    b"Return-Path: <>\r\n",
    b"Subject: Undelivered Mail Returned to Sender\r\n",
    b"X-Failed-Recipients: a@b.example, c@d.example\r\n",
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n--r\r\n',
    b"\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n",
    b"\r\n--r\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n",
    b"\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n",
    b"\r\n--r\r\nContent-Type: text/rfc822-headers\r\n\r\n",
    b"\r\n--r--\r\n",
    b"Final-Recipient: rfc822; <a@b.example>\r\n",
    b"Original-Recipient: x400; /S=a/\r\n",
    b"Action: delayed\r\nStatus: 4.4.1 (x)\r\n",
    b"Diagnostic-Code: smtp; 550 5.1.1\r\n  user unknown\r\n",
    b"This is the qmail-send program at x.\r\n\r\n<a@b.example>:\r\n",
    b"The following address(es) failed:\r\n\r\n  a@b.example\r\n",
    b"--- Below this line is a copy of the message.\r\n",
    b"From: x <no-reply@sns.amazonaws.com>\r\n",
    b'{"Message":"{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"a@b\\"}]}}"}',
    b'{"complaint":{"complainedRecipients":[null]}}',
    b"[{[{",
    b"a@b.example",
    b"@",
    b"550 ",
    b"Auto-Submitted: auto-replied\r\n",
    b"Subject: =?utf-8?B?6Ieq5YuV5b+c562U?=\r\n",
    b"Content-Type: text/calendar\r\n\r\nMETHOD:REPLY\r\n",
]


def target(data: bytes) -> None:
    """Bounce, complaint and automatic mail on one input."""
    root = parse(data)
    text = "\n".join(part.text() for part in root.walk() if part.content_type.startswith("text/"))
    bounce = find_bounce(root, text)
    if bounce is not None:
        assert len(bounce.recipients) <= 10_000
        assert all(recipient.address for recipient in bounce.recipients)
    find_complaint(root)
    find_automatic(root, root.headers.get("subject") or "")
    ses_notification.read(text)
    ses_notification.read_complaint(text)


if __name__ == "__main__":
    sys.exit(runner.main("bounces", target, TOKENS))
