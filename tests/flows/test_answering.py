"""An answer leaves, arrives, and threads: written over HTTP, sent through SES, answered by the customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.account import Role, Seat
from chalicelib.model.conversation import ConversationStatus, Direction, Message, SendingStatus
from chalicelib.model.inbox import FromNameMode, Sender
from tests.api.visitor import Reply, Visitor, admin_of, visitor_for
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import FORGED


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def write(visitor: Visitor, office: Office, /, **told: Any) -> Reply:
    headers = {"idempotency_key": told.pop("key")} if "key" in told else {}
    body = {"type": "reply", "text": "It left us this morning.", **told}
    return visitor.post(f"/v1/conversations/{office.conversation().id}/messages", body, **headers)


def reply_from_customer(office: Office, to: str, **told: Any) -> str:
    """The customer's mail client answers, a minute from now."""
    found = {name: told.pop(name) for name in ("authentication", "mail_from") if name in told}
    raw = letter(**{"message_id": "reply@customer.example", "to": [to], "text": "Thank you!\r\n", **told})
    return office.deliver(raw, [to], received_at=stamp(clock.now() + timedelta(minutes=1)), **found)


def answered(office: Office, admin: Visitor, **told: Any) -> tuple[outbox.Sent, Message]:
    """A question came in and was answered; the mail that left, and its message."""
    office.deliver(letter())
    assert write(admin, office, **told).status == 201
    (mail,) = outbox.send_all(office)
    return mail, office.messages()[-1]


def test_S3_S83_an_answer_leaves_through_the_channel_and_stands_in_the_conversation(
    office: Office, admin: Visitor
) -> None:
    office.deliver(letter())
    reply = write(admin, office)
    assert reply.status == 201, reply.text
    assert (reply.json["direction"], reply.json["status"]) == ("outgoing", "queued")
    assert reply.headers["Location"] == f"/v1/messages/{reply.json['id']}"
    (mail,) = outbox.send_all(office)
    assert (mail.mail_from, mail.rcpt_to) == (office.address, (CONTACT,))
    assert mail.mail["Subject"] == "Re: A question"
    assert mail.mail["In-Reply-To"] == "<first@customer.example>"
    assert mail.mail["References"] == "<first@customer.example>"
    assert mail.mail["Auto-Submitted"] is None
    assert str(mail.mail["From"]) == f'"Grace Hopper (Acme Inc.)" <{office.address}>'
    assert str(mail.mail["To"]) == f"Ada <{CONTACT}>"
    assert mail.mail["Cc"] is None
    assert "It left us this morning." in mail.text
    shown = admin.get(f"/v1/messages/{reply.json['id']}").json
    assert (shown["status"], shown["sending"]["status"]) == ("sent", "sent")
    assert [(each["address"], each["status"]) for each in shown["sending"]["recipients"]] == [(CONTACT, "sent")]
    conversation = office.conversation()
    assert (conversation.message_count, conversation.preview) == (2, "It left us this morning.")
    assert conversation.last_message_at == shown["created_at"]
    assert (conversation.assignee_id, conversation.assigned_because.code) == (office.admin_id, "answered_first")
    assert office.user(office.admin_id).open_conversations == 1


@pytest.mark.parametrize("way", ["signed address", "SES's id", "our own id", "only in References"])
def test_a_reply_joins_by_any_of_the_ways_it_may_come(office: Office, admin: Visitor, way: str) -> None:
    mail, message = answered(office, admin)
    ours = message.message_id
    assert ours is not None
    told: dict[str, Any] = {
        "signed address": {},
        "SES's id": {"in_reply_to": mail.public_id},
        "our own id": {"in_reply_to": ours},
        "only in References": {"references": ["lost@x.example", mail.public_id]},
    }[way]
    to = mail.reply_to if way == "signed address" else office.address
    reply_from_customer(office, to, **told)
    *_, reply = office.messages()
    assert office.conversation().message_count == 3
    code = "signed_reply_address" if way == "signed address" else "answers_our_message"
    assert (reply.direction, reply.joined_because.code) == (Direction.INCOMING, code)
    assert len(office.tickets()) == 1
