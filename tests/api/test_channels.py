"""Channels over HTTP: the catalogue, fallback addresses connected and disconnected, and what becomes of their mail."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chalicelib.model.delivery import Verdict
from tests.api.visitor import Visitor
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office


def connect(admin: Visitor, inbox_id: str, **form: Any) -> dict[str, Any]:
    """Another fallback channel."""
    made = admin.post(f"/v1/inboxes/{inbox_id}/channels", {"type": "fallback_email", **form})
    assert made.status == 201, made.text
    return dict(made.json)


def test_S13_the_catalogue_names_each_type_that_works_with_its_form(admin: Visitor) -> None:
    entries = {each["type"]: each for each in admin.items("/v1/channel-types")}
    assert set(entries) == {"fallback_email", "team_email"}
    for each in entries.values():
        assert set(each["title"]) == set(each["description"]) == {"en", "de"}
        assert each["can"] == {"receive": True, "send": True, "start": True, "attach": True}
        assert each["form"]["additionalProperties"] is False
        assert each["form"]["properties"]["type"]["enum"] == [each["type"]]
    assert entries["team_email"]["form"]["required"] == ["type", "address"]


def test_S10_S82_a_connected_address_takes_mail_at_once_and_its_conversations_are_of_the_inbox(
    office: Office, admin: Visitor
) -> None:
    made = connect(admin, office.inbox_id, local_part="returns", company_name="Acme Returns")
    assert made["address"] == made["forwarding_address"] == "returns@acme.in.postfach.test"
    assert [each["id"] for each in admin.items(f"/v1/inboxes/{office.inbox_id}/channels")] == [
        office.channel_id,
        made["id"],
    ]
    office.deliver(letter(), ["returns@acme.in.postfach.test"])
    assert office.conversation().channel_id == made["id"]
    assert office.conversation().ticket_id is not None  # S23


def test_a_repeated_connect_makes_one_channel(office: Office, admin: Visitor) -> None:
    path, form = f"/v1/inboxes/{office.inbox_id}/channels", {"type": "fallback_email", "local_part": "returns"}
    made = [admin.post(path, form, idempotency_key="once").json["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert len(admin.items(path)) == 2


def test_a_disconnected_channel_leaves_its_history_and_names_what_became_of_its_mail(
    office: Office, admin: Visitor
) -> None:
    made = connect(admin, office.inbox_id, local_part="returns")
    office.deliver(letter(), [made["address"]])
    path = f"/v1/channels/{made['id']}"
    assert admin.delete(path).status == 204
    assert admin.delete(path).status == admin.get(path).status == admin.patch(path, {"enabled": False}).status == 404
    assert [each["id"] for each in admin.items(f"/v1/inboxes/{office.inbox_id}/channels")] == [office.channel_id]
    raw_id = office.deliver(letter(message_id="late@x.example"), [made["address"]])
    assert office.delivery(raw_id).verdict is Verdict.CHANNEL_DISCONNECTED
    assert [each["because_code"] for each in admin.items("/v1/deliveries?verdict=channel_disconnected")] == [
        "channel_disconnected"
    ]
    (message,) = admin.items(f"/v1/conversations/{office.conversation().id}/messages")
    assert message["text"].strip() == "Where is my parcel?"


def test_a_customer_who_answers_a_disconnected_channel_is_heard(office: Office, admin: Visitor) -> None:
    made = connect(admin, office.inbox_id, local_part="returns")
    office.deliver(letter(), [made["address"]])
    running = office.conversation()
    admin.delete(f"/v1/channels/{made['id']}")
    raw_id = office.deliver(letter(message_id="answer@x.example"), [office.reply_address(running)])
    assert office.delivery(raw_id).conversation_id == running.id
    assert office.conversation().message_count == 2


def test_what_a_disconnected_channel_had_is_free_again(office: Office, admin: Visitor) -> None:
    made = connect(admin, office.inbox_id, local_part="returns", company_name="Acme Returns")
    form = {"type": "fallback_email", "local_part": "returns", "company_name": "acme returns"}
    path = f"/v1/inboxes/{office.inbox_id}/channels"
    assert admin.post(path, form).code == "address_taken"
    assert admin.post(path, {**form, "local_part": "other"}).code == "from_name_taken"
    admin.delete(f"/v1/channels/{made['id']}")
    again = admin.post(path, form)
    assert again.status == 201, again.text
    office.deliver(letter(), [made["address"]])
    assert office.conversation().channel_id == again.json["id"]


def test_another_account_cannot_take_what_a_disconnected_channel_had(office: Office, admin: Visitor) -> None:
    """Mail for a former address must not end with somebody else (the subdomain is the account's own)."""
    made = connect(admin, office.inbox_id, local_part="returns")
    admin.delete(f"/v1/channels/{made['id']}")
    other = Office("other")
    raw_id = office.deliver(letter(), [made["address"]])
    assert office.delivery(raw_id).account_id == office.account_id
    assert other.conversations() == []


def test_S8_the_default_inbox_keeps_a_fallback_address(office: Office, admin: Visitor) -> None:
    refused = admin.delete(f"/v1/channels/{office.channel_id}")
    assert (refused.status, refused.code) == (409, "last_fallback_address")
    connect(admin, office.inbox_id, local_part="returns")
    assert admin.delete(f"/v1/channels/{office.channel_id}").status == 204


def test_conversations_of_a_disconnected_address_go_on_over_the_inboxs_fallback(office: Office, admin: Visitor) -> None:
    admin.patch(f"/v1/channels/{office.channel_id}", {"sender": {"use_for_sending": True}})
    made = connect(admin, office.inbox_id, local_part="returns", use_for_sending=True)
    office.deliver(letter(), [made["address"]])
    conversation = office.conversation()
    admin.delete(f"/v1/channels/{made['id']}")
    reply = {"type": "reply", "text": "It is on its way."}
    assert admin.post(f"/v1/conversations/{conversation.id}/messages", reply).status == 201
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == office.address


def test_S28_removing_an_address_is_no_way_around_sending_being_off(office: Office, admin: Visitor) -> None:
    made = connect(admin, office.inbox_id, local_part="returns", use_for_sending=True)
    office.deliver(letter(), [made["address"]])
    admin.delete(f"/v1/channels/{made['id']}")
    refused = admin.post(
        f"/v1/conversations/{office.conversation().id}/messages", {"type": "reply", "text": "It is on its way."}
    )
    assert (refused.status, refused.code) == (422, "not_used_for_sending")


@pytest.mark.parametrize("local_part", ["postmaster", "abuse", "no-reply"])
def test_S22_addresses_of_the_mail_system_are_nobodys(office: Office, admin: Visitor, local_part: str) -> None:
    refused = admin.post(
        f"/v1/inboxes/{office.inbox_id}/channels", {"type": "fallback_email", "local_part": local_part}
    )
    assert (refused.status, refused.code) == (422, "reserved_address")


def test_a_disconnected_channel_is_in_the_audit_log(office: Office, admin: Visitor) -> None:
    made = connect(admin, office.inbox_id, local_part="returns")
    admin.delete(f"/v1/channels/{made['id']}")
    noted = [each for each in admin.items("/v1/audit") if each["subject_id"] == made["id"]]
    assert [each["action"] for each in noted] == ["channel.disconnected", "channel.connected"]
    told = {"inbox_id": office.inbox_id, "type": "fallback_email", "address": made["address"]}
    assert msgspec.to_builtins(noted[0]["before"]) == noted[1]["after"] == told
