"""Pipelines over HTTP: stages in order with ids that stay, the default one, and what cannot be removed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office

RETURNS = {"name": "Returns", "stages": [{"name": "Asked for"}, {"name": "Sent"}, {"name": "Paid", "kind": "closed"}]}


@pytest.fixture
def pipeline(admin: Visitor) -> dict[str, Any]:
    reply = admin.post("/v1/pipelines", RETURNS)
    assert reply.status == 201
    assert reply.headers["Location"] == f"/v1/pipelines/{reply.json['id']}"
    return dict(reply.json)


def stage_ids(pipeline: dict[str, Any]) -> list[str]:
    return [stage["id"] for stage in pipeline["stages"]]


def audit_of(admin: Visitor, subject_id: str) -> list[str]:
    return [entry["action"] for entry in admin.items(f"/v1/audit?subject_id={subject_id}")]


def test_S66_a_pipeline_is_added_read_and_listed(admin: Visitor, pipeline: dict[str, Any]) -> None:
    assert [(stage["name"], stage["kind"]) for stage in pipeline["stages"]] == [
        ("Asked for", "open"),
        ("Sent", "open"),
        ("Paid", "closed"),
    ]
    assert (pipeline["on_answer_stage_id"], pipeline["on_reply_stage_id"], pipeline["is_default"]) == (
        None,
        None,
        False,
    )
    assert admin.get(f"/v1/pipelines/{pipeline['id']}").json == pipeline
    first, second = admin.items("/v1/pipelines")
    assert (first["is_default"], second) == (True, pipeline)
    assert audit_of(admin, pipeline["id"]) == ["pipeline.added"]


def test_a_repeated_request_adds_one_pipeline(admin: Visitor) -> None:
    first, again = (admin.post("/v1/pipelines", RETURNS, idempotency_key="k") for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert len(admin.items("/v1/pipelines")) == 2


def test_S70_stages_are_renamed_reordered_added_and_removed_in_one_save(
    admin: Visitor, pipeline: dict[str, Any]
) -> None:
    asked, sent, paid = stage_ids(pipeline)
    path = f"/v1/pipelines/{pipeline['id']}"
    stages = [
        {"id": sent, "name": "On its way"},
        {"name": "Checked"},
        {"id": paid, "name": "Paid", "kind": "closed"},
    ]
    read = admin.get(path).headers["ETag"]
    reply = admin.patch(path, {"stages": stages, "on_reply_stage_id": sent}, if_match=read)
    assert reply.status == 200
    assert [stage["name"] for stage in reply.json["stages"]] == ["On its way", "Checked", "Paid"]
    first, new, last = stage_ids(reply.json)
    assert (first, last) == (sent, paid)
    assert new not in (asked, sent, paid)
    assert reply.json["on_reply_stage_id"] == sent
    stale = admin.patch(path, {"name": "Late"}, if_match=read)
    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert admin.send("PATCH", path, {"name": "Blind"}).status == 428
    assert admin.get(path).json == reply.json
    assert audit_of(admin, pipeline["id"]) == ["pipeline.changed", "pipeline.added"]


@pytest.mark.parametrize(
    ("patch", "status", "pointer"),
    [
        ({"name": ""}, 400, "/name"),
        ({"stages": []}, 400, "/stages"),
        ({"stages": [{"name": "A", "kind": "half"}]}, 400, "/stages/0/kind"),
        ({"stages": [{"name": "A", "colour": "red"}]}, 400, "/stages/0/colour"),
        ({"stages": [{"name": "A", "id": "stg_other"}]}, 422, "/stages/0/id"),
        ({"stages": [{"name": "Only", "kind": "closed"}]}, 422, "/stages"),
        ({"on_answer_stage_id": "stg_other"}, 422, "/on_answer_stage_id"),
    ],
)
def test_S70_what_is_refused_changes_nothing(
    admin: Visitor, pipeline: dict[str, Any], patch: dict[str, Any], status: int, pointer: str
) -> None:
    path = f"/v1/pipelines/{pipeline['id']}"
    reply = admin.patch(path, {"name": "Half", **patch})
    assert (reply.status, reply.json["pointer"]) == (status, pointer)
    assert admin.get(path).json == pipeline


def test_S67_a_stage_that_tickets_move_to_cannot_go_alone(admin: Visitor, pipeline: dict[str, Any]) -> None:
    asked, sent, _ = stage_ids(pipeline)
    path = f"/v1/pipelines/{pipeline['id']}"
    assert admin.patch(path, {"on_answer_stage_id": sent}).status == 200
    without = [stage for stage in pipeline["stages"] if stage["id"] != sent]
    refused = admin.patch(path, {"stages": without})
    assert (refused.status, refused.json["pointer"]) == (422, "/on_answer_stage_id")
    assert admin.patch(path, {"stages": without, "on_answer_stage_id": asked}).status == 200


def test_a_stage_with_tickets_is_not_removed_and_not_turned(office: Office, admin: Visitor) -> None:
    (pipeline,) = admin.items("/v1/pipelines")
    path = f"/v1/pipelines/{pipeline['id']}"
    waiting = pipeline["stages"][1]
    for number in range(2):
        office.deliver(letter(message_id=f"m{number}@x.example"))
        ticket = office.tickets()[0]
        assert admin.patch(f"/v1/tickets/{ticket.id}", {"stage_id": waiting["id"]}).status == 200
    without = [stage for stage in pipeline["stages"] if stage != waiting]
    refused = admin.patch(path, {"stages": without})
    assert (refused.status, refused.code) == (409, "has_tickets")
    assert "2 tickets" in refused.json["detail"]
    turned = [{**stage, "kind": "closed"} if stage == waiting else stage for stage in pipeline["stages"]]
    refused = admin.patch(path, {"stages": turned})
    assert (refused.status, refused.code) == (409, "has_tickets")
    assert admin.get(path).json == pipeline
    for ticket in office.tickets():
        admin.patch(f"/v1/tickets/{ticket.id}", {"stage_id": pipeline["stages"][0]["id"]})
    assert admin.patch(path, {"stages": without}).status == 200


def test_S66_a_stage_that_a_channel_names_is_not_removed(
    office: Office, admin: Visitor, pipeline: dict[str, Any]
) -> None:
    asked, sent, _ = stage_ids(pipeline)
    path, channel = f"/v1/pipelines/{pipeline['id']}", f"/v1/channels/{office.channel_id}"
    named = {"pipeline_id": pipeline["id"], "stage_id": sent}
    assert admin.patch(channel, {"ticketing": named}).status == 200
    without = [stage for stage in pipeline["stages"] if stage["id"] != sent]
    refused = admin.patch(path, {"stages": without})
    assert (refused.status, refused.code) == (409, "named_by_channel")
    assert office.address in refused.json["detail"]
    refused = admin.delete(path)
    assert (refused.status, refused.code) == (409, "named_by_channel")
    assert admin.patch(channel, {"ticketing": {"stage_id": asked}}).status == 200
    assert admin.patch(path, {"stages": without}).status == 200


def test_the_default_pipeline_can_be_another_but_never_none(admin: Visitor, pipeline: dict[str, Any]) -> None:
    old = admin.items("/v1/pipelines")[0]
    path = f"/v1/pipelines/{pipeline['id']}"
    refused = admin.patch(f"/v1/pipelines/{old['id']}", {"is_default": False})
    assert (refused.status, refused.code) == (422, "default_pipeline")
    assert admin.patch(path, {"is_default": True}).json["is_default"] is True
    assert [each["is_default"] for each in admin.items("/v1/pipelines")] == [False, True]
    refused = admin.delete(path)
    assert (refused.status, refused.code) == (409, "default_pipeline")
    inbox = admin.post("/v1/inboxes", {"name": "Shop"}).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    assert channel["ticketing"]["pipeline_id"] == pipeline["id"]


def test_an_unused_pipeline_is_removed(office: Office, admin: Visitor, pipeline: dict[str, Any]) -> None:
    path = f"/v1/pipelines/{pipeline['id']}"
    office.deliver(letter())
    (ticket,) = office.tickets()
    moved = admin.patch(f"/v1/tickets/{ticket.id}", {"pipeline_id": pipeline["id"]})
    assert moved.json["stage_id"] == stage_ids(pipeline)[0]
    refused = admin.delete(path)
    assert (refused.status, refused.code) == (409, "has_tickets")
    admin.patch(f"/v1/tickets/{ticket.id}", {"pipeline_id": ticket.pipeline_id})
    assert admin.delete(path).status == 204
    assert admin.get(path).status == 404
    assert len(admin.items("/v1/pipelines")) == 1
    assert audit_of(admin, pipeline["id"]) == ["pipeline.deleted", "pipeline.added"]
