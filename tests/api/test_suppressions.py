"""Addresses that came back or complained: left alone by automatic mail, told to who writes, and lifted by admins."""

from __future__ import annotations

from chalicelib.model.conversation import Direction
from chalicelib.model.inbox import Sender
from chalicelib.storage import suppressions
from tests.api.visitor import Visitor
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.suppressed import suppress

BEN = "ben@customer.example"


def answered(office: Office, admin: Visitor) -> outbox.Sent:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    answer = admin.post(path, {"type": "reply", "text": "Soon.", "cc": [BEN]})
    assert (answer.status, answer.json["warnings"]) == (201, [])
    (sent,) = outbox.send_all(office)
    return sent


def told(office: Office, kind: str, sent: outbox.Sent, address: str) -> None:
    (message,) = [each for each in office.messages() if each.direction is Direction.OUTGOING]
    if kind == "complaint":
        body = outbox.event("Complaint", sent, message, complainedRecipients=[{"emailAddress": address}])
    else:
        body = outbox.bounce(sent, message, address, kind=kind, said="550 5.1.1 gone")
    assert outbox.handle(office, "take_feedback", body, body) == []


def test_a_hard_bounce_and_a_complaint_suppress_an_address_and_a_soft_bounce_does_not(
    office: Office, admin: Visitor
) -> None:
    sent = answered(office, admin)
    told(office, "Transient", sent, CONTACT)
    assert admin.items("/v1/suppressions") == []
    told(office, "complaint", sent, BEN)
    (only,) = admin.items("/v1/suppressions")
    assert (only["address"], only["because_code"]) == (BEN, "complaint")
    assert only["message_id"] == sent.mail["Message-ID"].strip("<>").partition("@")[0]


def test_who_writes_to_a_suppressed_address_is_warned_and_may(office: Office, admin: Visitor) -> None:
    sent = answered(office, admin)
    told(office, "Permanent", sent, CONTACT)
    conversation = office.conversation()
    warning = {"address": CONTACT, "because": "550 5.1.1 gone", "because_code": "hard_bounce"}
    contact = admin.get(f"/v1/contacts/{conversation.contact_id}").json
    assert contact["warnings"] == [warning]
    preview = {"text": "Again.", "conversation_id": conversation.id}
    assert admin.post(f"/v1/channels/{office.channel_id}/preview", preview).json["warnings"] == [warning]
    path = f"/v1/conversations/{conversation.id}/messages"
    again = admin.post(path, {"type": "reply", "text": "Again.", "cc": [BEN]})
    assert (again.status, again.json["warnings"]) == (201, [warning])
    assert len(outbox.send_all(office)) == 1
    assert admin.post(path, {"type": "comment", "text": "Hm."}).json["warnings"] == []


def test_an_admin_lifts_it_and_the_log_says_who(office: Office, admin: Visitor) -> None:
    one, other = suppress(office.account_id, CONTACT), suppress(office.account_id, BEN, minutes=1)
    assert [each["id"] for each in admin.items("/v1/suppressions")] == [other.id, one.id]
    assert admin.delete(f"/v1/suppressions/{one.id}").status == 204
    assert admin.delete(f"/v1/suppressions/{one.id}").status == 404
    assert set(suppressions.among(office.account_id, [CONTACT, BEN])) == {BEN}
    (entry,) = [each for each in admin.items("/v1/audit") if each["action"] == "suppression.lifted"]
    assert (entry["subject_id"], entry["user_id"]) == (one.id, office.admin_id)
    assert entry["before"] == {"address": CONTACT, "reason": "hard_bounce"}


def test_another_accounts_is_none_of_ours(office: Office, admin: Visitor) -> None:
    foreign = suppress("acc_other", CONTACT)
    assert admin.items("/v1/suppressions") == []
    assert admin.delete(f"/v1/suppressions/{foreign.id}").status == 404
    assert set(suppressions.among("acc_other", [CONTACT])) == {CONTACT}
