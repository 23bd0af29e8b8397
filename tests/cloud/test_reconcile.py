"""The deployed function mends what SES has, with its own role, and finds nothing to do after a deployment."""

from __future__ import annotations

from typing import Any

import pytest

from infra.deploy import Cloud
from infra.operate import reconcile
from tests.cloud.local import LocalCloud

pytestmark = pytest.mark.cloud


def operated(local: LocalCloud, *, dry_run: bool) -> dict[str, Any]:
    """What `make reconcile` prints."""
    cloud = Cloud(local.told["region"], local.told["cloud_url"])
    return reconcile(cloud, local.outputs(), dry_run=dry_run)


def test_a_fresh_deployment_needs_nothing_and_a_lost_rule_comes_back(local: LocalCloud) -> None:
    told = operated(local, dry_run=True)
    assert told["ses"] == {"planned": [], "done": 0, "failed": [], "left_to_operator": [], "finished": True}
    ses = local.aws("ses")
    before = ses.describe_active_receipt_rule_set()
    name = before["Metadata"]["Name"]
    ses.delete_receipt_rule(RuleSetName=name, RuleName="receive")
    assert operated(local, dry_run=True)["ses"]["planned"] == ["create_rule receive: The rule is missing."]
    assert "Rules" not in ses.describe_active_receipt_rule_set() or not ses.describe_active_receipt_rule_set()["Rules"]
    told = operated(local, dry_run=False)
    assert (told["steps"]["ses"]["done"], told["steps"]["ses"]["failed"]) == (1, [])
    assert ses.describe_active_receipt_rule_set()["Rules"] == before["Rules"]
    ses.delete_receipt_rule(RuleSetName=name, RuleName="receive")
    changed = {**before["Rules"][0], "Enabled": False}
    ses.create_receipt_rule(RuleSetName=name, Rule=changed)
    assert operated(local, dry_run=False)["steps"]["ses"]["planned"] == ["replace_rule receive: It differs in enabled."]
    assert ses.describe_active_receipt_rule_set()["Rules"] == before["Rules"]
    (first, *_) = local.get("/reconcile/runs")["items"]
    assert {each["name"]: each["outcome"] for each in first["steps"]}["ses"] == "done"
