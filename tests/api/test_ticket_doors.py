"""Tickets at the edges of access: in archived inboxes, and asked for again after they went elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office


@pytest.fixture
def conversations(office: Office, admin: Visitor) -> list[str]:
    """The ids of two conversations without a ticket, in an inbox of their own."""
    made = admin.post("/v1/inboxes", {"name": "Sales", "channel": {"type": "fallback_email"}})
    assert made.status == 201, made.text
    (channel,) = admin.items(f"/v1/inboxes/{made.json['id']}/channels")
    assert admin.patch(f"/v1/channels/{channel['id']}", {"ticketing": {"enabled": False}}).status == 200
    for number in range(2):
        office.deliver(letter(message_id=f"m{number}@x.example"), [channel["address"]])
    return [each["id"] for each in admin.items(f"/v1/inboxes/{made.json['id']}/conversations")]


def test_a_ticket_of_an_archived_inbox_can_be_read_and_no_more(admin: Visitor, conversations: list[str]) -> None:
    ticket = admin.post(f"/v1/conversations/{conversations[0]}/tickets").json
    path = f"/v1/tickets/{ticket['id']}"
    assert admin.patch(f"/v1/inboxes/{ticket['inbox_id']}", {"archived": True}).status == 200
    assert admin.get(path).status == 200
    refused: list[Any] = [
        admin.patch(path, {"priority": "high"}),
        admin.post(f"{path}/comments", {"text": "Well"}),
        admin.post(f"{path}/conversations", {"conversation_id": conversations[1]}),
    ]
    assert [(each.status, each.code) for each in refused] == [(409, "inbox_archived")] * 3
    assert admin.get(path).json == ticket


def test_a_repeated_request_tells_of_a_ticket_that_has_other_conversations_by_now(
    office: Office, admin: Visitor, conversations: list[str]
) -> None:
    first, second = conversations
    asked = ("POST", "/v1/tickets", {"conversation_ids": [first]})
    ticket = admin.send(*asked, idempotency_key="k1").json
    path = f"/v1/tickets/{ticket['id']}/conversations"
    assert admin.post(path, {"conversation_id": second}).status == 200
    assert admin.delete(f"{path}/{first}").status == 200
    moved = admin.post(f"/v1/conversations/{first}/transfer", {"inbox_id": office.inbox_id})
    assert moved.status == 200
    again = admin.send(*asked, idempotency_key="k1")
    assert (again.status, again.json["id"], again.json["conversation_ids"]) == (201, ticket["id"], [second])
