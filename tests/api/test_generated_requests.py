"""Generated requests in process, with ids that lead somewhere as well as any others: see `generated.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis.core.failures import Failure, FailureGroup

from chalicelib.api.openapi import document
from tests.api.generated import NAMES, OPERATIONS, filled, play, read
from tests.api.test_access_matrix import World
from tests.api.visitor import Reply
from tests.conftest import running_cloud
from tests.post.identities import ses_identities
from tests.post.suppressed import suppress

REQUESTS = 3  # of each operation and kind
SCHEMA = read(document())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_cloud(), ses_identities():
        made = World()
        made.path("/v1/channels/{channel_id}/signature-images/{image_id}")  # one is there from now on
        made.ids["suppression_id"] = suppress(made.account_id, "gone@x.example").id
        yield made


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_no_generated_request_is_answered_otherwise_than_described(world: World, operation: tuple[str, str]) -> None:
    play(SCHEMA, operation, world.visitors["admin_in"], world.ids, REQUESTS)


JSON = {"Content-Type": "application/json"}
PROBLEM = '{"type": "about:blank", "title": "Found", "status": %d, "code": "x", "detail": "x", "request_id": "x"}'


class Answers:
    """A door behind which every request gets the same answer."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        return self.reply


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"Content-Type": "application/problem+json"}, PROBLEM % 500),
        Reply(502, JSON, '{"message": "Internal server error"}'),
        Reply(418, {"Content-Type": "application/problem+json"}, PROBLEM % 418),
        Reply(200, {"Content-Type": "text/html"}, "<p>ok</p>"),
        Reply(200, JSON, '{"status": 1}'),
    ],
    ids=["server error", "gateway's error", "status", "type", "body"],
)
def test_an_answer_that_is_not_described_is_found(reply: Reply) -> None:
    with pytest.raises((Failure, FailureGroup)):
        play(SCHEMA, ("GET", "/v1/me"), Answers(reply), {}, 1)


@pytest.mark.parametrize(
    ("body", "led"),
    [
        ({"inbox_id": "x", "other_id": "x"}, {"inbox_id": "inb_1", "other_id": "x"}),
        ({"a": [{"inbox_ids": ["x", "y"]}]}, {"a": [{"inbox_ids": ["inb_1"]}]}),
        ({"inbox_id": None, "inbox_ids": []}, {"inbox_id": None, "inbox_ids": []}),
        ({"inbox_id": 7, "inbox_ids": "x"}, {"inbox_id": 7, "inbox_ids": "x"}),
        ("inbox_id", "inbox_id"),
        (None, None),
    ],
)
def test_a_body_names_what_is_there(body: Any, led: Any) -> None:
    assert filled(body, {"inbox_id": "inb_1"}) == led
