"""A conversation begins in the inbox: a mail leaves, and the answer lands in it (S83)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.inbox import Sender
from tests.api.visitor import Reply, Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def start(visitor: Visitor, office: Office, /, **told: Any) -> Reply:
    headers = {"idempotency_key": told.pop("key")} if "key" in told else {}
    body = {"to": [CONTACT], "subject": "Your parcel", "text": "It left us this morning.", **told}
    return visitor.post(f"/v1/inboxes/{office.inbox_id}/conversations", body, **headers)


def test_S83_a_mail_leaves_and_the_answer_lands_in_its_conversation(office: Office, admin: Visitor) -> None:
    reply = start(admin, office, to=[{"address": CONTACT, "name": "Ada"}], cc=["ben@customer.example"])
    assert reply.status == 201, reply.text
    assert reply.headers["Location"] == f"/v1/conversations/{reply.json['id']}"
    (mail,) = outbox.send_all(office)
    assert mail.rcpt_to == (CONTACT, "ben@customer.example")
    assert mail.mail["Subject"] == "Your parcel"
    assert mail.mail["In-Reply-To"] is None
    assert mail.mail["References"] is None
    conversation = office.conversation()
    assert (conversation.assignee_id, conversation.started_because.code) == (office.admin_id, "started_here")
    assert (conversation.contact_email, conversation.message_count, conversation.ticket_id) == (CONTACT, 1, None)
    assert conversation.participants == (CONTACT, "ben@customer.example")
    assert office.user(office.admin_id).open_conversations == 1
    assert office.contacts()[CONTACT].name == "Ada"
    office.deliver(
        letter(message_id="reply@customer.example", in_reply_to=mail.public_id, subject="Re: Your parcel"),
        received_at=stamp(clock.now() + timedelta(minutes=1)),
    )
    *_, answer = office.messages()
    assert answer.joined_because.code == "answers_our_message"
    assert set(office.contacts()) == {CONTACT}
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin.post(path, {"type": "reply", "text": "You are welcome."}).status == 201
    (second,) = outbox.send_all(office)
    assert second.mail["Subject"] == "Re: Your parcel"
    assert second.mail["In-Reply-To"] == "<reply@customer.example>"
    assert second.mail["References"] == f"<{mail.public_id}> <reply@customer.example>"


def test_a_known_contact_is_the_same_one(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    assert start(admin, office, to=["ADA@customer.example"]).status == 201
    assert len({each.contact_id for each in office.conversations()}) == 1
    assert set(office.contacts()) == {CONTACT}


def test_a_second_mail_before_any_answer_threads_with_the_first(office: Office, admin: Visitor) -> None:
    conversation = start(admin, office).json
    (first,) = outbox.send_all(office)
    path = f"/v1/conversations/{conversation['id']}/messages"
    assert admin.post(path, {"type": "reply", "text": "One thing more."}).status == 201
    (second,) = outbox.send_all(office)
    assert second.mail["In-Reply-To"] == f"<{first.public_id}>"


def test_a_repeated_request_begins_one_conversation(office: Office, admin: Visitor) -> None:
    first, again = start(admin, office, key="k"), start(admin, office, key="k")
    assert first.json["id"] == again.json["id"]
    assert start(admin, office, key="k", subject="Other").code == "idempotency_key_reused"
    assert len(office.conversations()) == len(outbox.send_all(office)) == 1


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"to": ["support@acme.in.postfach.test"]}, 422, "own_address"),
        ({"to": ["x@nowhere"]}, 422, "bad_address"),
        ({"text": ""}, 422, "empty_message"),
        ({"channel_id": "chn_nobody"}, 422, "no_such_channel"),
        ({"to": []}, 400, "invalid_input"),
        ({"subject": " "}, 400, "invalid_input"),
        ({"subject": "a\r\nBcc: x@y.example"}, 400, "invalid_input"),
    ],
)
def test_what_cannot_be_begun_is_refused(
    office: Office, admin: Visitor, told: dict[str, Any], status: int, code: str
) -> None:
    refused = start(admin, office, **told)
    assert (refused.status, refused.code) == (status, code)
    assert office.conversations() == []
    assert office.contacts() == {}


def test_S28_S86_the_channel_has_to_send(office: Office) -> None:
    visitor = admin_of(office)
    assert start(visitor, office).code == "not_used_for_sending"
    office.set_channel(enabled=False, sender=Sender(use_for_sending=True))
    assert start(visitor, office).code == "channel_off"
    bare = office.add_inbox("Bare")
    body = {"to": [CONTACT], "subject": "S", "text": "T"}
    assert visitor.post(f"/v1/inboxes/{bare.id}/conversations", body).code == "no_channel"
    assert outbox.send_all(office) == []
