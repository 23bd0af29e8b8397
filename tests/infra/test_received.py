"""What the SMTP front makes of a mail is what SES would have made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import received
from infra.local.received import Transaction

AT = datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC)
MAIL = Transaction(
    raw=b"From: Kim <kim@customer.example>\r\nTo: Help <a@x.in.test>\r\nCc: b@y.test\r\nSubject: Hi\r\n\r\nHello\r\n",
    mail_from="kim@customer.example",
    recipients=("a@x.in.test", "b@x.in.test"),
    helo="mx.customer.example",
    peer="127.0.0.1",
    received_at=AT,
    id="abc123",
)
ACTION = {"topicArn": "arn:t", "bucketName": "b", "objectKeyPrefix": "raw/", "objectKey": "raw/abc123"}


def verdicts(head: str) -> received.Verdicts:
    return received.find_verdicts(received.read_headers(head.encode() + b"\r\n\r\n"))


@pytest.mark.parametrize(
    ("head", "spf", "dkim", "dmarc"),
    [
        ("Subject: none", "PASS", "PASS", "PASS"),
        ("Authentication-Results: mx; spf=pass smtp.mailfrom=a; dkim=pass; dmarc=pass", "PASS", "PASS", "PASS"),
        ("Authentication-Results: mx; spf=fail; dkim=none; dmarc=fail", "FAIL", "GRAY", "FAIL"),
        ("Authentication-Results: mx; spf=softfail; dkim=neutral", "GRAY", "GRAY", "GRAY"),
        ("Authentication-Results: mx; spf=temperror; dkim=permerror; dmarc=pass", "PROCESSING_FAILED", "FAIL", "PASS"),
        ("Authentication-Results: mx; dkim=fail; dkim=pass", "GRAY", "PASS", "GRAY"),
        ("Authentication-Results: mx;\r\n spf = PASS (spf=fail in words)", "PASS", "GRAY", "GRAY"),
        ("Authentication-Results: one; spf=fail\r\nAuthentication-Results: two; spf=pass", "FAIL", "GRAY", "GRAY"),
        ("Authentication-Results: mx; x-spf=pass; arc.dkim=pass", "GRAY", "GRAY", "GRAY"),
        ("Authentication-Results:", "GRAY", "GRAY", "GRAY"),
    ],
)
def test_the_topmost_results_are_believed(head: str, spf: str, dkim: str, dmarc: str) -> None:
    found = verdicts(head)
    assert (found.spf, found.dkim, found.dmarc) == (spf, dkim, dmarc)
    assert (found.spam, found.virus) == ("PASS", "PASS")


def test_the_policy_is_told_only_when_dmarc_failed() -> None:
    assert verdicts("Authentication-Results: mx; dmarc=fail (p=reject dis=none)").dmarc_policy == "reject"
    assert verdicts("Authentication-Results: mx; dmarc=pass (p=reject)").dmarc_policy is None


@pytest.mark.parametrize(
    ("value", "status"), [("FAIL", "FAIL"), ("gray", "GRAY"), ("whatever", "GRAY"), ("PASS", "PASS")]
)
def test_spam_and_virus_are_believed(value: str, status: str) -> None:
    assert verdicts(f"X-SES-Spam-Verdict: {value}").spam == status
    assert verdicts(f"X-SES-Virus-Verdict: {value}").virus == status


def test_headers_are_added_on_top_and_the_rest_is_untouched() -> None:
    found = received.find_verdicts(received.read_headers(MAIL.raw))
    stored = received.add_headers(MAIL, found, "eu-west-1")
    assert stored.endswith(MAIL.raw)
    message = message_from_bytes(stored)
    assert message.keys()[:5] == [
        "Return-Path",
        "Received",
        "X-SES-Spam-Verdict",
        "X-SES-Virus-Verdict",
        "Authentication-Results",
    ]
    assert message["Return-Path"] == "<kim@customer.example>"
    assert "by inbound-smtp.eu-west-1.amazonaws.com with SMTP id abc123" in message["Received"]
    assert " ".join(message["Received"].split(" for ")[1].split()).startswith(
        "a@x.in.test, b@x.in.test; Sun, 01 Mar 2026"
    )
    assert not stored.replace(b"\r\n", b"").count(b"\n")


def test_the_stored_findings_are_those_told() -> None:
    """The sweep reads them back from the stored mail when the notification was lost."""
    head = b"Authentication-Results: mx; spf=fail; dkim=pass; dmarc=temperror\r\nX-SES-Spam-Verdict: FAIL\r\n"
    mail = replace(MAIL, raw=head + MAIL.raw)
    found = received.find_verdicts(received.read_headers(mail.raw))
    stored = received.add_headers(mail, found, "eu-west-1")
    assert received.find_verdicts(received.read_headers(stored)) == found


def test_the_notification_has_the_shape_of_ses() -> None:
    found = received.find_verdicts(received.read_headers(MAIL.raw))
    stored = received.add_headers(MAIL, found, "eu-west-1")
    told = received.notification(MAIL, stored, found, ACTION)
    assert told["notificationType"] == "Received"
    assert told["mail"]["messageId"] == "abc123"
    assert told["mail"]["source"] == "kim@customer.example"
    assert told["mail"]["timestamp"] == "2026-03-01T12:30:15.250Z"
    assert told["mail"]["destination"] == ["a@x.in.test", "b@y.test"]
    assert told["mail"]["headers"][0] == {"name": "Return-Path", "value": "<kim@customer.example>"}
    assert told["mail"]["commonHeaders"]["subject"] == "Hi"
    assert told["mail"]["commonHeaders"]["from"] == ["Kim <kim@customer.example>"]
    assert told["receipt"]["recipients"] == ["a@x.in.test", "b@x.in.test"]
    assert told["receipt"]["action"] == {"type": "S3", **ACTION}
    assert told["receipt"]["spfVerdict"] == {"status": "PASS"}
    assert told["mail"]["headersTruncated"] is False


def test_long_headers_are_cut_as_ses_cuts_them() -> None:
    head = b"".join(b"X-Pad-%d: %s\r\n" % (n, b"x" * 500) for n in range(100))
    mail = replace(MAIL, raw=head + MAIL.raw)
    found = received.find_verdicts(received.read_headers(mail.raw))
    told = received.notification(mail, received.add_headers(mail, found, "eu-west-1"), found, ACTION)
    assert told["mail"]["headersTruncated"] is True
    assert sum(len(each["name"] + each["value"]) for each in told["mail"]["headers"]) <= received.MAX_HEADER_BYTES


@pytest.mark.parametrize("header", [b"To: ", b"From: ", b"Subject: ", b"Authentication-Results: "])
def test_a_notification_fits_sns(header: bytes) -> None:
    mail = replace(
        MAIL, raw=(header + b'"\\"\x01\xff' * 20_000 + b"\r\n") * 30 + b"\r\n", recipients=("a@x.in.test",) * 100
    )
    found = received.find_verdicts(received.read_headers(mail.raw))
    told = received.notification(mail, received.add_headers(mail, found, "eu-west-1"), found, ACTION)
    assert len(json.dumps(told, ensure_ascii=False).encode()) < 256 * 1024


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_bytes_are_refused(raw: bytes, sender: str) -> None:
    mail = replace(MAIL, raw=raw, mail_from=sender.encode("utf-8", "replace").decode())
    found = received.find_verdicts(received.read_headers(raw))
    stored = received.add_headers(mail, found, "eu-west-1")
    assert stored.endswith(raw)
    json.dumps(received.notification(mail, stored, found, ACTION), ensure_ascii=False).encode()


@given(st.text(alphabet=st.characters(categories=("Cc", "L", "Zs")), max_size=60))
def test_an_envelope_cannot_write_headers(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    mail = replace(MAIL, mail_from=clean, helo=clean, recipients=(clean,))
    stored = received.add_headers(mail, verdicts("A: b"), "eu-west-1")
    added = stored.removesuffix(MAIL.raw).split(b"\r\n")
    names = [line.split(b":")[0] for line in added if line and not line.startswith(b" ")]
    expected = [b"Return-Path", b"Received", b"X-SES-Spam-Verdict", b"X-SES-Virus-Verdict", b"Authentication-Results"]
    assert names == expected
