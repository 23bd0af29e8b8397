"""A team address through the packaged template, with every role enforced: connected, forwarded to, verified, sent from,
stood in for, disconnected (S24, S33, S38, S39, S81, S82)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud

TEAM = "support@team.example"


def call(local: LocalCloud, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {
        "Content-Type": "application/json",
        "If-Match": "*",
        "Authorization": f"Bearer {local.told['token']}",
    }
    raw = None if body is None else json.dumps(body)
    status, answer = local.status(method, local.told["api_url"] + path, headers=headers, body=raw)
    return status, json.loads(answer) if answer else None


def answer(local: LocalCloud, conversation_id: str) -> dict[str, Any]:
    """An answer is written; the mail that leaves."""
    path = f"/conversations/{conversation_id}/messages"
    status, message = call(local, "POST", path, {"type": "reply", "text": "On its way.", "force": True})
    assert status == 201, message

    def left() -> list[dict[str, Any]]:
        items = json.loads(local.status("GET", local.told["outbox_url"])[1])["items"]
        return [each for each in items if each["tags"].get("message") == message["id"]]

    return eventually(left)[0]


def test_S24_S33_S38_a_team_address_from_connecting_to_disconnecting(local: LocalCloud) -> None:
    fallback = local.told["fallback_address"]
    identities = local.told["outbox_url"].replace("/outbox", "/identities")
    channels = f"/inboxes/{local.told['inbox_id']}/channels"
    status, made = call(local, "POST", channels, {"type": "team_email", "address": TEAM})
    assert status == 201, made
    assert [each["type"] for each in made["sending"]["records"]] == ["CNAME"] * 3 + ["MX", "TXT", "TXT"]
    known = json.loads(local.status("GET", identities)[1])["team.example"]
    assert [each["name"].partition(".")[0] for each in made["sending"]["records"][:3]] == known["tokens"]
    assert made["sending"]["records"][3]["name"] == known["mail_from_domain"]

    local.send(mail("to-the-team", f"To: {TEAM}"), made["forwarding_address"])
    conversation = local.conversation("to-the-team")
    assert conversation["channel_id"] == made["id"]
    assert answer(local, conversation["id"])["mail_from"] == fallback  # the domain is not verified yet

    said = json.dumps({"dkim": "SUCCESS", "mail_from": "SUCCESS"})
    assert local.status("POST", f"{identities}/team.example", body=said)[0] == 200
    status, checked = call(local, "POST", f"/channels/{made['id']}/check")
    assert status in (200, 202), checked
    eventually(lambda: local.get(f"/channels/{made['id']}")["sending"]["state"] == "verified")
    assert answer(local, conversation["id"])["mail_from"] == TEAM

    assert call(local, "DELETE", f"/channels/{made['id']}")[0] == 204
    assert "team.example" not in json.loads(local.status("GET", identities)[1])
    left = answer(local, conversation["id"])
    assert left["mail_from"] == fallback
    messages = local.get(f"/conversations/{conversation['id']}/messages")["items"]
    assert [each["direction"] for each in messages].count("event") == 3  # over the fallback, back, over it again
