"""Each kind of evidence broken on the packaged template, roles enforced: told, alerted once, healed (§7.6, S24, S81).

Time passes by moving what is stored into the past: what confirms trouble is minutes apart, and nobody waits here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.clock import stamp
from tests.cloud.local import LocalCloud, eventually

pytestmark = pytest.mark.cloud

TEAM = "hotline@shop.test"
AT = ("at", "since", "recent_at", "alerted_at", "checked_at", "asked_at", "proven_at")
Break = Callable[["Observed"], Callable[[], None]]  # what is broken is mended by what it gives


class Observed:
    """One channel of the local cloud, as admins see it and as its rows are."""

    def __init__(self, local: LocalCloud, form: dict[str, Any]) -> None:
        self.local = local
        self.origin = local.told["api_url"].removesuffix("/v1")
        made = self.call("POST", f"/inboxes/{local.told['inbox_id']}/channels", form)
        self.id, self.made = made["id"], made
        self.table = local.outputs()["TableName"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of one request as the first account's admin; fails unless it succeeds."""
        headers = {"Authorization": f"Bearer {self.local.told['token']}", "Content-Type": "application/json"}
        url = self.local.told["api_url"] + path
        status, said = self.local.status(method, url, headers=headers, body=json.dumps(body or {}))
        assert status < 300, f"{path}: {status} {said!r}"
        return json.loads(said) if said else None

    def play(self, path: str, said: dict[str, Any]) -> None:
        """Say what a played part of the world does from now on."""
        status, answer = self.local.status("POST", f"{self.origin}/{path}", body=json.dumps(said))
        assert status == 200, answer

    def check(self, times: int = 1) -> dict[str, Any]:
        """So many observations, five minutes apart."""
        for _ in range(times):
            told = self.call("POST", f"/channels/{self.id}/check")
            self.later(minutes=5)
        return dict(told)

    def later(self, *, minutes: int, kind: str = "HEALTH") -> None:
        """Let time pass for what is observed of the channel, or for its last probe."""
        rows = self.local.aws("dynamodb")
        account = self.local.get("/account")["id"]
        key = {"pk": {"S": f"{account}#CHANNEL#{self.id}#{kind}"}, "sk": {"S": kind}}
        item = rows.get_item(TableName=self.table, Key=key, ConsistentRead=True)["Item"]
        rows.put_item(TableName=self.table, Item=moved(item, timedelta(minutes=minutes)))

    def alerts(self) -> list[str]:
        """The subjects of the mails that told the admins of this channel, oldest first."""
        items = json.loads(self.local.status("GET", self.local.told["outbox_url"] + "?limit=1000")[1])["items"]
        subjects = [
            line.removeprefix("Subject: ") for each in reversed(items) for line in each["raw"].split("\r\n")[:40]
        ]
        return [each for each in subjects if each.startswith(self.made["address"])]


def moved(item: Any, by: timedelta, name: str = "") -> Any:
    """DynamoDB's JSON with the moments of an observation that much earlier; rows of it may hold JSON as text."""
    if isinstance(item, dict):
        return {key: moved(value, by, name if key in ("S", "M", "L") else key) for key, value in item.items()}
    if isinstance(item, list):
        return [moved(each, by, name) for each in item]
    if isinstance(item, str) and item[:1] in "{[" and item:
        return json.dumps(moved(json.loads(item), by))
    if isinstance(item, str) and name in AT:
        return stamp(datetime.fromisoformat(item) - by)
    return item


@pytest.fixture(scope="module")
def fallback(local: LocalCloud) -> Observed:
    """A further fallback address that is used for sending, once looked at."""
    made = Observed(local, {"type": "fallback_email", "local_part": "health", "use_for_sending": True})
    told = made.check()
    assert (told["incoming"]["status"], told["outgoing"]["status"]) == ("working", "working"), json.dumps(told)
    return made


def other_rules(seen: Observed) -> Callable[[], None]:
    """Somebody else's receipt rule set becomes the active one."""
    ses = seen.local.aws("ses")
    ours = ses.describe_active_receipt_rule_set()["Metadata"]["Name"]
    names = [each["Name"] for each in ses.list_receipt_rule_sets()["RuleSets"]]
    if "theirs" not in names:
        ses.create_receipt_rule_set(RuleSetName="theirs")
        rule = {"Name": "all", "Enabled": True, "Recipients": ["shop.example"], "Actions": []}
        ses.create_receipt_rule(RuleSetName="theirs", Rule=rule)
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    return lambda: ses.set_active_receipt_rule_set(RuleSetName=ours) and None


def no_bucket_policy(seen: Observed) -> Callable[[], None]:
    """The mail bucket's policy is gone, so SES may store nothing."""
    bucket, s3 = seen.local.outputs()["MailBucketName"], seen.local.aws("s3")
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    return lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy) and None


def sending(**said: Any) -> Break:
    """SES's account is as said."""

    def break_(seen: Observed) -> Callable[[], None]:
        seen.play("sending", said)
        return lambda: seen.play("sending", {"sending": True, "sandbox": False, "quota": 50000, "sent": 0})

    return break_


def failed_identity(seen: Observed) -> Callable[[], None]:
    """SES does not see the records of our own domain any more."""
    seen.play("identities/in.postfach.test", {"dkim": "FAILED"})
    return lambda: seen.play("identities/in.postfach.test", {"dkim": "SUCCESS"})


def dead_letter(seen: Observed) -> Callable[[], None]:
    """A mail could not be handled and was put aside."""
    url, sqs = seen.local.outputs()["InboundDeadLetterQueueUrl"], seen.local.aws("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    return lambda: sqs.purge_queue(QueueUrl=url) and None


@contextmanager
def broken(seen: Observed, break_: Break) -> Iterator[None]:
    """Broken meanwhile, mended whatever happens: the other tests use the same local cloud."""
    mend = break_(seen)
    try:
        yield
    finally:
        mend()


@pytest.mark.parametrize(
    ("break_", "direction", "status", "code", "times"),
    [
        (other_rules, "incoming", "disconnected", "rule_missing", 3),
        (no_bucket_policy, "incoming", "disconnected", "storage_refuses", 3),
        (failed_identity, "outgoing", "disconnected", "identity_failed", 3),
        (sending(quota=10, sent=10), "outgoing", "disconnected", "quota_used", 3),
        (sending(sandbox=True), "outgoing", "degraded", "sandbox", 2),
        (dead_letter, "incoming", "degraded", "dead_letters", 2),
    ],
    ids=["rule set replaced", "bucket policy removed", "identity failed", "quota used", "sandbox", "dead letter"],
)
def test_S81_what_is_broken_is_told_and_heals(
    fallback: Observed, break_: Break, direction: str, status: str, code: str, times: int
) -> None:
    with broken(fallback, break_):
        assert fallback.check()[direction]["status"] == "working"  # one observation is none
        told = fallback.check(times - 1)
        assert (told[direction]["status"], told[direction]["because"]["code"]) == (status, code)
        assert told["status"] == status
    assert fallback.check(2)["status"] == "working"


def test_S24_admins_are_told_once_that_sending_stopped_and_once_that_it_goes_on(local: LocalCloud) -> None:
    form = {"type": "fallback_email", "local_part": "alerted", "use_for_sending": True, "company_name": "Alerted"}
    channel = Observed(local, form)
    channel.check()
    with broken(channel, failed_identity):
        assert channel.check(4)["outgoing"]["status"] == "disconnected"
        assert eventually(channel.alerts) == [f"{channel.made['address']} is disconnected (outgoing mail)"]
    channel.check(2)
    channel.later(minutes=20)
    channel.check()
    (_, said) = eventually(lambda: channel.alerts() if len(channel.alerts()) > 1 else None)
    assert said == f"{channel.made['address']} works again (outgoing mail)"


def test_S81_a_probe_that_is_swallowed_and_one_that_is_late_are_told_apart(local: LocalCloud) -> None:
    team = Observed(local, {"type": "team_email", "address": TEAM})
    path = f"/channels/{team.id}"

    def probe() -> None:
        team.call("POST", f"{path}/probe")

    def returned() -> bool:
        return "returned" in local.get(f"{path}/health")["probe"]["fates"]

    team.play(f"forwarding/{TEAM}", {"to": team.made["forwarding_address"]})
    probe()
    assert eventually(returned)
    assert team.check(2)["incoming"]["status"] == "working"

    team.play(f"forwarding/{TEAM}", {"mode": "broken"})
    probe()
    team.later(minutes=31, kind="PROBE")
    told = team.check(2)["incoming"]
    assert (told["status"], told["because"]["code"]) == ("degraded", "probe_missing")
    probe()  # one may be an accident, two are not
    team.later(minutes=31, kind="PROBE")
    told = team.check(3)["incoming"]
    assert (told["status"], told["because"]["code"]) == ("disconnected", "probe_missing")

    team.play(f"forwarding/{TEAM}", {"mode": "delayed", "seconds": 2})
    probe()
    team.later(minutes=20, kind="PROBE")
    assert eventually(returned)
    told = team.check(3)["incoming"]
    assert (told["status"], told["because"]["code"]) == ("degraded", "probe_late")

    team.play(f"forwarding/{TEAM}", {"mode": "redirect"})
    probe()
    assert eventually(returned)
    assert team.check(2)["incoming"]["status"] == "working"
    assert [each["subject"] for each in local.conversations() if each["channel_id"] == team.id] == []
