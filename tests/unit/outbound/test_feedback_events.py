"""SES's events, in the form of its developer guide, as feedback."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.errors import NotANotification
from chalicelib.model.conversation import SendingStatus
from chalicelib.outbound.feedback_events import LONGEST_DIAGNOSTIC, read_feedback


def event(kind: str, name: str | None = None, *, tags: Any = None, **detail: Any) -> str:
    mail = {
        "timestamp": "2026-03-02T08:00:00.000Z",
        "source": "Acme <support@acme.in.postfach.test>",
        "messageId": "0102-id",
        "destination": ["ada@x.example"],
        "headersTruncated": False,
        "headers": [{"name": "Subject", "value": "Hi"}],
        "commonHeaders": {"subject": "Hi"},
        "tags": {"account": ["acc_1"], "message": ["msg_1"], "ses:caller-identity": ["x"]} if tags is None else tags,
    }
    return json.dumps({"eventType": kind, "mail": mail, name or kind.lower(): detail})


def bounced(address: str, said: str = "smtp; 550 5.1.1 no such user") -> dict[str, str]:
    return {"emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": said}


@pytest.mark.parametrize(
    ("body", "status", "recipients", "code"),
    [
        (event("Send"), "sent", None, None),
        (
            event("Delivery", recipients=["Ada@x.example"], timestamp="2026-03-02T08:00:05Z"),
            "delivered",
            ("ada@x.example",),
            None,
        ),
        (
            event(
                "Bounce", bounceType="Permanent", bounceSubType="General", bouncedRecipients=[bounced("a@x.example")]
            ),
            "bounced",
            ("a@x.example",),
            "hard_bounce",
        ),
        (
            event(
                "Bounce",
                bounceType="Transient",
                bounceSubType="MailboxFull",
                bouncedRecipients=[bounced("a@x.example")],
            ),
            "bounced",
            ("a@x.example",),
            "soft_bounce",
        ),
        (
            event(
                "Bounce",
                bounceType="Undetermined",
                bounceSubType="Undetermined",
                bouncedRecipients=[{"emailAddress": "Ada <A@x.example>"}],
            ),
            "bounced",
            ("a@x.example",),
            "bounce",
        ),
        (
            event(
                "Bounce",
                bounceType="Permanent",
                bounceSubType="OnAccountSuppressionList",
                bouncedRecipients=[bounced("a@x.example")],
            ),
            "bounced",
            ("a@x.example",),
            "suppressed",
        ),
        (
            event("Complaint", complainedRecipients=[{"emailAddress": "a@x.example"}], complaintFeedbackType=None),
            "complained",
            ("a@x.example",),
            "complaint",
        ),
        (
            event(
                "DeliveryDelay", "deliveryDelay", delayType="MailboxFull", delayedRecipients=[bounced("a@x.example")]
            ),
            "delayed",
            ("a@x.example",),
            "delayed",
        ),
        (event("Reject", reason="Bad content"), "failed", None, "rejected"),
        (
            event("Rendering Failure", "failure", errorMessage="No template", templateName="x"),
            "failed",
            None,
            "rejected",
        ),
    ],
)
def test_an_event_is_read(body: str, status: str, recipients: tuple[str, ...] | None, code: str | None) -> None:
    told = read_feedback(body)
    assert told is not None
    assert (told.account_id, told.message_id, told.ses_id) == ("acc_1", "msg_1", "0102-id")
    assert (told.status, told.recipients) == (SendingStatus(status), recipients)
    assert [reason.code for _, reason in told.because] == ([code] if code else [])
    assert told.at.endswith("Z")


@pytest.mark.parametrize(
    "body",
    [
        event("Open"),
        event("Click"),
        event("Subscription"),
        event("Send", tags={}),
        event("Bounce", tags={"message": ["m"]}),
        event("Send", tags={"account": [], "message": []}),
    ],
)
def test_what_says_nothing_of_an_answer_is_passed_over(body: str) -> None:
    assert read_feedback(body) is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "{}",
        "[" * 100_000,
        '{"eventType": "Send"}',
        '{"Type": "Notification", "Message": "{}"}',
        event("Send").replace("2026-03-02T08", "yesterday"),
        event("Bounce", bouncedRecipients=[{}]),
    ],
)
def test_what_is_no_event_is_said_to_be_none(body: str) -> None:
    with pytest.raises(NotANotification):
        read_feedback(body)


def test_a_remote_servers_words_are_bounded_and_one_line() -> None:
    told = read_feedback(event("Bounce", bounceType="Permanent", bouncedRecipients=[bounced("a@x", "x\r\n y" * 9999)]))
    assert told is not None
    ((_, reason),) = told.because
    assert len(reason.text) == LONGEST_DIAGNOSTIC
    assert "\n" not in reason.text


@given(some.text())
def test_any_text_is_read_or_refused(body: str) -> None:
    """Nothing but a refusal is ever raised."""
    with contextlib.suppress(NotANotification):
        assert read_feedback(body) is None
