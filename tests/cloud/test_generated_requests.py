"""Generated requests over HTTP, to the packaged template with every role enforced: see `tests/api/generated.py`.

What is read is what the deployed service says of itself. The caller has an account of their own on the shared cloud, so
that what is changed there is nobody else's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
import urllib3
from schemathesis.core.result import Ok

from chalicelib.api.routes import ROUTES
from infra.deploy import Cloud
from infra.local.account import create
from tests.api.generated import NAMES, OPERATIONS, play, read
from tests.api.visitor import Reply
from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud

REQUESTS = 2  # of each operation and kind; in process there are more
ACCOUNT = {
    "company_name": "Generated",
    "subdomain": "generated",
    "email": "gil@generated.example",
    "name": "Gil Generated",
    "plan": "professional",
    "locale": "en",
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
ATTACHED = (
    "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
    '--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\na;b\r\n--b--\r\n'
)


class Caller:
    """The admin of an account of the local cloud, over HTTP."""

    def __init__(self, local: LocalCloud, token: str) -> None:
        self._origin, self._token = local.told["api_url"].removesuffix("/v1"), token
        self._http = urllib3.PoolManager(retries=False, timeout=60)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request; what is no bytes is sent as JSON."""
        sent = {"authorization": f"Bearer {self._token}", **headers}
        if body is not None and not isinstance(body, bytes):
            sent["content-type"], body = "application/json", json.dumps(body).encode()
        answer = self._http.request(method, self._origin + path, headers=sent, body=body, redirect=False)
        return Reply(answer.status, dict(answer.headers), answer.data.decode())

    def make(self, path: str, body: Any, method: str = "POST", **headers: str) -> Any:
        """The JSON of one request that must succeed."""
        reply = self.send(method, path, body, **headers)
        assert 200 <= reply.status < 300, f"{path}: {reply.status} {reply.text}"
        return reply.json if reply.text else None

    def items(self, path: str) -> list[Any]:
        """The first page of a list, once there is something in it."""
        return list(eventually(lambda: self.make(path, None, "GET")["items"]))


class World:
    """An account with one of everything that an id in a path can name."""

    def __init__(self, local: LocalCloud) -> None:
        self.local = local
        cloud = Cloud(local.told["region"], local.told["cloud_url"])
        self.account = create(cloud, local.outputs()["CreateAccountFunction"], ACCOUNT)
        self.caller = Caller(local, self.account["token"])
        inbox = self.account["inbox_id"]
        form = {"type": "fallback_email", "company_name": "Generated too", "use_for_sending": True}
        channel = self.caller.make(f"/v1/inboxes/{inbox}/channels", form)
        at_once = {"answering": {"undo_seconds": 0}}
        self.caller.make("/v1/account", at_once, "PATCH", **{"if-match": "*"})
        self.ids = {"inbox_id": inbox, "channel_id": channel["id"], "token": "fap_nobody"}
        self.ids |= self._settings(channel["id"]) | self._work(inbox, channel["address"])

    def _settings(self, channel: str) -> dict[str, str]:
        make = self.caller.make
        user = make("/v1/users", {"email": "una@generated.example", "name": "Una", "invite": True})
        image = {"upload_id": self._upload()}
        return {
            "user_id": user["id"],
            "team_id": make("/v1/teams", {"name": "Chosen"})["id"],
            "token_id": make("/v1/tokens", {"name": "Another", "user_id": user["id"]})["id"],
            "pipeline_id": make("/v1/pipelines", {"name": "Returns", "stages": [{"name": "New"}]})["id"],
            "property_id": make("/v1/ticket-properties", {"name": "Topic", "type": "text"})["id"],
            "image_id": make(f"/v1/channels/{channel}/signature-images", image)["id"],
        }

    def _upload(self) -> str:
        told = {"filename": "logo.png", "content_type": "image/png", "size": len(PNG)}
        offered = self.caller.make("/v1/uploads", told)
        put = offered["put"]
        assert self.local.status(put["method"], put["url"], headers=put["headers"], body=PNG)[0] == 200
        return str(offered["id"])

    def _work(self, inbox: str, address: str) -> dict[str, str]:
        headers = ("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
        self.local.send(mail("generated", *headers, body=ATTACHED), address)
        self.local.send(mail("generated-spam", "X-SES-Spam-Verdict: FAIL"), address)
        (conversation,) = self.caller.items(f"/v1/inboxes/{inbox}/conversations")
        (message,) = self.caller.items(f"/v1/conversations/{conversation['id']}/messages")
        contact = self.caller.make("/v1/contacts", {"email": "gone@generated.example"})
        suppression = self._suppressed(inbox)
        for place in (f"inboxes/{inbox}", f"conversations/{conversation['id']}"):
            self.caller.make(f"/v1/{place}/draft", {"text": "Not yet."}, "PUT", **{"if-match": "*"})
        return {
            "conversation_id": conversation["id"],
            "message_id": message["id"],
            "index": str(message["attachments"][0]["index"]),
            "contact_id": conversation["contact"]["id"],
            "ticket_id": conversation["ticket_id"],
            "delivery_id": self.caller.items("/v1/deliveries")[0]["id"],
            "suppression_id": suppression,
            "erasure_id": self.caller.make(f"/v1/contacts/{contact['id']}", None, "DELETE")["id"],
        }

    def _suppressed(self, inbox: str) -> str:
        told = {
            "to": ["bounce@simulator.amazonses.com"],
            "subject": "Hello",
            "text": "Hi",
            "channel_id": self.ids["channel_id"],
        }
        self.caller.make(f"/v1/inboxes/{inbox}/conversations", told)
        return str(self.caller.items("/v1/suppressions")[0]["id"])


@pytest.fixture(scope="module")
def world(local: LocalCloud) -> World:
    return World(local)


@pytest.fixture(scope="module")
def served(world: World) -> schemathesis.BaseSchema:
    """The description, as the deployed service serves it."""
    return read(world.caller.make("/v1/openapi.json", None, "GET"))


def test_the_deployed_service_describes_every_route(served: schemathesis.BaseSchema) -> None:
    told = set()
    for each in served.get_all_operations():
        assert isinstance(each, Ok)
        told.add((each.ok().method.upper(), each.ok().path))
    assert told == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_no_generated_request_is_answered_otherwise_than_described(
    world: World, served: schemathesis.BaseSchema, operation: tuple[str, str]
) -> None:
    play(served, operation, world.caller, world.ids, REQUESTS)
