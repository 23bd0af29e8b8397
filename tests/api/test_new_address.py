"""The fallback address edited (S9): mail to both addresses arrives, and nothing else changes."""

from __future__ import annotations

import pytest

from chalicelib.model.delivery import Verdict
from tests.api.visitor import Visitor
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office

NEW = "hello@acme.in.postfach.test"


def test_S9_mail_arrives_at_the_new_address_and_at_the_old(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}"
    saved = admin.patch(path, {"address": "Hello@acme.in.postfach.test"})
    assert saved.status == 200, saved.text
    assert (saved.json["address"], saved.json["forwarding_address"]) == (NEW, NEW)
    office.deliver(letter(), [NEW])
    running = office.conversation()
    office.deliver(letter(message_id="second@x.example", in_reply_to="first@customer.example"), [office.address])
    office.deliver(letter(message_id="third@x.example"), [office.reply_address(running)])
    assert office.conversation().message_count == 3
    loop = office.deliver(letter(sender=office.address, message_id="loop@x.example"), [NEW])
    assert office.delivery(loop).verdict is Verdict.LOOP


def test_S9_S71_answers_leave_from_the_new_address(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    admin.patch(f"/v1/channels/{office.channel_id}", {"address": NEW, "sender": {"use_for_sending": True}})
    admin.post(f"/v1/conversations/{office.conversation().id}/messages", {"type": "reply", "text": "Hi"})
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == NEW


def test_S9_an_address_can_be_taken_back_but_by_no_other_channel(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}"
    admin.patch(path, {"address": NEW})
    form = {"type": "fallback_email", "local_part": "support"}
    assert admin.post(f"/v1/inboxes/{office.inbox_id}/channels", form).code == "address_taken"
    assert admin.patch(path, {"address": office.address}).json["address"] == office.address
    other = admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {**form, "local_part": "other"}).json
    refused = admin.patch(f"/v1/channels/{other['id']}", {"address": NEW, "enabled": False})
    assert (refused.status, refused.code, refused.json["pointer"]) == (409, "address_taken", "/address")
    assert admin.get(f"/v1/channels/{other['id']}").json["enabled"] is True  # S70


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("hello@other.in.postfach.test", "other_domain"),
        ("hello@customer.example", "other_domain"),
        ("postmaster@acme.in.postfach.test", "reserved_address"),
        ("r1.a.b.c@acme.in.postfach.test", "bad_address"),
        ("a..b@acme.in.postfach.test", "bad_address"),
        ("-a@acme.in.postfach.test", "bad_address"),
        ("ü@acme.in.postfach.test", "bad_address"),
    ],
)
def test_S22_what_cannot_be_a_fallback_address(office: Office, admin: Visitor, address: str, code: str) -> None:
    refused = admin.patch(f"/v1/channels/{office.channel_id}", {"address": address})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, code, "/address")
    assert office.channel().address == office.address


def test_no_more_addresses_are_kept_than_are_bounded(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}"
    codes = [admin.patch(path, {"address": f"a{number}@acme.in.postfach.test"}).status for number in range(22)]
    assert codes == [200] * 20 + [422] * 2
