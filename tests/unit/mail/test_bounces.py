"""Bounces and complaints: what counts, whom it concerns, how final it is; and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import bounce_reports, bounce_text, ses_notification
from chalicelib.mail.bounce_dialects import DAEMON_ADDRESS, OPENING, STRONG, STRONG_OPENING, SUBJECT
from chalicelib.mail.bounce_reasons import find_status, recipient_kind, worst
from chalicelib.mail.bounces import find_bounce, find_complaint
from chalicelib.mail.model import Bounce
from chalicelib.mail.parse import parse


def judge(head: str, text: str) -> Bounce | None:
    root = parse(f"{head}\nTo: me@shop.example\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode())
    return find_bounce(root, root.text())


DAEMON = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail"


@pytest.mark.parametrize(
    ("text", "recipients"),
    [
        ("The following address failed:\n\n  a@x.example\n", ["a@x.example"]),
        ("could not be delivered to:\n<a@x.example>:\n550 no\n<b@x.example>:\n550 no", ["a@x.example", "b@x.example"]),
        ("could not be delivered:\na@x.example: host mx said: 550 unknown", ["a@x.example"]),
        ("550 5.1.1 <a@x.example>... User unknown", ["a@x.example"]),
        ("Your message to A@X.example was rejected", ["A@X.example"]),
        ('could not be delivered to "a\'b@x.example".', ["a'b@x.example"]),
        ("failed:\n  a@x.example\n\n--- Below this line is a copy of the message.\n\nTo: b@x.example", ["a@x.example"]),
        ("failed:\n  a@x.example\n\nReceived: from y\nFrom: c@x.example\nTo: b@x.example", ["a@x.example"]),
        ("failed:\n  a@x.example\n  a@x.example\n  A@x.example", ["a@x.example"]),
        ("It failed. For help write to postmaster@mx.example.\n>>> RCPT TO:<a@x.example>", ["a@x.example"]),
        ("failed:\n  me@shop.example\n  a@x.example", ["a@x.example"]),
        ("This failed:\n\nme@shop.example:\n550 no", ["me@shop.example"]),
        ("delivery failed, no address here", []),
        ("[SMTP:a@x.example]: unknown", ["a@x.example"]),
        ("收件人邮件地址（a@x.example）不存在", ["a@x.example"]),
    ],
)
def test_recipients_in_words(text: str, recipients: list[str]) -> None:
    bounce = judge("Return-Path: <>\nX-Failed-Recipients: \n" + DAEMON, text)
    assert bounce is not None
    assert [failed.address for failed in bounce.recipients] == recipients


@pytest.mark.parametrize("opening", [row for rows in STRONG.values() for row in rows])
def test_strong_openings_are_openings(opening: str) -> None:
    assert opening in STRONG_OPENING.pattern
    assert opening in OPENING.pattern


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        (DAEMON, "The following address failed:\n  a@x.example", True),
        ("From: MAILER-DAEMON@mx.example\nSubject: Hello", "Hello, how are you?", False),
        ("From: kim@x.example\nSubject: Undelivered Mail", "My mail to a@x.example was not delivered, why?", False),
        ("From: kim@x.example\nSubject: Hello", "This is the qmail-send program at x.", False),
        (
            "From: kim@x.example\nSubject: failure notice",
            "Hi. This is the qmail-send program.\n<a@x.example>:\n550",
            True,
        ),
        ("Return-Path: <>\nFrom: kim@x.example\nSubject: Hi", "This is the qmail-send program.\n<a@x.example>:", True),
        (
            "Return-Path: <>\nFrom: kim@x.example\nSubject: Out of office: failed",
            "This is the qmail-send program.",
            False,
        ),
        ("From: postmaster@x.example\nSubject: Server", "Ich konnte a@x.example nicht finden.", False),
        ("From: postmaster@x.example\nSubject: Server", "550 5.1.1 <a@x.example> unknown", True),
        (
            "From: postmaster@x.example\nSubject: Re: failed",
            "> 550 5.1.1 <a@x.example> unknown\n\nThanks, fixed.",
            False,
        ),
        ("From: news@x.example\nSubject: Delivery update", "We could not deliver your parcel.", False),
        ("From: <>\nSubject: Returned mail", "User unknown: a@x.example", True),
    ],
)
def test_what_counts(head: str, text: str, expected: bool) -> None:
    assert (judge(head, text) is not None) is expected


@pytest.mark.parametrize(
    ("address", "is_daemon"),
    [
        ("MAILER-DAEMON@x.example", True),
        ('"Mail" <postmaster@x.example>', True),
        ("MAILER-DAEMON", True),
        ("bounces+1-a=b@x.example", True),
        ("daemonia@x.example", False),
        ("kim.postmaster.example@x.example", False),
        ("Delivery News <news@x.example>", False),
    ],
)
def test_daemon_addresses(address: str, is_daemon: bool) -> None:
    assert (DAEMON_ADDRESS.search(address) is not None) is is_daemon


@pytest.mark.parametrize(
    ("subject", "matches"),
    [
        ("Undelivered Mail Returned to Sender", True),
        ("***Mail delivery failed", True),
        ("Unzustellbar: Rechnung", True),
        ("退信通知", True),
        ("Re: Undelivered Mail Returned to Sender", False),
        ("Rechnung 17", False),
    ],
)
def test_subjects(subject: str, matches: bool) -> None:
    assert (SUBJECT.match(subject) is not None) is matches


FIELDS = "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIELDS, [("a@x.example", "failed", "5.1.1")]),
        (
            FIELDS + "\nFinal-Recipient: rfc822; b@x.example\nAction: delayed",
            [("a@x.example", "failed", "5.1.1"), ("b@x.example", "delayed", "")],
        ),
        (FIELDS.replace("\n\n", "\n"), [("a@x.example", "failed", "5.1.1")]),
        (FIELDS + FIELDS, [("a@x.example", "failed", "5.1.1")]),
        ("Final-Recipient: rfc822;\n <a@x.example>\nStatus: 5.0.0 (x)", [("a@x.example", "", "5.0.0")]),
        (
            "Original-Recipient: rfc822; b@x.example\nFinal-Recipient: x400; /S=b/\nAction: failed",
            [("b@x.example", "failed", "")],
        ),
        ("Action: failed\nStatus: 4.4.7\nFinal-Recipient: a@x.example", [("a@x.example", "failed", "4.4.7")]),
        ("FINAL-RECIPIENT : RFC822; a@x.example", [("a@x.example", "", "")]),
        ("> Final-Recipient: rfc822; a@x.example", [("a@x.example", "", "")]),
        ("Final-Recipient: utf-8; 用户@例子.example", [("用户@例子.example", "", "")]),
        ("Reporting-MTA: dns; mx\n", []),
        ("", []),
    ],
)
def test_reports(text: str, expected: list[tuple[str, str, str]]) -> None:
    reports = bounce_reports.read_reports(text)
    assert [(report.address, report.action, report.status) for report in reports] == expected


@pytest.mark.parametrize(
    ("actions", "kind"), [(["delayed"], "delayed"), (["delayed", "failed"], "soft"), (["failed", "delivered"], "soft")]
)
def test_a_mail_is_delayed_while_nobody_failed(actions: list[str], kind: str) -> None:
    groups = "".join(
        f"\nFinal-Recipient: rfc822; {i}@x.example\nAction: {a}\nStatus: 4.4.1\n" for i, a in enumerate(actions)
    )
    root = parse(f"From: MAILER-DAEMON@mx\nContent-Type: message/delivery-status\n\n{groups}".encode())
    bounce = find_bounce(root, root.text())
    assert bounce is not None
    assert bounce.kind == kind
    assert len(bounce.recipients) == len([action for action in actions if action != "delivered"])


@pytest.mark.parametrize(
    ("fields", "message_id"),
    [("In-Reply-To: <a@x>\nReferences: <b@x>", "a@x"), ("References: <a@x> <b@x>", "b@x"), ("X-A: <a@x>", None)],
)
def test_a_bounce_without_a_copy_cites_the_mail(fields: str, message_id: str | None) -> None:
    bounce = judge(f"{fields}\n{DAEMON}", "The following address failed:\n  a@x.example")
    assert bounce is not None
    assert bounce.original_message_id == message_id


def test_a_report_holds_at_most_a_thousand() -> None:
    text = "".join(f"\nFinal-Recipient: rfc822; a{i}@x.example\n" for i in range(2_000))
    assert len(bounce_reports.read_reports(text)) == bounce_reports.MAX_RECIPIENTS


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", None, "hard"),
        ("5.1.1", "mailbox is full", "mailbox_full"),
        ("5.2.2", "user unknown", "mailbox_full"),
        ("4.2.2", None, "mailbox_full"),
        ("5.7.1", None, "blocked"),
        ("5.0.0", "550 Message blocked due to spam content", "blocked"),
        ("5.0.0", "550 user unknown", "hard"),
        ("4.4.1", "connection timed out", "soft"),
        ("4.1.1", "user unknown", "soft"),
        (None, "452 4.3.1 insufficient system storage", "mailbox_full"),
        (None, "421 try again later", "soft"),
        (None, "no idea", "undetermined"),
        ("5.0.0", None, "undetermined"),
        ("5.3.4", "message too large", "soft"),
        (None, None, "undetermined"),
        (None, "Das Postfach ist voll", "mailbox_full"),
    ],
)
def test_kinds(status: str | None, diagnostic: str | None, kind: str) -> None:
    assert recipient_kind(status, diagnostic) == kind


def test_the_most_final_kind_counts() -> None:
    assert worst(["soft", "hard", "undetermined"]) == "hard"
    assert worst([]) == "undetermined"


@pytest.mark.parametrize(
    ("text", "status"),
    [("550 5.1.1 x", "5.1.1"), ("250 2.0.0 ok, then 4.2.2", "4.2.2"), ("host 15.1.1.1 and 5.1.1.1", None), ("", None)],
)
def test_status_in_words(text: str, status: str | None) -> None:
    assert find_status(text) == status


COMPLAINT = (
    '{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@x.example"}]},'
    '"mail":{"messageId":"m"}}'
)
DELAY = (
    '{"eventType":"DeliveryDelay",'
    '"deliveryDelay":{"delayedRecipients":[{"emailAddress":"a@x.example","status":"4.4.7"}]}}'
)


def test_ses_notifications() -> None:
    delay = ses_notification.read(DELAY)
    assert delay is not None
    assert (delay.kind, delay.recipients[0].address, delay.recipients[0].status) == ("delayed", "a@x.example", "4.4.7")
    complaint = ses_notification.read_complaint(COMPLAINT)
    assert complaint is not None
    assert (complaint.recipients, complaint.original_message_id) == (("a@x.example",), "m")
    assert ses_notification.read(COMPLAINT) is None
    assert ses_notification.read_complaint(DELAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"bounce":1}',
        '{"bounce":{"bouncedRecipients":[1,null,{}]}}',
        '{"Message":"x"}',
        "{" * 10_000,
    ],
)
def test_ses_notifications_of_any_shape(text: str) -> None:
    bounce = ses_notification.read(text)
    assert bounce is None or bounce.recipients == ()
    ses_notification.read_complaint(text)


def test_a_complaint_mailed_by_sns_is_one() -> None:
    root = parse(f"From: no-reply@sns.amazonaws.com\n\n{COMPLAINT}".encode())
    complaint = find_complaint(root)
    assert complaint is not None
    assert find_bounce(root, root.text()) is None


_LINES = st.lists(
    st.sampled_from(
        [
            *(
                "a@x.example",
                "<b@x.example>:",
                "550 5.1.1 unknown",
                "RCPT TO:<c@x.example>",
                "",
                "> d@x.example",
                "Hi",
                "@",
                "a@",
            ),
            *(
                "--- Below this line is a copy of the message.",
                "Received: from x",
                "Final-Recipient: rfc822; e@x.example",
            ),
            *(
                "Action: failed",
                "This is the qmail-send program",
                "The following address failed:",
                "To: me@shop.example",
            ),
        ]
    ),
    max_size=12,
)


@given(_LINES)
def test_recipients_come_from_the_mail_and_once(lines: list[str]) -> None:
    text = "\n".join(lines)
    bounce = judge(DAEMON, text)
    if bounce is not None:
        addresses = [failed.address for failed in bounce.recipients]
        assert all(address in text for address in addresses)
        assert len({address.lower() for address in addresses}) == len(addresses)


@given(st.text())
def test_a_notice_is_the_beginning_of_its_text(text: str) -> None:
    assert text.startswith(bounce_text.notice(text))


@given(st.text(), st.text())
def test_any_mail_is_judged(subject: str, text: str) -> None:
    judge("From: MAILER-DAEMON@x\nSubject: " + " ".join(subject.split()), text)
