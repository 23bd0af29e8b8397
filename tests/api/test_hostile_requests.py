"""Whatever is asked of whatever route: an answer as it is described, and never a fault of ours."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.api.dispatch import Route
from chalicelib.api.routes import ROUTES
from tests.api.test_openapi import Walker
from tests.api.visitor import Visitor, admin_of
from tests.conftest import running_cloud
from tests.post.letters import letter
from tests.post.office import Office

ODD = [
    "",
    " ",
    "\x00",
    "a\r\nB: c",
    "\u202e",
    "\ud7ff\ue000",
    "'\"<>&;--",
    "../..",
    "#",
    "ä" * 300,
    "9" * 40,
    "null",
    "{}",
]
TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
WRITING = [route for route in ROUTES if route.body is not None]
READING = [route for route in ROUTES if route.method == "GET"]


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Walker, dict[str, str]]]:
    """A walker through an account with one mail, and the ids that paths can name."""
    with running_cloud():
        office = Office()
        office.deliver(letter())
        raw_id = office.deliver(letter(message_id="spam@x.example"), spam="FAIL")
        conversation = office.conversation()
        ids = {
            "user_id": office.add_user("Una").id,
            "inbox_id": office.inbox_id,
            "channel_id": office.channel_id,
            "conversation_id": conversation.id,
            "message_id": office.messages()[0].id,
            "contact_id": conversation.contact_id,
            "ticket_id": str(conversation.ticket_id),
            "delivery_id": office.delivery(raw_id).id,
            "index": "0",
        }
        admin = admin_of(office)
        yield Walker(Visitor().get("/v1/openapi.json").json, admin), ids


def spoilt(data: st.DataObject, example: Any) -> Any:
    """An example with one of its fields replaced, added, or the whole replaced."""
    if data.draw(st.booleans()):
        return data.draw(JSON)
    body = copy.deepcopy(example)
    names = st.one_of(st.sampled_from(sorted(body)), TEXTS)
    body[data.draw(names)] = data.draw(JSON)
    return body


@pytest.mark.parametrize("route", WRITING, ids=lambda route: f"{route.method} {route.path}")
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_bodies_are_refused_or_taken(
    world: tuple[Walker, dict[str, str]], route: Route, data: st.DataObject
) -> None:
    walker, ids = world
    described = walker.document["paths"][route.path][route.method.lower()]["requestBody"]["content"]
    body = spoilt(data, described["application/json"]["examples"]["example"]["value"])
    path = route.path
    for name in route.names:
        path = path.replace("{" + name + "}", ids.get(name, "x"))
    assert walker.send(route.method, path, body, if_match="*").status < 500


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_paths_and_queries_are_refused_or_answered(
    world: tuple[Walker, dict[str, str]], route: Route, data: st.DataObject
) -> None:
    walker, ids = world
    path = route.path
    for name in route.names:
        hostile = data.draw(TEXTS.filter(lambda text: text not in ("", ".", "..")))
        filled = hostile if data.draw(st.integers(0, 3)) == 0 else ids.get(name, "x")
        path = path.replace("{" + name + "}", quote(filled, safe=""))
    known = [
        "limit",
        "cursor",
        "status",
        "assignee",
        "order",
        "email",
        "verdict",
        "owner_id",
        "stage_id",
        "pipeline_id",
    ]
    query = data.draw(st.dictionaries(st.one_of(st.sampled_from(known), TEXTS), TEXTS, max_size=2))
    assert walker.send("GET", f"{path}?{urlencode(query)}" if query else path).status < 500
