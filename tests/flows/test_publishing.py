"""What others are told on the bus: every change once or again with the same id, and never a word of anybody."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.model.inbox import Sender
from chalicelib.storage import automatic_keys, table
from chalicelib.storage.tables import CountRow
from tests.api.visitor import admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import at
from tests.post.stream import Listener, Stream, publish


class Bus:
    """The stream of an account's table, and what is heard on the bus."""

    def __init__(self, office: Office, listener: Listener) -> None:
        self.office, self.listener, self.admin = office, listener, admin_of(office)
        self._stream = Stream()

    def records(self) -> list[dict[str, Any]]:
        """What was written since."""
        return self._stream.take()

    def heard(self) -> dict[str, dict[str, Any]]:
        """What is told of all that was written since, by type; without a failure."""
        assert publish(self.office, self.records()) == []
        found = self.listener.take()
        assert len({each["type"] for each in found}) == len(found), found
        assert all(each["account_id"] == self.office.account_id for each in found)
        return {each["type"]: each for each in found}


@pytest.fixture
def bus(office: Office, monkeypatch: pytest.MonkeyPatch) -> Bus:
    office.set_channel(sender=Sender(use_for_sending=True))
    return Bus(office, Listener(monkeypatch))


def test_a_mail_is_told_with_what_it_opened(office: Office, bus: Bus) -> None:
    office.deliver(letter(subject="My secret", text="Nobody may read this.\r\n"))
    heard = bus.heard()
    assert set(heard) == {"conversation.created", "message.received", "ticket.created"}
    conversation, (message,) = office.conversation(), office.messages()
    assert heard["conversation.created"]["conversation_id"] == conversation.id
    assert heard["conversation.created"]["because"] == "new"
    assert heard["message.received"]["message_id"] == message.id
    assert heard["message.received"]["dmarc"] == "pass"
    assert heard["ticket.created"]["ticket_id"] == conversation.ticket_id
    told = json.dumps(heard)
    for word in ("secret", "read this", "Ada", CONTACT, "customer.example", "Acme"):
        assert word not in told


def test_a_further_mail_is_told_alone(office: Office, bus: Bus) -> None:
    office.deliver(letter())
    bus.heard()
    office.deliver(letter(message_id="second@customer.example", in_reply_to="first@customer.example"))
    assert set(bus.heard()) == {"message.received"}


def test_what_people_do_is_told(office: Office, bus: Bus) -> None:
    office.deliver(letter())
    bus.heard()
    path = f"/v1/conversations/{office.conversation().id}"
    for change, kind in (
        ({"assignee_id": office.admin_id}, "conversation.assigned"),
        ({"status": "closed"}, "conversation.closed"),
        ({"status": "open"}, "conversation.reopened"),
        ({"assignee_id": None}, "conversation.unassigned"),
    ):
        assert bus.admin.patch(path, change).status == 200
        heard = bus.heard()
        assert set(heard) == {kind}
        assert heard[kind]["conversation_id"] == office.conversation().id
    assert heard["conversation.unassigned"]["previous_assignee_id"] == office.admin_id


def test_an_answer_is_told_on_its_way(office: Office, bus: Bus) -> None:
    office.deliver(letter())
    bus.heard()
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert bus.admin.post(path, {"type": "reply", "text": "Soon."}).status == 201
    assert set(bus.heard()) == {"conversation.assigned"}
    (mail,) = outbox.send_all(office)
    assert set(bus.heard()) == {"message.sent"}
    answer = office.messages()[-1]
    assert outbox.handle(office, "take_feedback", outbox.event("Delivery", mail, answer, recipients=[CONTACT])) == []
    assert set(bus.heard()) == {"message.delivered"}
    office.close(office.conversation(), at(90))
    bus.heard()
    assert outbox.handle(office, "take_feedback", outbox.bounce(mail, answer, CONTACT)) == []
    heard = bus.heard()
    assert set(heard) == {"message.failed", "conversation.reopened"}
    assert (heard["message.failed"]["failed_recipients"], heard["message.failed"]["because"]) == (1, ["hard_bounce"])
    assert CONTACT not in json.dumps(heard)


def test_a_setting_is_told_without_its_value(office: Office, bus: Bus) -> None:
    path = f"/v1/inboxes/{office.inbox_id}"
    assert bus.admin.patch(path, {"name": "Secret plans"}, if_match="*").status == 200
    heard = bus.heard()
    assert set(heard) == {"setting.changed"}
    detail = heard["setting.changed"]
    assert (detail["action"], detail["subject_id"]) == ("inbox.changed", office.inbox_id)
    assert "name" in detail["fields"]
    assert "Secret" not in json.dumps(heard)


def test_told_again_an_event_has_the_same_id(office: Office, bus: Bus) -> None:
    office.deliver(letter())
    records = bus.records()
    assert publish(office, records) == publish(office, records) == []
    ids = [each["id"] for each in bus.listener.take()]
    assert len(ids) == 6
    assert len(set(ids)) == 3


def test_rows_that_nothing_follows_from_tell_nothing(office: Office, bus: Bus) -> None:
    key = automatic_keys.limit("anything", "2026-03-02", office.account_id, None)
    writes = table.Transaction()
    writes.put(CountRow(*key, times=1))
    writes.commit("count")
    assert bus.heard() == {}


def test_what_the_bus_does_not_take_is_asked_again_and_then_named(
    office: Office, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver(letter())
    records = bus.records()
    real, asked = BaseClient._make_api_call, []

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation != "PutEvents":
            return real(client, operation, arguments)
        asked.append([each["DetailType"] for each in arguments["Entries"]])
        refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
        taken = {"EventId": "1"}
        answers = [refused if each["DetailType"] == "ticket.created" else taken for each in arguments["Entries"]]
        return {"FailedEntryCount": 1, "Entries": answers}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    failed = publish(office, records)
    assert [len(each) for each in asked] == [3, 1, 1]
    (position,) = [
        each["dynamodb"]["SequenceNumber"] for each in records if each["dynamodb"]["NewImage"]["kind"]["S"] == "ticket"
    ]
    assert failed == [position]


def test_a_record_that_cannot_be_read_fails_alone(office: Office, bus: Bus) -> None:
    office.deliver(letter())
    records = bus.records()
    (broken,) = [each for each in records if each["dynamodb"]["NewImage"]["kind"]["S"] == "ticket"]
    broken["dynamodb"]["NewImage"]["owned_because"] = {"S": "no JSON"}
    assert publish(office, records) == [broken["dynamodb"]["SequenceNumber"]]
    assert {each["type"] for each in bus.listener.take()} == {"conversation.created", "message.received"}
