"""Every route, called by every kind of caller (S15-S21): what each gets, in one table.

The thing asked for lies in an inbox of the account `acme` with access `selected`. A route that is not in the table
fails the test, and so does a row without a route.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from chalicelib.api.routes import ROUTES
from chalicelib.model.account import Role, Seat
from tests.api import described
from tests.api.visitor import Visitor, visitor_for
from tests.conftest import running_cloud
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.suppressed import suppress
from tests.post.uploading import PNG, upload

PERSONS = (
    "anonymous",  # no token
    "stranger",  # a super admin of another account
    "member_out",  # a paid seat, not chosen
    "member_in",  # a paid seat, chosen
    "free_in",  # a free seat, chosen by team
    "access_out",  # account access, not chosen
    "admin_out",  # super admin, not chosen
    "admin_in",  # super admin, chosen
)
PUBLIC = "200 200 200 200 200 200 200 200"
ACCOUNT = "401 200 200 200 200 200 200 200"  # of the caller's own account
ONE = "401 404 200 200 200 200 200 200"  # one thing that all of the account may see
INBOX = "401 404 404 200 200 200 200 200"  # what is in the inbox
ACT = "401 404 404 200 200 403 403 200"
ADMIN = "401 404 403 403 403 200 200 200"
ADMIN_LIST = "401 200 403 403 403 200 200 200"
ADMIN_ADD = "401 201 403 403 403 201 201 201"

# (method, path) -> (statuses in the order of PERSONS, body)
MATRIX: dict[tuple[str, str], tuple[str, Any]] = {
    ("GET", "/v1/health"): (PUBLIC, None),
    ("GET", "/v1/openapi.json"): (PUBLIC, None),
    ("GET", "/v1/account"): (ACCOUNT, None),
    ("PATCH", "/v1/account"): ("401 200 403 403 403 200 200 200", {"answering": {"undo_seconds": 5}}),
    ("GET", "/v1/account/lists"): (ADMIN_LIST, None),
    ("PATCH", "/v1/account/lists"): ("401 200 403 403 403 200 200 200", {"deny": ["spam.example"]}),
    ("GET", "/v1/account/settings"): (ADMIN_LIST, None),
    ("PUT", "/v1/account/settings"): ("401 200 403 403 403 403 200 200", {}),
    ("GET", "/v1/me"): (ACCOUNT, None),
    ("GET", "/v1/users"): (ACCOUNT, None),
    ("POST", "/v1/users"): (ADMIN_ADD, {"email": "{person}@new.example", "name": "New"}),
    ("GET", "/v1/users/{user_id}"): (ONE, None),
    ("PATCH", "/v1/users/{user_id}"): (ADMIN, {"name": "Renamed"}),
    ("DELETE", "/v1/users/{user_id}"): ("401 404 403 403 403 204 204 204", None),
    ("POST", "/v1/users/{user_id}/invitation"): ("401 404 403 403 403 202 202 202", None),
    ("DELETE", "/v1/users/{user_id}/invitation"): ("401 404 403 403 403 204 204 204", None),
    ("POST", "/v1/invitations/{token}"): ("404 404 404 404 404 404 404 404", None),
    ("GET", "/v1/teams"): (ACCOUNT, None),
    ("POST", "/v1/teams"): (ADMIN_ADD, {"name": "A team"}),
    ("GET", "/v1/teams/{team_id}"): (ONE, None),
    ("PATCH", "/v1/teams/{team_id}"): (ADMIN, {"name": "Renamed"}),
    ("DELETE", "/v1/teams/{team_id}"): ("401 404 403 403 403 204 204 204", None),
    ("GET", "/v1/teams/{team_id}/members"): (ONE, None),
    ("PATCH", "/v1/teams/{team_id}/members"): ("401 404 403 403 403 204 204 204", {}),
    ("GET", "/v1/tokens"): (ACCOUNT, None),
    ("POST", "/v1/tokens"): ("401 201 201 201 201 201 201 201", {"name": "A token"}),
    ("GET", "/v1/tokens/{token_id}"): ("401 404 404 404 404 200 200 200", None),
    ("DELETE", "/v1/tokens/{token_id}"): ("401 404 404 404 404 204 204 204", None),
    ("GET", "/v1/audit"): (ADMIN_LIST, None),
    ("GET", "/v1/inboxes"): (ACCOUNT, None),
    ("POST", "/v1/inboxes"): (ADMIN_ADD, {"name": "An inbox of {person}"}),
    ("GET", "/v1/inboxes/{inbox_id}"): (INBOX, None),
    ("PATCH", "/v1/inboxes/{inbox_id}"): (ADMIN, {"name": "Renamed"}),
    ("GET", "/v1/inboxes/{inbox_id}/channels"): (INBOX, None),
    ("POST", "/v1/inboxes/{inbox_id}/channels"): (
        "401 404 403 403 403 201 201 201",
        {"type": "fallback_email", "company_name": "Channel of {person}"},
    ),
    ("GET", "/v1/channel-types"): (ACCOUNT, None),
    ("GET", "/v1/channels/{channel_id}"): (INBOX, None),
    ("DELETE", "/v1/channels/{channel_id}"): ("401 404 403 403 403 204 204 204", None),
    ("PATCH", "/v1/channels/{channel_id}"): (ADMIN, {"enabled": True}),
    ("POST", "/v1/channels/{channel_id}/preview"): (INBOX, {"text": "Good morning!"}),
    ("GET", "/v1/channels/{channel_id}/signature-images"): (INBOX, None),
    ("POST", "/v1/channels/{channel_id}/signature-images"): (
        "401 404 403 403 403 201 201 201",
        {"upload_id": "{image_upload}"},
    ),
    ("GET", "/v1/channels/{channel_id}/signature-images/{image_id}"): (INBOX, None),
    ("DELETE", "/v1/channels/{channel_id}/signature-images/{image_id}"): ("401 404 403 403 403 204 204 204", None),
    ("POST", "/v1/channels/{channel_id}/from-address"): (
        "401 404 403 403 403 202 202 202",
        {"address": "help@acme.example"},
    ),
    ("POST", "/v1/from-address-proofs/{token}"): ("404 404 404 404 404 404 404 404", None),
    ("GET", "/v1/account/health"): (ADMIN_LIST, None),
    ("GET", "/v1/channels/{channel_id}/health"): (INBOX, None),
    ("GET", "/v1/channels/{channel_id}/health/history"): (INBOX, None),
    ("POST", "/v1/channels/{channel_id}/check"): (ADMIN, None),
    ("POST", "/v1/channels/{channel_id}/probe"): ("401 404 403 403 403 422 422 422", None),
    ("GET", "/v1/reconcile/runs"): (ADMIN_LIST, None),
    ("GET", "/v1/inboxes/{inbox_id}/conversations"): (INBOX, None),
    ("POST", "/v1/inboxes/{inbox_id}/conversations"): (
        "401 404 404 201 201 403 403 201",
        {"to": ["ada@new.example"], "subject": "Hello", "text": "Hi"},
    ),
    ("GET", "/v1/conversations/{conversation_id}"): (INBOX, None),
    ("PATCH", "/v1/conversations/{conversation_id}"): (ACT, {"status": "open"}),
    ("POST", "/v1/conversations/{conversation_id}/transfer"): (ACT, {"inbox_id": "{inbox_id}"}),
    ("GET", "/v1/conversations/{conversation_id}/messages"): (INBOX, None),
    ("POST", "/v1/conversations/{conversation_id}/messages"): (
        "401 404 404 201 201 403 403 201",
        {"type": "reply", "text": "By {person}"},
    ),
    ("PUT", "/v1/conversations/{conversation_id}/draft"): (ACT, {"text": "By {person}"}),
    ("GET", "/v1/conversations/{conversation_id}/draft"): ("401 404 404 200 200 404 404 200", None),
    ("DELETE", "/v1/conversations/{conversation_id}/draft"): ("401 404 404 204 204 204 204 204", None),
    ("PUT", "/v1/inboxes/{inbox_id}/draft"): (ACT, {"text": "By {person}"}),
    ("GET", "/v1/inboxes/{inbox_id}/draft"): ("401 404 404 200 200 404 404 200", None),
    ("DELETE", "/v1/inboxes/{inbox_id}/draft"): ("401 404 404 204 204 204 204 204", None),
    ("POST", "/v1/uploads"): ("401 200 200 200 200 200 200 200", {"filename": "a.pdf", "size": 3}),
    ("GET", "/v1/me/mentions"): (ACCOUNT, None),
    ("POST", "/v1/messages/{message_id}/forward"): (
        "401 404 404 201 201 403 403 201",
        {"to": ["depot@new.example"], "text": "By {person}"},
    ),
    ("POST", "/v1/messages/{message_id}/cancel"): ("401 404 404 422 422 403 403 422", None),
    ("POST", "/v1/messages/{message_id}/resend"): ("401 404 404 422 422 403 403 422", None),
    ("GET", "/v1/messages/{message_id}"): (INBOX, None),
    ("GET", "/v1/messages/{message_id}/raw"): (INBOX, None),
    ("GET", "/v1/messages/{message_id}/body"): (INBOX, None),
    ("GET", "/v1/messages/{message_id}/attachments/{index}"): (INBOX, None),
    ("GET", "/v1/contacts"): (ACCOUNT, None),
    ("POST", "/v1/contacts"): ("401 201 201 201 201 201 201 201", {"email": "{person}@new-contact.example"}),
    ("GET", "/v1/contacts/{contact_id}"): (ONE, None),
    ("PATCH", "/v1/contacts/{contact_id}"): (ONE, {"name": "Ada Lovelace"}),
    ("GET", "/v1/contacts/{contact_id}/timeline"): (ONE, None),
    ("GET", "/v1/contacts/{contact_id}/conversations"): (ONE, None),
    ("GET", "/v1/contacts/{contact_id}/export"): (ADMIN, None),
    ("POST", "/v1/contacts/{contact_id}/merge"): ("401 404 200 200 200 200 200 200", {"contact_id": "{new_contact}"}),
    ("DELETE", "/v1/contacts/{contact_id}"): ("401 404 403 403 403 202 202 202", None),
    ("GET", "/v1/erasures"): (ADMIN_LIST, None),
    ("GET", "/v1/erasures/{erasure_id}"): (ADMIN, None),
    ("GET", "/v1/tickets"): (ACCOUNT, None),
    ("GET", "/v1/tickets/{ticket_id}"): (INBOX, None),
    ("POST", "/v1/tickets"): ("401 404 404 201 201 403 403 201", {"conversation_ids": ["{without_ticket}"]}),
    ("POST", "/v1/conversations/{conversation_id}/tickets"): ("401 404 404 201 201 403 403 201", None),
    ("PATCH", "/v1/tickets/{ticket_id}"): (ACT, {"subject": "Seen by {person}"}),
    ("POST", "/v1/tickets/{ticket_id}/conversations"): (ACT, {"conversation_id": "{without_ticket}"}),
    ("DELETE", "/v1/tickets/{ticket_id}/conversations/{conversation_id}"): (ACT, None),
    ("GET", "/v1/tickets/{ticket_id}/entries"): (INBOX, None),
    ("GET", "/v1/tickets/{ticket_id}/comments"): (INBOX, None),
    ("POST", "/v1/tickets/{ticket_id}/comments"): ("401 404 404 201 201 403 403 201", {"text": "By {person}"}),
    ("GET", "/v1/pipelines"): (ACCOUNT, None),
    ("POST", "/v1/pipelines"): (ADMIN_ADD, {"name": "Returns of {person}", "stages": [{"name": "New"}]}),
    ("GET", "/v1/pipelines/{pipeline_id}"): (ONE, None),
    ("PATCH", "/v1/pipelines/{pipeline_id}"): (ADMIN, {"name": "Renamed"}),
    ("DELETE", "/v1/pipelines/{pipeline_id}"): ("401 404 403 403 403 204 204 204", None),
    ("GET", "/v1/ticket-properties"): (ACCOUNT, None),
    ("POST", "/v1/ticket-properties"): (ADMIN_ADD, {"name": "Topic of {person}", "type": "text"}),
    ("GET", "/v1/ticket-properties/{property_id}"): (ONE, None),
    ("PATCH", "/v1/ticket-properties/{property_id}"): (ADMIN, {"name": "Renamed"}),
    ("DELETE", "/v1/ticket-properties/{property_id}"): ("401 404 403 403 403 204 204 204", None),
    ("GET", "/v1/deliveries"): (ADMIN_LIST, None),
    ("GET", "/v1/deliveries/{delivery_id}"): (ADMIN, None),
    ("GET", "/v1/deliveries/{delivery_id}/raw"): (ADMIN, None),
    ("POST", "/v1/deliveries/{delivery_id}/replay"): ("401 404 403 403 403 202 202 202", None),
    ("GET", "/v1/channels/{channel_id}/held"): (ADMIN, None),
    ("POST", "/v1/channels/{channel_id}/held/release"): ("401 404 403 403 403 202 202 202", None),
    ("GET", "/v1/suppressions"): (ADMIN_LIST, None),
    ("DELETE", "/v1/suppressions/{suppression_id}"): ("401 404 403 403 403 204 204 204", None),
    ("GET", "/v1/dead-letters"): (ADMIN_LIST, None),
    ("POST", "/v1/dead-letters/return"): ("401 200 403 403 403 403 200 200", None),
}
# Lists that cross inboxes: who sees what lies in the selected one.
CROSSING = (
    "/v1/inboxes",
    "/v1/tickets",
    "/v1/contacts/{contact_id}/timeline",
    "/v1/contacts/{contact_id}/conversations",
)
SEES_IT = {"member_in", "free_in", "access_out", "admin_out", "admin_in"}

ATTACHED = (
    "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
    '--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename="page.html"\r\n\r\n'
    "<script>alert(1)</script>\r\n--b--\r\n"
)


class World:
    """The account with its selected inbox, and everybody."""

    def __init__(self) -> None:
        self.numbers = count()
        office, other = Office("acme"), Office("other")
        first = visitor_for(office.user(office.admin_id))
        team = first.post("/v1/teams", {"name": "Chosen"}).json
        people = {
            "member_out": office.add_user("Mo", seat=Seat.SALES),
            "member_in": office.add_user("Mia"),
            "free_in": office.add_user("Fay", seat=Seat.FREE, team_ids=(team["id"],)),
            "access_out": office.add_user("Abe", role=Role.ACCOUNT_ACCESS),
            "admin_out": office.user(office.admin_id),
            "admin_in": office.add_user("Sue", role=Role.SUPER_ADMIN),
        }
        self.visitors = {name: visitor_for(user) for name, user in people.items()}
        self.visitors |= {"anonymous": Visitor(), "stranger": visitor_for(other.user(other.admin_id))}
        chosen = [people["member_in"].id, people["admin_in"].id]
        inbox = first.post(
            "/v1/inboxes",
            {"name": "Board", "access": {"mode": "selected", "user_ids": chosen, "team_ids": [team["id"]]}},
        ).json
        (channel,) = first.items(f"/v1/inboxes/{inbox['id']}/channels")
        first.patch(f"/v1/channels/{channel['id']}", {"sender": {"use_for_sending": True}})
        office.deliver(
            letter(headers={"Content-Type": 'multipart/mixed; boundary="b"'}, text=ATTACHED), [channel["address"]]
        )
        spam = office.deliver(letter(message_id="spam@x.example"), [channel["address"]], spam="FAIL")
        first.patch(f"/v1/channels/{channel['id']}", {"ticketing": {"enabled": False}})
        self.office, self.address = office, channel["address"]
        (conversation,) = first.items(f"/v1/inboxes/{inbox['id']}/conversations")
        (message,) = first.items(f"/v1/conversations/{conversation['id']}/messages")
        (attachment,) = message["attachments"]
        self.ids = {
            "user_id": office.add_user("Una").id,
            "team_id": team["id"],
            "inbox_id": inbox["id"],
            "channel_id": channel["id"],
            "conversation_id": conversation["id"],
            "message_id": message["id"],
            "index": str(attachment["index"]),
            "contact_id": conversation["contact"]["id"],
            "ticket_id": conversation["ticket_id"],
            "delivery_id": office.delivery(spam).id,
            "pipeline_id": first.items("/v1/pipelines")[0]["id"],
            "property_id": first.post("/v1/ticket-properties", {"name": "Topic", "type": "text"}).json["id"],
            "token": "fap_nobody",
        }
        self.first, self.made, self.account_id = first, 0, office.account_id
        self.ids["erasure_id"] = first.delete(f"/v1/contacts/{self.new_contact()}").json["id"]

    def new_contact(self) -> str:
        """A contact of its own."""
        self.made += 1
        return str(self.first.post("/v1/contacts", {"email": f"contact-{self.made}@made.example"}).json["id"])

    def path(self, path: str, method: str = "GET") -> str:
        """A path with the ids filled in; what is to be revoked or removed for good is made for each call."""
        if (method, path) == ("DELETE", "/v1/contacts/{contact_id}"):
            return path.format(contact_id=self.new_contact())
        if (method, path) == ("DELETE", "/v1/users/{user_id}"):
            self.made += 1
            told: dict[str, Any] = {"email": f"user-{self.made}@made.example", "name": "To be removed"}
            return path.format(user_id=self.first.post("/v1/users", told).json["id"])
        if path == "/v1/users/{user_id}/invitation":
            self.made += 1
            told = {"email": f"invited-{self.made}@made.example", "name": "Invited", "invite": True}
            return path.format(user_id=self.first.post("/v1/users", told).json["id"])
        if (method, path) == ("DELETE", "/v1/teams/{team_id}"):
            return path.format(team_id=self.first.post("/v1/teams", {"name": "To be removed"}).json["id"])
        if (method, path) == ("DELETE", "/v1/channels/{channel_id}"):
            form = {"type": "fallback_email", "company_name": f"To be disconnected {next(self.numbers)}"}
            made = self.first.post(f"/v1/inboxes/{self.ids['inbox_id']}/channels", form)
            return path.format(channel_id=made.json["id"])
        if "{token_id}" in path:
            told = {"name": "To be revoked", "user_id": self.ids["user_id"]}
            token = self.first.post("/v1/tokens", told).json
            return path.format(token_id=token["id"])
        if (method, path) == ("POST", "/v1/conversations/{conversation_id}/tickets"):
            return path.format(conversation_id=self.without_ticket())
        if (method, path) == ("DELETE", "/v1/tickets/{ticket_id}/conversations/{conversation_id}"):
            ids = {**self.ids, "conversation_id": self.without_ticket()}
            linked = {"conversation_id": ids["conversation_id"]}
            self.visitors["member_in"].post(f"/v1/tickets/{ids['ticket_id']}/conversations", linked)
            return path.format(**ids)
        if (method, path) == ("DELETE", "/v1/pipelines/{pipeline_id}"):
            made = self.first.post("/v1/pipelines", {"name": "To be removed", "stages": [{"name": "New"}]}).json
            return path.format(pipeline_id=made["id"])
        if (method, path) == ("DELETE", "/v1/ticket-properties/{property_id}"):
            new = {"name": f"To be removed {next(self.numbers)}", "type": "text"}
            return path.format(property_id=self.first.post("/v1/ticket-properties", new).json["id"])
        if "{image_id}" in path:
            if method == "DELETE" or "image_id" not in self.ids:
                told = {"upload_id": upload(self.first, "logo.png", PNG)}
                made = self.first.post(f"/v1/channels/{self.ids['channel_id']}/signature-images", told)
                self.ids["image_id"] = made.json["id"]
            return path.format(**self.ids)
        if "{suppression_id}" in path:
            return path.format(suppression_id=suppress(self.account_id, f"gone{next(self.numbers)}@x.example").id)
        return path.format(**self.ids)

    def filled(self, body: Any, person: str) -> Any:
        """A body with the ids and the caller's name filled into its texts."""
        if isinstance(body, dict):
            return {key: self.filled(value, person) for key, value in body.items()}
        if isinstance(body, list):
            return [self.filled(value, person) for value in body]
        if body == "{new_contact}":
            return self.new_contact()
        if body == "{image_upload}":
            return "upl_none" if person == "anonymous" else upload(self.visitors[person], "logo.png", PNG)
        if body == "{without_ticket}":
            return self.without_ticket()
        return body.format(person=person, **self.ids) if isinstance(body, str) else body

    def without_ticket(self) -> str:
        """A conversation of the inbox that has no ticket yet."""
        raw_id = self.office.deliver(letter(message_id=f"further{next(self.numbers)}@x.example"), [self.address])
        return str(self.office.delivery(raw_id).conversation_id)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_cloud():
        yield World()


def test_the_matrix_has_a_row_for_each_route_and_no_other() -> None:
    assert set(MATRIX) == {(route.method, route.path) for route in ROUTES}


def test_the_matrix_has_a_success_for_each_route_which_is_held_to_the_description() -> None:
    without = {
        ("POST", "/v1/from-address-proofs/{token}"),  # needs a code that was mailed: test_openapi.py
        ("POST", "/v1/invitations/{token}"),  # the same: test_invitations.py
        ("POST", "/v1/channels/{channel_id}/probe"),  # needs a forwarded address
        ("POST", "/v1/messages/{message_id}/cancel"),  # needs an answer that waits
        ("POST", "/v1/messages/{message_id}/resend"),  # needs one that did not arrive
        ("POST", "/v1/invitations/{token}"),  # needs a code that was mailed: test_openapi.py
        ("PUT", "/v1/account/settings"),  # needs the whole document: test_settings_as_code.py
    }
    for route in ROUTES:
        if (route.method, route.path) not in without:
            assert str(route.status) in MATRIX[route.method, route.path][0].split(), route.path


@pytest.mark.parametrize(("method", "path"), MATRIX, ids=[f"{method} {path}" for method, path in MATRIX])
def test_S16_S19_S79_each_caller_gets_what_the_matrix_says(world: World, method: str, path: str) -> None:
    statuses, body = MATRIX[method, path]
    found = []
    for person in PERSONS:
        told = world.filled(body, person)
        headers = {"if_match": "*"} if method in ("PATCH", "PUT") else {}
        asked = world.path(path, method)
        reply = world.visitors[person].send(method, asked, told, **headers)
        described.hold(described.document(), method, asked, reply)
        if reply.status == 201:
            described.follow(described.document(), world.visitors[person], reply)
        found.append(reply.status)
    assert dict(zip(PERSONS, found, strict=True)) == dict(zip(PERSONS, map(int, statuses.split()), strict=True))


@pytest.mark.parametrize("path", CROSSING)
def test_S16_lists_that_cross_inboxes_leave_out_what_the_caller_may_not_read(world: World, path: str) -> None:
    for person in PERSONS:
        if person in ("anonymous", "stranger"):
            continue
        items = world.visitors[person].items(world.path(path))
        inboxes = {item.get("inbox_id", item["id"]) for item in items}
        assert (world.ids["inbox_id"] in inboxes) == (person in SEES_IT), person


def test_S16_hidden_missing_and_foreign_look_alike(world: World) -> None:
    """The answers of a hidden inbox, of one that is not there, and of another account's are the same but for the id."""
    hidden = world.visitors["member_out"].get(f"/v1/inboxes/{world.ids['inbox_id']}").json
    missing = world.visitors["member_out"].get("/v1/inboxes/inb_aaaaaaaaaaaaaaaa").json
    foreign = world.visitors["stranger"].get(f"/v1/inboxes/{world.ids['inbox_id']}").json
    for each in (hidden, missing, foreign):
        each.pop("request_id")
    assert hidden == missing == foreign


def test_S19_the_refusal_says_why_and_how_to_mend_it(world: World) -> None:
    path = f"/v1/conversations/{world.ids['conversation_id']}"
    refused = world.visitors["admin_out"].patch(path, {"status": "closed"})
    assert refused.status == 403
    assert refused.code == "not_chosen"
    assert "add the user" in refused.json["detail"]
    assert world.visitors["admin_out"].get(path).json["status"] == "open"
