"""A question comes in by SMTP, is answered over HTTP, leaves through SES, and the customer answers again.

All through the packaged template with every role enforced. The customer's client sees the Message-ID that SES wrote.
"""

from __future__ import annotations

import email
import email.policy
import json
import uuid
from email.message import EmailMessage
from typing import Any

import pytest

from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud


class Desk:
    """The first inbox's people, at a local cloud whose fallback channel may send."""

    def __init__(self, local: LocalCloud) -> None:
        self.local = local
        path = f"/channels/{local.told['channel_id']}"
        assert self.call("PATCH", path, {"sender": {"use_for_sending": True}}, {"If-Match": "*"})[0] == 200
        self.let_wait(0)

    def let_wait(self, seconds: int) -> None:
        """How long an answer can be taken back: the account's setting."""
        patch = {"answering": {"undo_seconds": seconds}}
        status, account = self.call("PATCH", "/account", patch, {"If-Match": "*"})
        assert status == 200, account

    def call(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """One request with a body."""
        sent = {"Authorization": f"Bearer {self.local.told['token']}", "Content-Type": "application/json"}
        url = self.local.told["api_url"] + path
        status, answer = self.local.status(method, url, headers=sent | (headers or {}), body=json.dumps(body))
        return status, json.loads(answer)

    def asked(self, subject: str) -> dict[str, Any]:
        """The conversation of a new question."""
        self.local.send(mail(subject, body="Where is order 4711?"))
        return self.local.conversation(subject)

    def answer(self, conversation: dict[str, Any], **told: Any) -> dict[str, Any]:
        """An answer, as it was queued."""
        body = {"type": "reply", "text": "It is under way.", **told}
        status, message = self.call("POST", f"/conversations/{conversation['id']}/messages", body)
        assert (status, message.get("status")) == (201, "queued"), message
        return dict(message)

    def message(self, message: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """The message, once it has one of the statuses."""
        path = f"/messages/{message['id']}"
        return eventually(lambda: found if (found := self.local.get(path))["status"] in statuses else None)

    def left(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """What left for a message."""
        items = json.loads(self.local.status("GET", self.local.told["outbox_url"])[1])["items"]
        return [item for item in items if item["tags"].get("message") == message["id"]]

    def mail_of(self, message: dict[str, Any]) -> EmailMessage:
        """The one mail that left for a message."""
        (item,) = eventually(lambda: self.left(message))
        found = email.message_from_bytes(item["raw"].encode("utf-8", "surrogateescape"), policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture(scope="module")
def desk(local: LocalCloud) -> Desk:
    return Desk(local)


def test_S3_question_answer_and_answer_again_are_one_conversation(desk: Desk) -> None:
    subject = "thread-it"
    conversation = desk.asked(subject)
    message = desk.answer(conversation, cc=["ben@customer.example"])
    sent = desk.mail_of(message)
    (item,) = desk.left(message)
    assert item["rcpt_to"] == ["kim@customer.example", "ben@customer.example"]
    assert (sent["To"], sent["Cc"]) == ("Kim <kim@customer.example>", "ben@customer.example")
    assert sent["In-Reply-To"] == f"<{subject}@customer.example>"
    assert sent["Message-ID"] == f"<{item['id']}@{desk.local.told['region']}.amazonses.com>"  # SES's, not ours
    assert desk.message(message, "delivered")["sending"]["attempts"] == 1
    reply_to = sent["Reply-To"].addresses[0].addr_spec
    ways = {
        "by-header": (desk.local.told["fallback_address"], [f"In-Reply-To: {sent['Message-ID']}"]),
        "by-cut-references": (desk.local.told["fallback_address"], [f"References: <x@y.example> {sent['Message-ID']}"]),
        "by-address-alone": (reply_to, []),
    }
    for number, (name, (to, headers)) in enumerate(ways.items()):
        desk.local.send(mail(name, *headers, body="And when?"), to)
        path = f"/conversations/{conversation['id']}"
        found = eventually(lambda: c if (c := desk.local.get(path))["message_count"] == 3 + number else None)  # noqa: B023
        assert found["contact"] == conversation["contact"]
    codes = [each["joined_because_code"] for each in desk.local.get(f"{path}/messages")["items"]]
    assert codes == ["new", "written_here", "answers_our_message", "answers_our_message", "signed_reply_address"]


@pytest.mark.parametrize(
    ("fate", "status", "code"),
    [
        ("bounce", "bounced", "hard_bounce"),
        ("soft-bounce", "bounced", "soft_bounce"),
        ("suppressionlist", "bounced", "suppressed"),
        ("complaint", "complained", "complaint"),
        ("reject", "failed", "refused"),
    ],
)
def test_S7_9_what_becomes_of_an_answer_shows_on_it(desk: Desk, fate: str, status: str, code: str) -> None:
    conversation = desk.asked(f"fate-{fate}")
    address = f"{fate}+{uuid.uuid4().hex[:8]}@simulator.amazonses.com"
    message = desk.answer(conversation, to=[address], close=True)
    found = desk.message(message, status)
    ((recipient),) = found["sending"]["recipients"]
    assert (recipient["address"], recipient["status"], recipient["because_code"]) == (address, status, code)
    now = desk.local.get(f"/conversations/{conversation['id']}")
    if status == "complained":
        assert now["status"] == "closed"
        return
    assert now["status"] == "open"
    *_, event = desk.local.get(f"/conversations/{conversation['id']}/messages")["items"]
    assert (event["direction"], event["marks"]) == ("event", ["not_delivered"])
    assert address in event["text"]


def test_an_answer_that_ses_does_not_take_is_tried_again(desk: Desk) -> None:
    message = desk.answer(desk.asked("throttled"), to=["throttle@simulator.amazonses.com"])
    found = desk.message(message, "delivered")
    assert found["sending"]["attempts"] == 2
    assert len(desk.left(message)) == 1


def test_an_answer_whose_sending_was_not_confirmed_is_settled_by_sess_events(desk: Desk) -> None:
    conversation = desk.asked("lost-answer")
    message = desk.answer(conversation, to=["lost@simulator.amazonses.com"])
    desk.message(message, "delivered")
    sent = desk.mail_of(message)
    desk.local.send(mail("after-loss", f"In-Reply-To: {sent['Message-ID']}"), sender="lost@simulator.amazonses.com")
    eventually(lambda: desk.local.get(f"/conversations/{conversation['id']}")["message_count"] == 3)
    assert len(desk.left(message)) == 1


def test_an_answer_survives_a_long_body(desk: Desk) -> None:
    words = " ".join(uuid.uuid4().hex for _ in range(3000))
    message = desk.answer(desk.asked("long"), text=words)
    part = desk.mail_of(message).get_body(("plain",))
    assert part is not None
    assert words[:60] in "".join(part.get_content().split("\n"))


def test_S28_S86_the_channel_says_why_it_does_not_send(desk: Desk) -> None:
    conversation = desk.asked("switched-off")
    path = f"/channels/{desk.local.told['channel_id']}"
    for patch, code in (
        ({"enabled": False}, "channel_off"),
        ({"sender": {"use_for_sending": False}}, "not_used_for_sending"),
    ):
        assert desk.call("PATCH", path, patch, {"If-Match": "*"})[0] == 200
        body = {"type": "reply", "text": "Hello"}
        status, problem = desk.call("POST", f"/conversations/{conversation['id']}/messages", body)
        assert (status, problem["code"]) == (422, code)
        back = {"enabled": True, "sender": {"use_for_sending": True}}
        assert desk.call("PATCH", path, back, {"If-Match": "*"})[0] == 200


def test_S83_a_conversation_begins_with_a_mail_and_its_answer_lands_there(desk: Desk) -> None:
    body = {"to": ["lee@customer.example"], "subject": "begun-here", "text": "Your order is ready."}
    status, conversation = desk.call("POST", f"/inboxes/{desk.local.told['inbox_id']}/conversations", body)
    assert status == 201, conversation
    (message,) = desk.local.get(f"/conversations/{conversation['id']}/messages")["items"]
    desk.message(message, "delivered")
    sent = desk.mail_of(message)
    assert (sent["Subject"], sent["To"]) == ("begun-here", "lee@customer.example")
    desk.local.send(mail("thanks", f"In-Reply-To: {sent['Message-ID']}"), sender="lee@customer.example")
    eventually(lambda: desk.local.get(f"/conversations/{conversation['id']}")["message_count"] == 2)


def test_S3_a_file_goes_by_its_signed_link_and_leaves_with_the_answer(desk: Desk) -> None:
    content = b"%PDF-1.7\n" + uuid.uuid4().bytes * 1000
    told = {"filename": "offer.pdf", "content_type": "application/pdf", "size": len(content)}
    status, upload = desk.call("POST", "/uploads", told)
    assert status == 200, upload
    put = upload["put"]
    assert desk.local.status(put["method"], put["url"], headers=put["headers"], body=content)[0] == 200
    conversation = desk.asked("with-a-file")
    message = desk.answer(conversation, attachments=[upload["id"]])
    desk.message(message, "delivered")
    (part,) = list(desk.mail_of(message).iter_attachments())
    assert (part.get_filename(), part.get_content()) == ("offer.pdf", content)
    link = desk.local.get(f"/messages/{message['id']}/attachments/0")
    assert desk.local.status("GET", link["url"]) == (200, content)


def test_an_answer_waits_and_can_be_taken_back(desk: Desk) -> None:
    desk.let_wait(3)
    try:
        conversation = desk.asked("taken-back")
        kept, taken = desk.answer(conversation), desk.answer(conversation)
        status, cancelled = desk.call("POST", f"/messages/{taken['id']}/cancel", {})
        assert (status, cancelled["status"]) == (200, "cancelled"), cancelled
        desk.message(kept, "delivered")
        assert desk.local.get(f"/messages/{taken['id']}")["status"] == "cancelled"
        assert desk.left(taken) == []
    finally:
        desk.let_wait(0)


def test_a_message_is_sent_on_with_its_attachment(desk: Desk) -> None:
    headers = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"']
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nSee the list.\r\n"
        '--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\na;b\r\n--b--'
    )
    desk.local.send(mail("sent-on", *headers, body=body))
    conversation = desk.local.conversation("sent-on")
    (question,) = desk.local.get(f"/conversations/{conversation['id']}/messages")["items"]
    told = {"to": ["depot@carrier.example"], "text": "Can you find it?"}
    status, message = desk.call("POST", f"/messages/{question['id']}/forward", told)
    assert status == 201, message
    desk.message(message, "delivered")
    sent = desk.mail_of(message)
    assert [part.get_filename() for part in sent.iter_attachments()] == ["list.csv"]
    assert sent["Subject"] == "Fwd: sent-on"
