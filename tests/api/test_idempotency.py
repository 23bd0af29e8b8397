"""`Idempotency-Key`: a request that comes again does nothing more, and is told what the first one made."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.api.routes import ROUTES
from tests.api.visitor import Visitor, visitor_for
from tests.post.office import Office
from tests.post.outbox import take

BODIES: dict[str, dict[str, Any]] = {
    "/v1/users": {"email": "ann@acme.example", "name": "Ann"},
    "/v1/teams": {"name": "First line"},
    "/v1/inboxes": {"name": "Sales"},
}


def test_every_post_takes_the_header() -> None:
    assert [route.path for route in ROUTES if route.method == "POST" and not route.repeatable] == []
    assert [route.path for route in ROUTES if route.method != "POST" and route.repeatable] == []


@pytest.mark.parametrize("path", BODIES)
def test_a_repeat_makes_nothing_more_and_is_answered_alike(office: Office, admin: Visitor, path: str) -> None:
    count = len(admin.items(path))
    noted = len(admin.items("/v1/audit?limit=100"))
    replies = [admin.post(path, BODIES[path], idempotency_key="k-1") for _ in range(3)]
    assert [reply.status for reply in replies] == [201] * 3
    assert len({reply.text for reply in replies}) == 1
    assert len({(reply.headers["Location"], reply.headers["ETag"]) for reply in replies}) == 1
    assert len(admin.items(path)) == count + 1
    entries = {"/v1/inboxes": 2}.get(path, 1)  # an inbox comes with a channel
    assert len(admin.items("/v1/audit?limit=100")) == noted + entries
    other = admin.post(path, {**BODIES[path], "name": "Other"}, idempotency_key="k-1")
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert len(admin.items(path)) == count + 1


def test_an_inbox_that_is_to_have_no_channel_is_made_once(office: Office, admin: Visitor) -> None:
    body = {"name": "Bare", "connect_channel": False}
    first, second = (admin.post("/v1/inboxes", body, idempotency_key="bare") for _ in range(2))
    assert first.json == second.json
    assert admin.items(f"/v1/inboxes/{first.json['id']}/channels") == []


def test_another_key_makes_another_thing(office: Office, admin: Visitor) -> None:
    made = {admin.post("/v1/teams", {"name": "T"}, idempotency_key=key).json["id"] for key in ("a", "b")}
    assert len(made) == 2


def test_a_key_is_the_users_own(office: Office, admin: Visitor) -> None:
    other = visitor_for(office.user(admin.post("/v1/users", {**BODIES["/v1/users"], "role": "super_admin"}).json["id"]))
    first = admin.post("/v1/teams", {"name": "A"}, idempotency_key="k").json
    second = other.post("/v1/teams", {"name": "B"}, idempotency_key="k").json
    assert first["id"] != second["id"]
    assert second["name"] == "B"


def test_a_key_of_one_route_is_refused_at_another(office: Office, admin: Visitor) -> None:
    assert admin.post("/v1/teams", {"name": "A"}, idempotency_key="k").status == 201
    assert admin.post("/v1/inboxes", {"name": "A"}, idempotency_key="k").code == "idempotency_key_reused"


def test_the_order_of_fields_makes_no_other_request(office: Office, admin: Visitor) -> None:
    body = BODIES["/v1/users"]
    replies = [
        admin.post("/v1/users", dict(order), idempotency_key="k")
        for order in (body.items(), reversed(body.items()), [*body.items(), ("role", "member")])
    ]
    assert [reply.status for reply in replies] == [201] * 3


def test_a_token_that_was_made_before_is_named_but_not_shown_again(office: Office, admin: Visitor) -> None:
    first = admin.post("/v1/tokens", {"name": "export"}, idempotency_key="k")
    assert first.status == 201
    second = admin.post("/v1/tokens", {"name": "export"}, idempotency_key="k")
    assert (second.status, second.code) == (409, "made_before")
    assert first.json["id"] in second.json["detail"]
    assert first.json["token"] not in second.text
    assert [each["name"] for each in admin.items("/v1/tokens")].count("export") == 1


def test_an_address_that_is_taken_by_somebody_else_is_no_repeat(office: Office, admin: Visitor) -> None:
    assert admin.post("/v1/users", BODIES["/v1/users"]).status == 201
    for _ in range(2):
        refused = admin.post("/v1/users", BODIES["/v1/users"], idempotency_key="k")
        assert (refused.status, refused.code) == (409, "email_taken")


def test_a_proof_that_is_asked_for_again_is_mailed_once(office: Office, admin: Visitor) -> None:
    from chalicelib.config import config

    path, body = f"/v1/channels/{office.channel_id}/from-address", {"address": "help@acme.example"}
    first, second = (admin.post(path, body, idempotency_key="k") for _ in range(2))
    assert (first.status, second.status) == (202, 202)
    assert first.json == second.json
    assert len(take(config().outbound_queue_url)) == 1
    assert admin.post(path, body, idempotency_key="other").status == 202
    assert len(take(config().outbound_queue_url)) == 1


@pytest.mark.parametrize("key", ["", "has space", "ä", "x" * 201])
def test_a_key_that_is_none_is_refused(office: Office, admin: Visitor, key: str) -> None:
    refused = admin.post("/v1/teams", {"name": "T"}, idempotency_key=key)
    assert (refused.status, refused.code) == (400, "bad_idempotency_key")
    assert admin.items("/v1/teams") == []


def test_a_request_that_is_not_of_the_form_takes_no_key(office: Office, admin: Visitor) -> None:
    assert admin.post("/v1/teams", {"nome": "T"}, idempotency_key="k").status == 400
    assert admin.post("/v1/teams", {"name": "T"}, idempotency_key="k").status == 201
