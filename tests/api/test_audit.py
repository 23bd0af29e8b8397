"""The audit log: every change of a setting, by whom, from what to what; nothing of it secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.model.audit import AuditEntry
from chalicelib.storage import audit, keys, table
from chalicelib.storage.tables import AccountRow
from tests.api.visitor import Visitor
from tests.post.office import Office
from tests.post.outbox import send_all, token_in


def newest(admin: Visitor, query: str = "") -> dict[str, Any]:
    return dict(admin.items(f"/v1/audit{query}")[0])


def test_each_change_of_a_setting_says_who_made_it_and_from_what_to_what(office: Office, admin: Visitor) -> None:
    me = admin.get("/v1/me").json
    user = admin.post("/v1/users", {"email": "ann@acme.example", "name": "Ann"}).json
    found = newest(admin)
    assert (found["action"], found["subject_id"], found["before"]) == ("user.added", user["id"], None)
    assert found["after"]["email"] == "ann@acme.example"
    assert (found["user_id"], found["token_id"]) == (me["user"]["id"], me["token_id"])
    admin.patch(f"/v1/users/{user['id']}", {"name": "Ann Archer", "seat": "service"})
    found = newest(admin)
    assert found["action"] == "user.changed"
    assert found["before"] == {"name": "Ann", "seat": "free"}
    assert found["after"] == {"name": "Ann Archer", "seat": "service"}
    team = admin.post("/v1/teams", {"name": "First line"}).json
    admin.patch(f"/v1/teams/{team['id']}", {"name": "Second line"})
    of_team = [
        (each["action"], each["before"], each["after"]) for each in admin.items(f"/v1/audit?subject_id={team['id']}")
    ]
    assert of_team == [
        ("team.changed", {"name": "First line"}, {"name": "Second line"}),
        ("team.added", None, {"name": "First line"}),
    ]


def test_a_new_inbox_is_noted_with_its_channel(office: Office, admin: Visitor) -> None:
    inbox = admin.post("/v1/inboxes", {"name": "Sales"}).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    assert newest(admin, f"?subject_id={inbox['id']}")["after"]["name"] == "Sales"
    found = newest(admin, f"?subject_id={channel['id']}")
    assert found["action"] == "channel.connected"
    assert found["after"] == {"inbox_id": inbox["id"], "type": "fallback_email", "address": channel["address"]}
    admin.patch(f"/v1/channels/{channel['id']}", {"enabled": False})
    found = newest(admin, f"?subject_id={channel['id']}")
    assert (found["action"], found["before"], found["after"]) == (
        "channel.changed",
        {"enabled": True},
        {"enabled": False},
    )


def test_tokens_are_noted_without_their_secret(office: Office, admin: Visitor) -> None:
    token = admin.post("/v1/tokens", {"name": "export", "scopes": ["read"]}).json
    admin.delete(f"/v1/tokens/{token['id']}")
    revoked, made = admin.items(f"/v1/audit?subject_id={token['id']}")
    assert (made["action"], revoked["action"]) == ("token.made", "token.revoked")
    assert made["after"] == revoked["before"]
    assert made["after"]["scopes"] == ["read"]
    assert token["token"] not in json.dumps([made, revoked])


def test_a_from_address_is_noted_when_asked_for_and_when_proven(office: Office, admin: Visitor) -> None:
    admin.post(f"/v1/channels/{office.channel_id}/from-address", {"address": "help@acme.example"})
    (mailed,) = send_all(office)
    Visitor().post(f"/v1/from-address-proofs/{token_in(mailed)}")
    proven, asked = admin.items(f"/v1/audit?subject_id={office.channel_id}&action=from_address")
    assert (asked["action"], asked["user_id"]) == ("from_address.asked", office.admin_id)
    assert (proven["action"], proven["user_id"], proven["token_id"]) == ("from_address.proven", None, None)
    assert proven["before"] == {"from_address": None}
    assert asked["after"] == proven["after"] == {"from_address": "help@acme.example"}
    assert token_in(mailed) not in json.dumps([asked, proven])


def test_what_was_refused_is_not_noted(office: Office, admin: Visitor) -> None:
    before = admin.items("/v1/audit")
    assert admin.patch(f"/v1/inboxes/{office.inbox_id}", {"name": "New"}, if_match='"99"').status == 412
    assert admin.patch(f"/v1/users/{office.admin_id}", {"role": "member"}).status == 422
    assert admin.items("/v1/audit") == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["2026-03", "2026-02", "2025-12", "2024-05"]),
        ("user_id=usr_b", ["2026-02", "2024-05"]),
        ("subject_id=inb_x", ["2026-03", "2025-12", "2024-05"]),
        ("subject_id=inb_x&user_id=usr_b", ["2024-05"]),
        ("action=inbox", ["2026-03", "2024-05"]),
        ("action=inbox.changed&user_id=usr_b", ["2024-05"]),
        ("action=inb", []),
    ],
)
def test_the_log_is_listed_over_years_and_by_user_thing_and_action(
    office: Office, admin: Visitor, query: str, expected: list[str]
) -> None:
    writes = table.Transaction()
    writes.update(AccountRow, keys.account(office.account_id), [AccountRow.created_at.set("2024-01-01T00:00:00.000Z")])
    for month, action, subject_id, user_id in (
        ("2024-05", "inbox.changed", "inb_x", "usr_b"),
        ("2025-12", "channel.changed", "inb_x", "usr_a"),
        ("2026-02", "team.added", "tea_y", "usr_b"),
        ("2026-03", "inbox.changed", "inb_x", "usr_a"),
    ):
        at = f"{month}-01T08:00:00.000Z"
        audit.note(writes, AuditEntry(office.account_id, at, action, subject_id, user_id, "tok"))
    writes.commit("write a log")
    found: list[str] = []
    path = f"/v1/audit?limit=1&{query}"
    cursor = ""
    for _ in range(20):
        page = admin.get(path + cursor).json
        found += [each["at"][:7] for each in page["items"] if each["token_id"] == "tok"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == expected
