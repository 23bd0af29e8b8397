"""What admins do with mail that became no conversation (§7.1, §7.2)."""

from __future__ import annotations

import pytest
import requests

from chalicelib.config import config
from chalicelib.storage import aws
from tests.api.visitor import Visitor
from tests.post.letters import bounce_of, letter
from tests.post.office import Office


def test_what_became_no_conversation_is_listed_with_its_reason(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    office.deliver(letter())
    office.deliver(letter(message_id="spam@x.example"), spam="FAIL")
    office.deliver(bounce_of("sent@x.example", "gone@x.example"))
    found = admin.items("/v1/deliveries")
    assert [each["verdict"] for each in found] == ["bounce", "quarantined", "duplicate"]
    assert all(each["because"].endswith(".") and each["because_code"] for each in found)
    for each in found:
        assert admin.items(f"/v1/deliveries?verdict={each['verdict']}") == [each]
        assert admin.get(f"/v1/deliveries/{each['id']}").json == each
    original = admin.get(f"/v1/deliveries/{found[2]['of_delivery_id']}").json
    assert (original["verdict"], original["conversation_id"] is not None) == ("filed", True)
    assert admin.items("/v1/deliveries?verdict=loop") == []
    assert admin.get("/v1/deliveries?verdict=lost").status == 400


def test_the_raw_mail_of_a_quarantined_one_is_a_download(office: Office, admin: Visitor) -> None:
    office.deliver(letter(), spam="FAIL")
    (delivery,) = admin.items("/v1/deliveries")
    found = requests.get(admin.get(delivery["raw_url"]).json["url"], timeout=10)
    assert found.content == letter()
    assert found.headers["Content-Disposition"].startswith("attachment")


def test_a_released_mail_becomes_a_conversation(office: Office, admin: Visitor) -> None:
    office.deliver(letter(), spam="FAIL")
    (delivery,) = admin.items("/v1/deliveries")
    for body, conversations in ((None, 0), ({"release": False}, 0), ({"release": True}, 1)):
        accepted = admin.post(f"/v1/deliveries/{delivery['id']}/replay", body)
        assert (accepted.status, accepted.headers["Location"]) == (202, f"/v1/deliveries/{delivery['id']}")
        assert office.handle(*office.take_queue()) == []
        assert len(admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")) == conversations
    assert admin.get(f"/v1/deliveries/{delivery['id']}").json["verdict"] == "filed"
    assert admin.items("/v1/deliveries") == []


def test_S90_mail_to_a_channel_that_was_off_comes_in_once_it_is_on(office: Office, admin: Visitor) -> None:
    admin.patch(f"/v1/channels/{office.channel_id}", {"enabled": False})
    office.deliver(letter())
    admin.patch(f"/v1/channels/{office.channel_id}", {"enabled": True})
    (delivery,) = admin.items("/v1/deliveries?verdict=channel_off")
    assert admin.post(f"/v1/deliveries/{delivery['id']}/replay").status == 202
    assert office.handle(*office.take_queue()) == []
    assert len(admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")) == 1


@pytest.mark.parametrize("spam", ["PASS", "FAIL"])
def test_a_mail_whose_raw_form_is_gone_is_not_handled_again(office: Office, admin: Visitor, spam: str) -> None:
    raw_id = office.deliver(letter(), spam=spam)
    path = f"/v1/deliveries/{office.delivery(raw_id).id}/replay"
    aws.client("s3").delete_object(Bucket=config().mail_bucket, Key=f"raw/{raw_id}")
    refused = admin.post(path, {"release": True}, accept_language="de")
    assert (refused.status, refused.code) == (409, "raw_mail_gone")
    assert refused.json["title"] == "Die Rohfassung wird nicht mehr aufbewahrt"
    assert office.take_queue() == []


@pytest.mark.parametrize("body", [{"release": "yes"}, {"force": True}, []])
def test_a_replay_of_another_form_is_refused(office: Office, admin: Visitor, body: object) -> None:
    office.deliver(letter(), spam="FAIL")
    (delivery,) = admin.items("/v1/deliveries")
    assert admin.post(f"/v1/deliveries/{delivery['id']}/replay", body).status == 400
    assert office.take_queue() == []


def test_dead_letters_go_back_to_the_queue(office: Office, admin: Visitor) -> None:
    raw_id = office.store(letter())
    aws.client("sqs").send_message(QueueUrl=config().inbound_dead_letter_queue_url, MessageBody=office.announce(raw_id))
    assert admin.post("/v1/dead-letters/return").json == {"moved": 1}
    assert office.handle(*office.take_queue()) == []
    assert len(admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")) == 1
    assert admin.post("/v1/dead-letters/return", {"limit": 5}).json == {"moved": 0}
    assert admin.post("/v1/dead-letters/return", {"limit": 0}).status == 400
