"""A team address whose provider forwards, on the packaged template with roles enforced: connected, broken, mended."""

from __future__ import annotations

import json
from typing import Any

from tests.cloud.local import LocalCloud, eventually

TEAM = "support@shop.test"


def post(local: LocalCloud, path: str, body: Any = None) -> Any:
    """The JSON of one POST as the first account's admin; fails unless it succeeds."""
    headers = {"Authorization": f"Bearer {local.told['token']}", "Content-Type": "application/json"}
    status, said = local.status("POST", local.told["api_url"] + path, headers=headers, body=json.dumps(body or {}))
    assert status < 300, f"{path}: {status} {said!r}"
    return json.loads(said)


def test_S81_a_probe_proves_a_forwarding_through_the_packaged_template(own_cloud: LocalCloud) -> None:
    """Evidence is read with the roles' own rights: nothing of it may be unseen for lack of them.

    On a cloud of its own, since a dead letter that another test left is evidence, too.
    """
    local = own_cloud
    local.start()
    inbox = local.get("/inboxes")["items"][0]["id"]
    channel = post(local, f"/inboxes/{inbox}/channels", {"type": "team_email", "address": TEAM})
    path = f"/channels/{channel['id']}"
    told = post(local, f"{path}/check")
    assert told["incoming"]["because"]["code"] == "forwarding_not_proven"
    seen = {each["check"]: each["in_order"] for each in told["incoming"]["evidence"]}
    assert seen["receipt_rules"] is True
    assert seen["receiving_policies"] is True
    assert seen["dead_letters"] is True
    account = {each["check"]: each["in_order"] for each in told["outgoing"]["evidence"]}
    assert account["sending_account"] is not None
    origin = local.told["api_url"].removesuffix("/v1")
    status, _ = local.status("POST", f"{origin}/forwarding/{TEAM}", json={"to": channel["forwarding_address"]})
    assert status == 200
    post(local, f"{path}/probe")

    def returned() -> Any:
        return (local.get(f"{path}/health")["probe"] or {}).get("fates", {}).get("returned")

    assert eventually(returned)
    healed = post(local, f"{path}/check")
    assert (healed["incoming"]["status"], healed["incoming"]["because"]["code"]) == ("working", "in_order")
    assert local.get(f"/inboxes/{inbox}/conversations")["items"] == []
