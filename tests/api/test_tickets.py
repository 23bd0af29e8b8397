"""Tickets over HTTP: opened by hand, changed, linked, commented, and seen by whom."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.model.account import Role
from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office

NO_TICKETS = {"ticketing": {"enabled": False}}


@pytest.fixture
def conversation(office: Office, admin: Visitor) -> dict[str, Any]:
    """A conversation without a ticket."""
    assert admin.patch(f"/v1/channels/{office.channel_id}", NO_TICKETS).status == 200
    return another(office, admin, 0)


def another(office: Office, admin: Visitor, number: int, channel: dict[str, Any] | None = None) -> dict[str, Any]:
    """A further conversation, of the default inbox unless a channel is named."""
    to = [channel["address"]] if channel else None
    office.deliver(letter(message_id=f"m{number}@x.example", subject=f"Question {number}"), to)
    inbox_id = channel["inbox_id"] if channel else office.inbox_id
    return dict(admin.items(f"/v1/inboxes/{inbox_id}/conversations")[0])


def selected(admin: Visitor, name: str, *user_ids: str) -> dict[str, Any]:
    """The channel, without tickets, of a new inbox that only these users act in."""
    access = {"mode": "selected", "user_ids": list(user_ids)}
    inbox = admin.post("/v1/inboxes", {"name": name, "access": access}).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    return dict(admin.patch(f"/v1/channels/{channel['id']}", NO_TICKETS).json)


def stages(admin: Visitor) -> dict[str, str]:
    return {stage["name"]: stage["id"] for stage in admin.items("/v1/pipelines")[0]["stages"]}


def ticket_of(admin: Visitor, conversation: dict[str, Any]) -> str | None:
    found: str | None = admin.get(f"/v1/conversations/{conversation['id']}").json["ticket_id"]
    return found


def events(admin: Visitor, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in admin.items(f"/v1/tickets/{ticket['id']}/entries") if each["type"] == "event"]


def test_S4_a_ticket_is_opened_from_a_conversation_and_linked_both_ways(
    office: Office, admin: Visitor, conversation: dict[str, Any]
) -> None:
    reply = admin.post(f"/v1/conversations/{conversation['id']}/tickets")
    assert reply.status == 201
    ticket = reply.json
    assert reply.headers["Location"] == f"/v1/tickets/{ticket['id']}"
    assert (ticket["conversation_id"], ticket["conversation_ids"]) == (conversation["id"], [conversation["id"]])
    assert (ticket["subject"], ticket["contact_id"]) == ("Question 0", conversation["contact"]["id"])
    assert ticket["stage_id"] == stages(admin)["New"]
    assert ticket_of(admin, conversation) == ticket["id"]
    assert admin.get(f"/v1/tickets/{ticket['id']}").json == ticket
    assert admin.items("/v1/tickets") == [ticket]
    (opened,) = events(admin, ticket)
    assert (opened["code"], opened["author_id"]) == ("opened_by_hand", office.admin_id)
    refused = admin.post(f"/v1/conversations/{conversation['id']}/tickets")
    assert (refused.status, refused.code) == (409, "has_ticket")
    assert ticket["id"] in refused.json["detail"]


def test_S4_a_ticket_for_several_conversations_says_what_it_shall_be(
    office: Office, admin: Visitor, conversation: dict[str, Any]
) -> None:
    mia, other = office.add_user("Mia"), another(office, admin, 1)
    wish = {"subject": "Both parcels", "stage_id": stages(admin)["Closed"], "priority": "urgent", "owner_id": mia.id}
    told = {"conversation_ids": [conversation["id"], other["id"], other["id"]], **wish}
    ticket = admin.post("/v1/tickets", told).json
    assert {name: ticket[name] for name in wish} == wish
    assert ticket["owned_because_code"] == "given_by_hand"
    assert ticket["closed_at"] == ticket["created_at"]
    assert ticket["conversation_ids"] == [conversation["id"], other["id"]]
    assert {ticket_of(admin, each) for each in (conversation, other)} == {ticket["id"]}
    assert admin.items(f"/v1/tickets?owner_id={mia.id}") == [ticket]


def test_S4_a_repeated_request_opens_one_ticket(admin: Visitor, conversation: dict[str, Any]) -> None:
    told = {"conversation_ids": [conversation["id"]]}
    first, again = (admin.post("/v1/tickets", told, idempotency_key="k") for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert len(admin.items("/v1/tickets")) == 1


@pytest.mark.parametrize(
    ("more", "status", "pointer"),
    [
        ({"conversation_ids": []}, 400, "/conversation_ids"),
        ({"colour": "red"}, 400, "/colour"),
        ({"subject": " "}, 400, "/subject"),
        ({"stage_id": "stg_other"}, 422, "/stage_id"),
        ({"pipeline_id": "pip_other"}, 422, "/pipeline_id"),
        ({"owner_id": "usr_nobody"}, 422, "/owner_id"),
        ({"properties": {"tpr_none": 1}}, 422, "/properties/tpr_none"),
    ],
)
def test_S67_S70_what_is_refused_opens_no_ticket(
    admin: Visitor, conversation: dict[str, Any], more: dict[str, Any], status: int, pointer: str
) -> None:
    reply = admin.post("/v1/tickets", {"conversation_ids": [conversation["id"]], **more})
    assert (reply.status, reply.json["pointer"]) == (status, pointer)
    assert admin.items("/v1/tickets") == []
    assert ticket_of(admin, conversation) is None


def test_a_ticket_is_changed_and_its_history_says_how(
    office: Office, admin: Visitor, conversation: dict[str, Any]
) -> None:
    ticket = admin.post(f"/v1/conversations/{conversation['id']}/tickets").json
    path, known, mia = f"/v1/tickets/{ticket['id']}", stages(admin), office.add_user("Mia")
    changed = admin.patch(path, {"subject": "Lost parcel", "priority": "high", "owner_id": mia.id}).json
    assert (changed["subject"], changed["priority"], changed["owner_id"]) == ("Lost parcel", "high", mia.id)
    assert changed["owned_because"] == "Grace Hopper made Mia the owner."
    closed = admin.patch(path, {"stage_id": known["Closed"]}).json
    assert closed["closed_at"] is not None
    assert closed["staged_because"] == "Grace Hopper moved the ticket to Closed."
    assert admin.items(f"/v1/tickets?pipeline_id={closed['pipeline_id']}&stage_id={known['Closed']}") == [closed]
    assert admin.items(f"/v1/tickets?pipeline_id={closed['pipeline_id']}&stage_id={known['New']}") == []
    opened = admin.patch(path, {"stage_id": known["New"], "owner_id": None, "priority": None}).json
    assert (opened["closed_at"], opened["owner_id"], opened["priority"]) == (None, None, None)
    assert admin.patch(path, {"stage_id": known["New"]}).json == opened  # nothing to change: no event
    assert [each["code"] for each in events(admin, ticket)] == [
        "opened_by_hand",
        "changed",
        "moved_by_hand",
        "moved_by_hand",
    ]
    assert events(admin, ticket)[2]["changes"] == {
        "stage_id": {"before": known["New"], "after": known["Closed"]},
        "closed_at": {"before": None, "after": closed["closed_at"]},
    }


def test_who_read_an_older_ticket_is_told_so(admin: Visitor, conversation: dict[str, Any]) -> None:
    ticket = admin.post(f"/v1/conversations/{conversation['id']}/tickets").json
    path = f"/v1/tickets/{ticket['id']}"
    assert admin.patch(path, {"priority": "low", "version": ticket["version"]}).status == 200
    refused = admin.patch(path, {"priority": "high", "version": ticket["version"]})
    assert (refused.status, refused.code) == (409, "ticket_changed")
    assert admin.get(path).json["priority"] == "low"


def test_S4_conversations_are_linked_and_unlinked(office: Office, admin: Visitor, conversation: dict[str, Any]) -> None:
    ticket = admin.post(f"/v1/conversations/{conversation['id']}/tickets").json
    second, third = another(office, admin, 1), another(office, admin, 2)
    path = f"/v1/tickets/{ticket['id']}/conversations"
    for each in (second, third, third):
        linked = admin.post(path, {"conversation_id": each["id"]})
        assert linked.status == 200
    assert linked.json["conversation_ids"] == [conversation["id"], second["id"], third["id"]]
    assert ticket_of(admin, third) == ticket["id"]
    left = admin.delete(f"{path}/{conversation['id']}")
    assert left.status == 200
    assert (left.json["conversation_id"], left.json["conversation_ids"]) == (second["id"], [second["id"], third["id"]])
    assert ticket_of(admin, conversation) is None
    assert admin.delete(f"{path}/{conversation['id']}").status == 404
    admin.delete(f"{path}/{second['id']}")
    refused = admin.delete(f"{path}/{third['id']}")
    assert (refused.status, refused.code) == (422, "last_conversation")
    told = [(each["code"], each["conversation_id"]) for each in events(admin, ticket)]
    assert told[1:] == [
        ("conversation_linked", second["id"]),
        ("conversation_linked", third["id"]),
        ("conversation_unlinked", conversation["id"]),
        ("conversation_unlinked", second["id"]),
    ]
    other = admin.post(f"/v1/conversations/{conversation['id']}/tickets").json
    refused = admin.post(path, {"conversation_id": conversation["id"]})
    assert (refused.status, refused.code) == (409, "has_ticket")
    assert other["id"] in refused.json["detail"]


def test_comments_are_written_and_listed(office: Office, admin: Visitor, conversation: dict[str, Any]) -> None:
    ticket = admin.post(f"/v1/conversations/{conversation['id']}/tickets").json
    path = f"/v1/tickets/{ticket['id']}"
    first, again = (admin.post(f"{path}/comments", {"text": "I call them."}, idempotency_key="k") for _ in range(2))
    assert (first.status, first.json) == (201, again.json)
    assert (first.json["author_id"], first.json["text"]) == (office.admin_id, "I call them.")
    admin.patch(path, {"priority": "high"})
    admin.post(f"{path}/comments", {"text": "They call back."})
    assert [each["text"] for each in admin.items(f"{path}/comments")] == ["I call them.", "They call back."]
    assert [each["type"] for each in admin.items(f"{path}/entries")] == ["event", "comment", "event", "comment"]
    page = admin.get(f"{path}/entries?limit=3").json
    assert len(page["items"]) == 3
    assert len(admin.get(f"{path}/entries?cursor={page['next']}").json["items"]) == 1
    assert admin.post(f"{path}/comments", {"text": " \r\n"}).code == "empty_comment"
    assert admin.post(f"{path}/comments", {"text": ""}).status == 400


def test_S16_a_ticket_of_two_inboxes_shows_each_reader_their_own_conversations(office: Office, admin: Visitor) -> None:
    mia, bob, eve = (office.add_user(name) for name in ("Mia", "Bob", "Eve"))
    sales = selected(admin, "Sales", mia.id, office.admin_id)
    board = selected(admin, "Board", bob.id, office.admin_id)
    first, second = another(office, admin, 1, sales), another(office, admin, 2, board)
    ticket = admin.post("/v1/tickets", {"conversation_ids": [first["id"]]}).json
    path = f"/v1/tickets/{ticket['id']}"
    assert visitor_for(bob).get(path).status == 404
    assert admin.post(f"{path}/conversations", {"conversation_id": second["id"]}).status == 200
    for user, own, hidden in ((mia, first, second), (bob, second, first)):
        visitor = visitor_for(user)
        seen = visitor.get(path).json
        assert (seen["conversation_id"], seen["conversation_ids"]) == (own["id"], [own["id"]])
        assert seen["inbox_id"] == own["inbox_id"]
        assert visitor.items("/v1/tickets") == [seen]
        assert hidden["id"] not in visitor.get(f"{path}/entries").text
        assert visitor.patch(path, {"priority": "low"}).status == 200
        assert visitor.delete(f"{path}/conversations/{hidden['id']}").status == 404
    stranger = visitor_for(eve)
    assert stranger.items("/v1/tickets") == []
    for method, where in (("GET", ""), ("PATCH", ""), ("GET", "/entries"), ("GET", "/comments")):
        assert stranger.send(method, path + where, {"priority": "low"} if method == "PATCH" else None).status == 404
    assert set(admin.get(path).json["conversation_ids"]) == {first["id"], second["id"]}


def test_S19_an_admin_who_is_not_chosen_reads_a_ticket_and_may_not_act(office: Office, admin: Visitor) -> None:
    mia, abe = office.add_user("Mia"), office.add_user("Abe", role=Role.ACCOUNT_ACCESS)
    sales = selected(admin, "Sales", mia.id)
    conversation = another(office, admin, 1, sales)
    ticket = visitor_for(mia).post(f"/v1/conversations/{conversation['id']}/tickets").json
    reader, path = visitor_for(abe), f"/v1/tickets/{ticket['id']}"
    assert reader.get(path).json == ticket
    for refused in (
        reader.patch(path, {"priority": "low"}),
        reader.post(f"{path}/comments", {"text": "Hello"}),
        reader.post(f"{path}/conversations", {"conversation_id": conversation["id"]}),
        reader.post("/v1/tickets", {"conversation_ids": [conversation["id"]]}),
    ):
        assert (refused.status, refused.code) == (403, "not_chosen")
    refused = visitor_for(mia).patch(path, {"owner_id": abe.id})
    assert (refused.status, refused.code) == (422, "owner_without_access")
    assert visitor_for(mia).get(path).json == ticket


def test_a_stage_of_another_pipeline_is_refused(admin: Visitor, conversation: dict[str, Any]) -> None:
    ticket = admin.post(f"/v1/conversations/{conversation['id']}/tickets").json
    other = admin.post("/v1/pipelines", {"name": "Returns", "stages": [{"name": "New"}, {"name": "Sent"}]}).json
    path, sent = f"/v1/tickets/{ticket['id']}", other["stages"][1]["id"]
    refused = admin.patch(path, {"stage_id": sent})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "stage_of_another_pipeline", "/stage_id")
    refused = admin.patch(path, {"stage_id": stages(admin)["New"], "pipeline_id": other["id"]})
    assert (refused.status, refused.code) == (422, "stage_of_another_pipeline")
    moved = admin.patch(path, {"stage_id": sent, "pipeline_id": other["id"]}).json
    assert (moved["pipeline_id"], moved["stage_id"]) == (other["id"], sent)
