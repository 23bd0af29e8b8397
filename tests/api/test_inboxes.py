"""Inboxes over HTTP: created with a channel of a chosen type, archived and restored; what becomes of their mail."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.model.delivery import Verdict
from tests.api import described
from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office


def sales(admin: Visitor, **more: Any) -> dict[str, Any]:
    """A further inbox, and its first channel."""
    made = admin.post("/v1/inboxes", {"name": "Sales", **more})
    assert made.status == 201, made.text
    channels = admin.items(f"/v1/inboxes/{made.json['id']}/channels")
    return {**made.json, "channel": channels[0] if channels else None}


def test_the_default_inbox_is_never_archived(office: Office, admin: Visitor) -> None:
    refused = admin.patch(f"/v1/inboxes/{office.inbox_id}", {"archived": True})
    assert (refused.status, refused.code, refused.json["pointer"]) == (409, "default_inbox", "/archived")
    assert admin.get(f"/v1/inboxes/{office.inbox_id}").json["archived_at"] is None


def test_an_archived_inbox_leaves_the_list_and_its_history_stays_readable(office: Office, admin: Visitor) -> None:
    inbox = sales(admin, use_for_sending=True)
    path = f"/v1/inboxes/{inbox['id']}"
    office.deliver(letter(), [inbox["channel"]["address"]])
    (conversation,) = admin.items(f"{path}/conversations")
    archived = admin.patch(path, {"archived": True})
    assert archived.json["archived_at"] is not None
    assert [each["id"] for each in admin.items("/v1/inboxes")] == [office.inbox_id]
    assert [each["id"] for each in admin.items("/v1/inboxes?archived=true")] == [inbox["id"]]
    assert admin.get(path).status == 200
    assert admin.items(f"{path}/conversations") == [conversation]
    assert len(admin.items(f"/v1/conversations/{conversation['id']}/messages")) == 1
    for refused in (
        admin.post(f"/v1/conversations/{conversation['id']}/messages", {"type": "reply", "text": "Hi"}),
        admin.patch(f"/v1/conversations/{conversation['id']}", {"status": "closed"}),
        admin.post(f"{path}/conversations", {"to": ["ada@new.example"], "subject": "Hi", "text": "Hi"}),
        admin.post(f"{path}/channels", {"type": "fallback_email"}),
    ):
        assert (refused.status, refused.code) == (409, "inbox_archived")


def test_that_an_archived_inbox_takes_no_drafts_is_described(office: Office, admin: Visitor) -> None:
    inbox = sales(admin)
    office.deliver(letter(), [inbox["channel"]["address"]])
    (conversation,) = office.conversations(inbox["id"])
    admin.patch(f"/v1/inboxes/{inbox['id']}", {"archived": True})
    for about in (f"/v1/inboxes/{inbox['id']}", f"/v1/conversations/{conversation.id}"):
        refused = admin.send("PUT", f"{about}/draft", {"text": "Not yet."})
        assert (refused.status, refused.code) == (409, "inbox_archived")
        described.hold(described.document(), "PUT", f"{about}/draft", refused)


def test_mail_for_an_archived_inbox_is_kept_and_comes_in_once_it_is_restored(office: Office, admin: Visitor) -> None:
    inbox = sales(admin)
    path, to = f"/v1/inboxes/{inbox['id']}", [inbox["channel"]["address"]]
    office.deliver(letter(), to)
    (running,) = office.conversations(inbox["id"])
    admin.patch(path, {"archived": True})
    new = office.deliver(letter(message_id="new@x.example", subject="New"), to)
    answer = office.deliver(letter(message_id="a@x.example"), [office.reply_address(running)])
    assert [each.verdict for each in map(office.delivery, (new, answer))] == [Verdict.INBOX_ARCHIVED] * 2
    listed = admin.items("/v1/deliveries?verdict=inbox_archived")
    assert {each["subject"] for each in listed} == {"New", "A question"}
    assert office.conversations(inbox["id"]) == [running]
    assert admin.patch(path, {"archived": False}).json["archived_at"] is None
    for raw_id in (new, answer):
        office.again(office.delivery(raw_id))
    assert [each.verdict for each in map(office.delivery, (new, answer))] == [Verdict.FILED] * 2
    assert {each.subject: each.message_count for each in office.conversations(inbox["id"])} == {
        "A question": 2,
        "New": 1,
    }


def test_S6_restoring_an_inbox_needs_the_plan_that_adding_one_needs(office: Office, admin: Visitor) -> None:
    inbox = sales(admin)
    admin.patch(f"/v1/inboxes/{inbox['id']}", {"archived": True})
    assert admin.patch("/v1/account", {"plan": "starter"}).status == 200
    refused = admin.patch(f"/v1/inboxes/{inbox['id']}", {"archived": False})
    assert (refused.status, refused.code) == (403, "plan_does_not_allow")


def test_S76_an_inbox_begins_with_a_channel_of_a_chosen_address(office: Office, admin: Visitor) -> None:
    channel = {"type": "fallback_email", "local_part": "buy.here", "use_for_sending": True, "company_name": "Acme Shop"}
    made = sales(admin, channel=channel)["channel"]
    assert made["address"] == "buy.here@acme.in.postfach.test"
    assert (made["sender"]["use_for_sending"], made["sender"]["company_name"]) == (True, "Acme Shop")
    taken = admin.post("/v1/inboxes", {"name": "More", "channel": {**channel, "company_name": "Other"}})
    assert (taken.status, taken.code) == (409, "address_taken")
    named = admin.post("/v1/inboxes", {"name": "More", "channel": {**channel, "local_part": "more"}})
    assert (named.status, named.code) == (409, "from_name_taken")
    assert len(admin.items("/v1/inboxes")) == 2


def test_S80_an_inbox_can_begin_without_a_channel_and_get_one_later(office: Office, admin: Visitor) -> None:
    inbox = sales(admin, connect_channel=False)
    assert inbox["channel"] is None
    made = admin.post(f"/v1/inboxes/{inbox['id']}/channels", {"type": "fallback_email"})
    assert (made.status, made.json["address"]) == (201, "sales@acme.in.postfach.test")
    assert made.headers["Location"] == f"/v1/channels/{made.json['id']}"
    office.deliver(letter(), [made.json["address"]])
    assert len(office.conversations(inbox["id"])) == 1


@pytest.mark.parametrize(
    ("channel", "pointer"),
    [
        ({"type": "carrier_pigeon"}, "/channel/type"),
        ({"type": "fallback_email", "address": "a@b.example"}, "/channel/address"),
        ({"type": "team_email"}, "/channel/address"),
        ({"type": "fallback_email", "local_part": "r1.a.b.c"}, "/channel/local_part"),
        ({"type": "fallback_email", "local_part": "a..b"}, "/channel/local_part"),
        ({"type": "fallback_email", "local_part": "UPPER"}, "/channel/local_part"),
    ],
)
def test_S13_what_the_form_of_a_type_does_not_know_is_refused(
    office: Office, admin: Visitor, channel: dict[str, Any], pointer: str
) -> None:
    refused = admin.post("/v1/inboxes", {"name": "Sales", "channel": channel})
    assert (refused.status, refused.json["pointer"]) == (400, pointer)
    assert len(admin.items("/v1/inboxes")) == 1


def test_S11_S72_an_inbox_that_is_archived_changes_no_other(office: Office, admin: Visitor) -> None:
    one, other = sales(admin), sales(admin, name="Second")
    before = admin.get(f"/v1/inboxes/{other['id']}").json
    admin.patch(f"/v1/inboxes/{one['id']}", {"archived": True})
    assert admin.get(f"/v1/inboxes/{other['id']}").json == before
    office.deliver(letter(), [other["channel"]["address"]])
    assert len(office.conversations(other["id"])) == 1


def test_archiving_is_an_admins_and_noted_in_the_audit_log(office: Office, admin: Visitor) -> None:
    inbox = sales(admin)
    member = visitor_for(office.add_user("Mia"))
    assert member.patch(f"/v1/inboxes/{inbox['id']}", {"archived": True}).status == 403
    admin.patch(f"/v1/inboxes/{inbox['id']}", {"archived": True})
    (noted,) = [each for each in admin.items("/v1/audit") if each["action"] == "inbox.changed"]
    assert (noted["subject_id"], noted["before"], noted["after"]) == (
        inbox["id"],
        {"archived": False},
        {"archived": True},
    )
