"""The served description is valid OpenAPI 3.1, shows examples, and is true: a walk through the API is held to it.

Each route's success is held to it by `test_access_matrix.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.api import openapi
from chalicelib.api.dispatch import Route
from chalicelib.api.routes import ROUTES
from tests.api.described import follow, held_to, hold, template_of
from tests.api.visitor import Reply, Visitor
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.outbox import send_all, token_in


@pytest.fixture
def document(office: Office) -> dict[str, Any]:
    return dict(Visitor().get("/v1/openapi.json").json)


def test_the_description_is_valid_openapi_31(document: dict[str, Any]) -> None:
    # Any: its keys are Hashable to it, and a Mapping of keys that are str is none of those.
    OpenAPIV31SpecValidator(dict[Any, Any](document)).validate()


def test_every_route_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert described == {(route.method, route.path) for route in ROUTES}
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(method and path, operation) of each."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_has_examples_and_each_is_what_its_schema_says(document: dict[str, Any]) -> None:
    for name, operation in operations_of(document):
        contents = list(operation.get("requestBody", {}).get("content", {}).values())
        for told in operation["responses"].values():
            contents += told.get("content", {}).values()
        for content in contents:
            assert content["examples"], name
            for example in content["examples"].values():
                held_to(document, content["schema"], example["value"])
        for parameter in operation["parameters"]:
            assert "example" in parameter or parameter["name"] in ("cursor",), f"{name} {parameter['name']}"
            if "example" in parameter:
                held_to(document, parameter["schema"], parameter["example"])
    for told in document["components"]["responses"].values():
        (content,) = told["content"].values()
        held_to(document, content["schema"], content["examples"]["example"]["value"])


@pytest.mark.parametrize("route", [each for each in ROUTES if each.body is not None], ids=lambda each: each.path)
def test_every_example_of_a_body_is_taken_by_the_type_that_validates(document: dict[str, Any], route: Route) -> None:
    operation = document["paths"][route.path][route.method.lower()]
    assert route.body is not None
    for content in operation["requestBody"]["content"].values():
        value = content["examples"]["example"]["value"]
        if route.method == "PATCH" and not openapi.is_patch(route.body):
            assert set(value) <= set(route.body.__struct_encode_fields__)
        else:
            assert msgspec.convert(value, route.body)


def test_everything_is_described_and_nothing_in_words_that_only_we_know(document: dict[str, Any]) -> None:
    for name, operation in operations_of(document):
        assert len(operation["summary"]) > 3, name
        assert operation["description"].split("\n\n")[0], name
    assert re.findall(r"\(S\d+|§", json.dumps(document, ensure_ascii=False)) == []
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and not name.endswith("Listing"):
            assert schema.get("description"), name


class Walker:
    """Sends requests, and holds each answer to the description of its route."""

    def __init__(self, document: dict[str, Any], visitor: Visitor) -> None:
        self.document, self.visitor = document, visitor
        self.seen: dict[tuple[str, str], set[int]] = {}

    def send(self, method: str, path: str, body: Any = None, *, by: Visitor | None = None, **headers: str) -> Reply:
        """One request, checked."""
        visitor = by or self.visitor
        reply = visitor.send(method, path, body, **headers)
        hold(self.document, method, path, reply)
        if reply.status == 201:
            follow(self.document, visitor, reply)
        template = template_of(self.document, path.partition("?")[0])
        self.seen.setdefault((method, template), set()).add(reply.status)
        return reply

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        return self.send("GET", path).json


def test_a_walk_through_all_routes_is_as_described(office: Office, admin: Visitor, document: dict[str, Any]) -> None:
    walker = Walker(document, admin)
    text = (
        "--b\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n"
        "--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n"
    )
    office.deliver(
        letter(headers={"Content-Type": 'multipart/mixed; boundary="b"'}, text=text, cc=["Bo <bo@x.example>"])
    )
    office.deliver(letter(message_id="spam@x.example"), spam="FAIL")
    settings = {"user": f"/v1/users/{office.admin_id}", "inbox": f"/v1/inboxes/{office.inbox_id}"}
    for path in (
        "health",
        "account",
        "me",
        "audit",
        "users",
        "teams",
        "tokens",
        "inboxes",
        "contacts",
        "tickets",
        "pipelines",
    ):
        walker.get(f"/v1/{path}")
    assert walker.get("/v1/openapi.json") == document
    walker.send("POST", "/v1/users", {"email": "a@b.example", "name": "A"})
    walker.send("POST", "/v1/users", {"email": "a@b.example", "name": "A"})
    walker.send("POST", "/v1/users", {"email": "c@b.example", "name": "A", "team_ids": ["tea_no"]})
    team = walker.send("POST", "/v1/teams", {"name": "T"}).json
    token = walker.send("POST", "/v1/tokens", {"name": "T"}).json
    walker.send("DELETE", f"/v1/tokens/{token['id']}")
    walker.send("DELETE", f"/v1/tokens/{token['id']}")
    inbox = walker.send("POST", "/v1/inboxes", {"name": "I"}).json
    (channel,) = walker.get(f"/v1/inboxes/{inbox['id']}/channels")["items"]
    for path, patch in (
        (settings["user"], {"name": "G"}),
        (f"/v1/teams/{team['id']}", {"name": "U"}),
        (settings["inbox"], {"name": "J"}),
        (f"/v1/channels/{channel['id']}", {"enabled": False, "ticketing": {"priority": "low"}}),
    ):
        walker.get(path)
        walker.send("PATCH", path, patch)
        walker.send("PATCH", path, patch, if_match='"99"')
        walker.send("PATCH", path, patch, if_match="*")
        walker.send("PATCH", path, {"name": 1}, if_match="*")
        walker.send("PATCH", path, b"x" * 300_000, if_match="*")
        walker.send("PATCH", path, b"x", if_match="*", content_type="text/plain")
        walker.send("PATCH", path[:-1] + "1", patch, if_match="*")
    walker.send("PATCH", f"/v1/channels/{channel['id']}", {"routing": {"mode": "specific"}}, if_match="*")
    walker.send("POST", f"/v1/channels/{channel['id']}/preview?raw=true", {"html": "<b>Hello</b>"})
    walker.send("POST", f"/v1/channels/{channel['id']}/preview", {"user_id": "usr_nobody"})
    walker.send("POST", f"/v1/channels/{office.channel_id}/from-address", {"address": "help@acme.example"})
    walker.send("POST", f"/v1/channels/{office.channel_id}/from-address", {"address": office.address})
    (mailed,) = send_all(office)
    walker.send("POST", f"/v1/from-address-proofs/{token_in(mailed)}")
    (conversation,) = walker.get(f"{settings['inbox']}/conversations")["items"]
    path = f"/v1/conversations/{conversation['id']}"
    walker.get(path)
    walker.send("PATCH", path, {"assignee_id": office.admin_id})
    walker.send("PATCH", path, {"assignee_id": "usr_nobody"})
    (message,) = walker.get(f"{path}/messages")["items"]
    answer = {"type": "reply", "text": "Hi", "last_message_id": message["id"]}
    assert walker.send("POST", f"{path}/messages", answer).status == 422
    walker.send("PATCH", f"/v1/channels/{office.channel_id}", {"sender": {"use_for_sending": True}}, if_match="*")
    walker.send("POST", f"{path}/messages", answer, idempotency_key="k1")
    walker.send("POST", f"{settings['inbox']}/conversations", {"to": ["c@d.example"], "subject": "S", "text": "T"})
    assert walker.send("POST", f"{path}/messages", answer).status == 409
    walker.get(f"{path}/messages?order=newest")
    (attachment,) = message["attachments"]
    for link in (f"/v1/messages/{message['id']}", message["raw_url"], message["body_url"], attachment["url"]):
        walker.get(link)
    contact = f"/v1/contacts/{conversation['contact']['id']}"
    walker.send("PATCH", contact, {"name": "B"})
    for path in (
        contact,
        f"{contact}/timeline",
        f"{contact}/conversations",
        f"/v1/tickets/{conversation['ticket_id']}",
    ):
        walker.get(path)
    (delivery,) = walker.get("/v1/deliveries")["items"]
    for link in (f"/v1/deliveries/{delivery['id']}", delivery["raw_url"]):
        walker.get(link)
    walker.send("POST", f"/v1/deliveries/{delivery['id']}/replay", {"release": True})
    walker.send("POST", "/v1/dead-letters/return", {"limit": 1})
    walk_contacts(walker)
    walk_people(walker, office)
    for route in ROUTES:
        walker.send(route.method, re.sub(r"\{\w+\}", "x", route.path), by=Visitor())
        walker.send(route.method, re.sub(r"\{\w+\}", "x", route.path) + "?unknown=1", if_match="*")
    assert set(walker.seen) == {(route.method, route.path) for route in ROUTES}


def walk_contacts(walker: Walker) -> None:
    """Contacts that are added, merged, exported and erased."""
    new, other = (walker.send("POST", "/v1/contacts", {"email": f"{name}@c.example"}).json for name in ("a", "b"))
    path = f"/v1/contacts/{new['id']}"
    walker.send("POST", "/v1/contacts", {"email": "a@c.example"})
    walker.send("PATCH", path, {"addresses": ["b@c.example"]})
    walker.send("POST", f"{path}/merge", {"contact_id": new["id"]})
    walker.send("POST", f"{path}/merge", {"contact_id": other["id"]})
    walker.get(f"{path}/export")
    erasure = walker.send("DELETE", path).json
    walker.get("/v1/erasures")
    walker.get(f"/v1/erasures/{erasure['id']}")


def walk_people(walker: Walker, office: Office) -> None:
    """Users who are invited, come and go, and teams that do."""
    user = walker.send("POST", "/v1/users", {"email": "new@acme.example", "name": "New", "invite": True}).json
    path = f"/v1/users/{user['id']}"
    walker.send("POST", f"{path}/invitation")
    walker.send("DELETE", f"{path}/invitation")
    walker.send("DELETE", f"{path}/invitation")
    walker.send("POST", f"{path}/invitation")
    (mailed,) = send_all(office)
    walker.send("POST", f"/v1/invitations/{token_in(mailed)}")
    walker.send("POST", f"{path}/invitation")
    team = walker.send("POST", "/v1/teams", {"name": "Gone soon"}).json
    walker.send("PATCH", f"/v1/teams/{team['id']}/members", {"add": [user["id"]]})
    walker.send("PATCH", f"/v1/teams/{team['id']}/members", {"add": ["usr_nobody"]})
    walker.get(f"/v1/teams/{team['id']}/members")
    walker.send("DELETE", f"/v1/teams/{team['id']}")
    walker.send("DELETE", path)
    walker.send("DELETE", f"/v1/users/{office.admin_id}")


def test_the_description_holds_no_internal_words(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert "Listing_" not in text
    assert "_Settings" not in text
