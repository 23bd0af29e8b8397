"""The served description is valid OpenAPI 3.1, and true: a walk through all routes is held to it."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.api import openapi
from chalicelib.api.routes import ROUTES
from tests.api.visitor import Reply, Visitor
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.outbox import send_all, token_in


@pytest.fixture
def document(office: Office) -> dict[str, Any]:
    return dict(Visitor().get("/v1/openapi.json").json)


def test_the_description_is_valid_openapi_31(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert described == {(route.method, route.path) for route in ROUTES}
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    found = 0
    for operations in document["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for example in content["examples"].values():
                    held_to(document, content["schema"], example["value"])
                    found += 1
    assert found >= len(openapi.EXAMPLES)


def held_to(document: dict[str, Any], schema: Any, value: Any) -> None:
    """Raise unless the value is what a schema of the document says."""
    whole = {**schema, "components": document["components"]}
    jsonschema.validate(value, whole, jsonschema.Draft202012Validator)


class Walker:
    """Sends requests, and holds each answer to the description of its route."""

    def __init__(self, document: dict[str, Any], visitor: Visitor) -> None:
        self.document, self.visitor = document, visitor
        self.seen: dict[tuple[str, str], set[int]] = {}

    def send(self, method: str, path: str, body: Any = None, *, by: Visitor | None = None, **headers: str) -> Reply:
        """One request, checked."""
        visitor = by or self.visitor
        reply = visitor.send(method, path, body, **headers)
        template = self.template(path.partition("?")[0])
        told = self.document["paths"][template][method.lower()]["responses"]
        assert str(reply.status) in told, f"{method} {template} answers {reply.status}, which is not documented"
        described = told[str(reply.status)]
        if "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].rpartition("/")[2]]
        if reply.text:
            content_type = reply.headers["Content-Type"]
            held_to(self.document, described["content"][content_type]["schema"], reply.json)
        else:
            assert "content" not in described
        for name in described.get("headers", ()):
            assert name in reply.headers, f"{method} {template} promises {name}"
        self.seen.setdefault((method, template), set()).add(reply.status)
        return reply

    def template(self, path: str) -> str:
        """The path's template, the one with the fewest parameters first."""
        for template in sorted(self.document["paths"], key=lambda each: each.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return str(template)
        raise AssertionError(path)

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
    for route in ROUTES:
        walker.send(route.method, re.sub(r"\{\w+\}", "x", route.path), by=Visitor())
        walker.send(route.method, re.sub(r"\{\w+\}", "x", route.path) + "?unknown=1", if_match="*")
    assert set(walker.seen) == {(route.method, route.path) for route in ROUTES}
    for route in ROUTES:
        assert openapi.statuses(route)[0] in walker.seen[route.method, route.path], route.path


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


def test_the_description_holds_no_internal_words(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert "Listing_" not in text
    assert "_Settings" not in text
