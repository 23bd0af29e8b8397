"""Properties that an account gives its tickets (S66): set up, given to tickets by hand and by channels."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office

PATH = "/v1/ticket-properties"


def add(admin: Visitor, name: str, kind: str, *choices: str) -> str:
    reply = admin.post(PATH, {"name": name, "type": kind, "choices": list(choices)})
    assert reply.status == 201, reply.text
    assert reply.headers["Location"] == f"{PATH}/{reply.json['id']}"
    return str(reply.json["id"])


@pytest.fixture
def topic(admin: Visitor) -> str:
    return add(admin, "Topic", "several_of", "billing", "shipping")


def test_S66_a_property_is_added_changed_listed_and_removed(admin: Visitor, topic: str) -> None:
    due = add(admin, "Due", "date")
    assert [(each["id"], each["name"], each["type"]) for each in admin.items(PATH)] == [
        (topic, "Topic", "several_of"),
        (due, "Due", "date"),
    ]
    read = admin.get(f"{PATH}/{topic}")
    changed = admin.patch(f"{PATH}/{topic}", {"choices": ["shipping", "returns"]}, if_match=read.headers["ETag"])
    assert changed.json == {**read.json, "choices": ["shipping", "returns"]}
    assert admin.patch(f"{PATH}/{topic}", {"name": "Late"}, if_match=read.headers["ETag"]).status == 412
    assert admin.delete(f"{PATH}/{due}").status == 204
    assert admin.get(f"{PATH}/{due}").status == 404
    audit = [entry["action"] for entry in admin.items(f"/v1/audit?subject_id={topic}")]
    assert audit == ["ticket_property.changed", "ticket_property.added"]


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"name": "Topic", "type": "text"}, 422, "name_taken"),
        ({"name": "tOPIC", "type": "text"}, 422, "name_taken"),
        ({"name": "A", "type": "one_of"}, 422, "choices_missing"),
        ({"name": "A", "type": "text", "choices": ["a"]}, 422, "choices_not_used"),
        ({"name": "A", "type": "one_of", "choices": ["a", "A"]}, 422, "choice_twice"),
        ({"name": "A", "type": "colour"}, 400, "invalid_input"),
        ({"name": "A"}, 400, "invalid_input"),
    ],
)
def test_S66_what_is_refused_adds_nothing(
    admin: Visitor, topic: str, told: dict[str, Any], status: int, code: str
) -> None:
    reply = admin.post(PATH, told)
    assert (reply.status, reply.code) == (status, code)
    assert [each["id"] for each in admin.items(PATH)] == [topic]


def test_S66_a_ticket_has_values_of_their_types(office: Office, admin: Visitor, topic: str) -> None:
    office.deliver(letter())
    (ticket,) = admin.items("/v1/tickets")
    path, amount = f"/v1/tickets/{ticket['id']}", add(admin, "Amount", "number")
    assert ticket["properties"] == {}
    changed = admin.patch(path, {"properties": {topic: ["billing"], amount: 12.5}})
    assert changed.json["properties"] == {topic: ["billing"], amount: 12.5}
    for value in (["other"], "billing", 3):
        refused = admin.patch(path, {"subject": "Half", "properties": {topic: value}})
        assert (refused.status, refused.code) == (422, "value_does_not_fit")
        assert refused.json["pointer"] == f"/properties/{topic}"
        assert "billing, shipping" in refused.json["detail"]
    assert admin.get(path).json == changed.json
    assert admin.patch(path, {"properties": {amount: None}}).json["properties"] == {topic: ["billing"]}


def test_S66_a_choice_that_is_gone_stays_where_it_is(office: Office, admin: Visitor, topic: str) -> None:
    office.deliver(letter())
    (ticket,) = admin.items("/v1/tickets")
    path = f"/v1/tickets/{ticket['id']}"
    admin.patch(path, {"properties": {topic: ["billing"]}})
    admin.patch(f"{PATH}/{topic}", {"choices": ["shipping"]})
    assert admin.patch(path, {"priority": "low"}).json["properties"] == {topic: ["billing"]}
    assert admin.patch(path, {"properties": {topic: ["billing", "shipping"]}}).status == 422
    assert admin.patch(path, {"properties": {topic: ["shipping"]}}).status == 200


def test_S66_a_channel_sets_values_on_new_tickets(office: Office, admin: Visitor, topic: str) -> None:
    path = f"/v1/channels/{office.channel_id}"
    refused = admin.patch(path, {"ticketing": {"priority": "high", "properties": {topic: ["other"]}}})
    assert (refused.status, refused.json["pointer"]) == (422, f"/ticketing/properties/{topic}")
    assert admin.get(path).json["ticketing"]["priority"] is None
    assert admin.patch(path, {"ticketing": {"properties": {topic: ["shipping"]}}}).status == 200
    office.deliver(letter())
    (ticket,) = admin.items("/v1/tickets")
    assert ticket["properties"] == {topic: ["shipping"]}
    refused = admin.delete(f"{PATH}/{topic}")
    assert (refused.status, refused.code) == (409, "named_by_channel")
    assert admin.patch(path, {"ticketing": {"properties": {topic: None}}}).json["ticketing"]["properties"] == {}
    assert admin.delete(f"{PATH}/{topic}").status == 204
    assert admin.get(f"/v1/tickets/{ticket['id']}").json["properties"] == {topic: ["shipping"]}


def test_S66_a_ticket_by_hand_has_the_channels_values_and_its_own(office: Office, admin: Visitor, topic: str) -> None:
    amount, channel = add(admin, "Amount", "number"), f"/v1/channels/{office.channel_id}"
    ticketing = {"enabled": False, "priority": "low", "properties": {topic: ["shipping"]}}
    assert admin.patch(channel, {"ticketing": ticketing}).status == 200
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/tickets"
    ticket = admin.post(path, {"properties": {amount: 3}}).json
    assert (ticket["properties"], ticket["priority"]) == ({topic: ["shipping"], amount: 3}, "low")


def test_as_many_values_as_a_row_and_its_history_hold_are_taken_and_no_more(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    path = f"/v1/tickets/{office.tickets()[0].id}"
    ids = [add(admin, f"Text {number}", "text") for number in range(65)]
    for letters in ("語" * 230, "詩" * 230):  # and each of them replaced
        assert admin.patch(path, {"properties": dict.fromkeys(ids, letters)}).status == 200
    refused = admin.patch(path, {"properties": dict.fromkeys(ids[:20], "歌" * 1000)})
    assert (refused.status, refused.code) == (422, "values_too_long"), refused.text
    assert refused.json["pointer"] == "/properties"
    assert set(admin.get(path).json["properties"].values()) == {"詩" * 230}
