"""Each kind of evidence, broken: the right status and reason, one alert, and the recovery (§7.6, S24, S81)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.clock import stamp
from chalicelib.model.account import Role
from chalicelib.model.health import ChannelHealth
from chalicelib.reconcile.observe import ObservingReport, observe_channels
from chalicelib.storage import health, probes
from chalicelib.storage.observing import Pace
from chalicelib.storage.tables import NoticeRow, Row
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post.aws_seen import AwsSeen, installation, policy
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
STEP = timedelta(minutes=5)
QUICKLY = Pace(0)


@pytest.fixture
def aws(office: Office) -> Iterator[AwsSeen]:
    with installation() as seen:
        yield seen


class Clockwork:
    """The scheduled runs of a test, five minutes apart."""

    def __init__(self, office: Office) -> None:
        self.office, self.now = office, START

    def run(self, times: int = 1) -> ObservingReport:
        """So many runs."""
        for _ in range(times):
            report = observe_channels(self.now, time.monotonic() + 60, QUICKLY)
            self.now += STEP
        return report

    def health(self, channel_id: str | None = None) -> ChannelHealth:
        """What is stored of the fallback channel, or another."""
        found = health.get_health(self.office.account_id, channel_id or self.office.channel_id)
        assert found is not None
        return found


@pytest.fixture
def runs(office: Office, aws: AwsSeen) -> Clockwork:
    """A healthy installation, once looked at, whose fallback address may send."""
    admin_of(office).patch(f"/v1/channels/{office.channel_id}", {"sender": {"use_for_sending": True}})
    made = Clockwork(office)
    made.run()
    return made


Break = Callable[[AwsSeen], None]


def setting(name: str, value: Any) -> Break:
    return lambda aws: setattr(aws, name, value)


def of_account(**told: Any) -> Break:
    return lambda aws: aws.account.update(told)


def refusing(name: str) -> Break:
    return lambda aws: aws.policies.update({name: policy("elsewhere.amazonaws.com", "s3:PutObject")})


def having_sent(mails: float) -> Break:
    return of_account(SendQuota={"Max24HourSend": 10.0, "SentLast24Hours": mails})


FAILED = {"in.postfach.test": "FAILED", "free.postfach.test": "FAILED"}
BROKEN: list[tuple[str, Break, str, str, str]] = [
    ("no rule set", setting("rule_set", None), "incoming", "disconnected", "no_active_rule_set"),
    (
        "other's rules",
        lambda aws: aws.rule.update(Recipients=["shop.example"]),
        "incoming",
        "disconnected",
        "rule_missing",
    ),
    ("rule off", lambda aws: aws.rule.update(Enabled=False), "incoming", "disconnected", "rule_missing"),
    (
        "rule changed",
        lambda aws: aws.rule.update(Actions=[{"StopAction": {}}]),
        "incoming",
        "disconnected",
        "rule_changed",
    ),
    ("bucket policy", refusing("GetBucketPolicy"), "incoming", "disconnected", "storage_refuses"),
    ("topic policy", refusing("GetTopicAttributes"), "incoming", "disconnected", "storage_refuses"),
    ("queue policy", refusing("queue"), "incoming", "disconnected", "storage_refuses"),
    ("dead letters", setting("dead_letters", 3), "incoming", "degraded", "dead_letters"),
    ("queue age", setting("oldest", 3600.0), "incoming", "degraded", "mail_waits"),
    ("paused", of_account(SendingEnabled=False), "outgoing", "disconnected", "sending_paused"),
    ("shut down", of_account(EnforcementStatus="SHUTDOWN"), "outgoing", "disconnected", "sending_paused"),
    ("sandbox", of_account(ProductionAccessEnabled=False), "outgoing", "degraded", "sandbox"),
    ("probation", of_account(EnforcementStatus="PROBATION"), "outgoing", "degraded", "under_review"),
    ("quota", having_sent(10), "outgoing", "disconnected", "quota_used"),
    ("quota nearly", having_sent(9), "outgoing", "degraded", "quota_nearly_used"),
    ("no identity", setting("identities", {}), "outgoing", "disconnected", "identity_missing"),
    ("identity failed", setting("identities", FAILED), "outgoing", "disconnected", "identity_failed"),
]


def test_S81_a_healthy_channel_says_so_with_its_evidence(office: Office, runs: Clockwork) -> None:
    told = admin_of(office).get(f"/v1/channels/{office.channel_id}/health").json
    assert told["status"] == told["incoming"]["status"] == told["outgoing"]["status"] == "working"
    assert told["incoming"]["because"]["code"] == "in_order"
    seen = {each["check"]: each["in_order"] for each in told["incoming"]["evidence"]}
    assert seen == {
        "receipt_rules": True,
        "receiving_policies": True,
        "dead_letters": True,
        "queue_age": None,  # CloudWatch has no number: not seen, and not held against the channel
        "mx": None,  # `.test` is nobody's domain (RFC 6761)
    }
    assert admin_of(office).get(f"/v1/channels/{office.channel_id}").json["status"] == "working"
    assert [each["status"] for each in admin_of(office).items(f"/v1/inboxes/{office.inbox_id}/channels")] == ["working"]


@pytest.mark.parametrize(
    ("break_", "direction", "status", "code"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_S81_each_kind_of_evidence_broken_is_told_and_heals(
    office: Office, aws: AwsSeen, runs: Clockwork, break_: Break, direction: str, status: str, code: str
) -> None:
    break_(aws)
    runs.run()
    assert getattr(runs.health(), direction).status == "working"  # one observation is none
    runs.run(2)
    shown = getattr(runs.health(), direction)
    assert (shown.status, shown.because.code) == (status, code)
    told = admin_of(office).get(f"/v1/channels/{office.channel_id}/health").json
    assert told["status"] == status
    assert told[direction]["because"]["text_de"] != told[direction]["because"]["text"]
    assert [each for each in told[direction]["evidence"] if each["in_order"] is False]
    healthy = AwsSeen()
    healthy.oldest = 0.0  # no number would be no sight of it
    for name in ("account", "rule", "rule_set", "identities", "policies", "dead_letters", "oldest"):
        setattr(aws, name, getattr(healthy, name))
    runs.run(2)
    assert getattr(runs.health(), direction).status == "working"
    history = admin_of(office).items(f"/v1/channels/{office.channel_id}/health/history")
    changed = [(each["before"], each["after"]) for each in history if each["direction"] == direction]
    assert changed[0][1] == "working"
    assert changed[-1] == ("unknown", "working")
    assert status in {after for _, after in changed}


@pytest.mark.parametrize(
    "operation",
    ["DescribeActiveReceiptRuleSet", "GetAccount", "ListEmailIdentities", "GetBucketPolicy", "GetQueueAttributes"],
)
def test_what_cannot_be_looked_at_is_not_broken(aws: AwsSeen, runs: Clockwork, operation: str) -> None:
    aws.broken.add(operation)
    runs.run(5)
    assert runs.health().incoming.status == runs.health().outgoing.status == "working"


def test_when_nothing_can_be_looked_at_for_a_day_nothing_is_known(aws: AwsSeen, runs: Clockwork) -> None:
    aws.broken |= {"DescribeActiveReceiptRuleSet", "GetAccount", "ListEmailIdentities"}
    runs.now += timedelta(hours=25)
    runs.run()
    assert runs.health().incoming.status == runs.health().outgoing.status == "unknown"


@pytest.fixture
def sent(office: Office) -> Callable[[], list[tuple[str, str]]]:
    """Recipient and subject of the notices written since the last look."""
    looked_at: set[str] = set()

    def look() -> list[tuple[str, str]]:
        found = [row for row in Row.scan() if isinstance(row, NoticeRow) and row.id not in looked_at]
        looked_at.update(row.id for row in found)
        return [(row.address, row.subject) for row in found]

    return look


def test_S24_one_alert_and_one_all_clear_go_to_the_admins(
    office: Office, aws: AwsSeen, runs: Clockwork, sent: Callable[[], list[tuple[str, str]]]
) -> None:
    office.add_user("Mia")
    aws.identities = {}
    runs.run(12)
    assert sent() == [("grace@acme.example", f"{office.address} is disconnected (outgoing mail)")]
    aws.identities = {"in.postfach.test": "SUCCESS", "free.postfach.test": "SUCCESS"}
    runs.run(12)
    assert sent() == [("grace@acme.example", f"{office.address} works again (outgoing mail)")]
    assert runs.health().outgoing.alerted_at is None


def test_who_connected_the_channel_is_told_too(
    office: Office, aws: AwsSeen, runs: Clockwork, sent: Callable[[], list[tuple[str, str]]]
) -> None:
    colleague = office.add_user("Mia", role=Role.SUPER_ADMIN)
    told = visitor_for(colleague).post(
        f"/v1/inboxes/{office.inbox_id}/channels",
        {"type": "fallback_email", "local_part": "sales", "use_for_sending": True},
    )
    assert told.status == 201, told.text
    assert admin_of(office).patch(f"/v1/users/{colleague.id}", {"role": "member"}).status == 200
    runs.run()
    aws.identities = {}
    runs.run(6)
    assert ("mia@acme.example", f"{told.json['address']} is disconnected (outgoing mail)") in sent()


def test_S16_who_connected_it_and_does_not_see_its_inbox_any_more_is_not_told(
    office: Office, aws: AwsSeen, runs: Clockwork, sent: Callable[[], list[tuple[str, str]]]
) -> None:
    mia = office.add_user("Mia", role=Role.SUPER_ADMIN)
    form = {"type": "fallback_email", "local_part": "sales", "use_for_sending": True}
    assert visitor_for(mia).post(f"/v1/inboxes/{office.inbox_id}/channels", form).status == 201
    assert admin_of(office).patch(f"/v1/users/{mia.id}", {"role": "member"}).status == 200
    access = {"mode": "selected", "user_ids": [office.admin_id]}
    assert admin_of(office).patch(f"/v1/inboxes/{office.inbox_id}", {"access": access}).status == 200
    runs.run()
    aws.identities = {}
    runs.run(6)
    assert {address for address, _ in sent()} == {"grace@acme.example"}


def test_flapping_does_not_spam(
    office: Office, aws: AwsSeen, runs: Clockwork, sent: Callable[[], list[tuple[str, str]]]
) -> None:
    healthy = dict(aws.identities)
    for _ in range(6):
        aws.identities = {}
        runs.run(3)
        aws.identities = healthy
        runs.run(2)
    assert len(sent()) == 1


def test_S85_off_is_told_at_once_and_alerts_nobody(office: Office, runs: Clockwork, sent: Any) -> None:
    visitor = admin_of(office)
    visitor.patch(f"/v1/channels/{office.channel_id}", {"enabled": False})
    assert visitor.get(f"/v1/channels/{office.channel_id}").json["status"] == "off"
    runs.run(4)
    assert runs.health().incoming.because.code == "switched_off"
    assert sent() == []


def test_answers_that_do_not_arrive_disconnect(office: Office, runs: Clockwork) -> None:
    probes.count_outcome(office.account_id, office.channel_id, runs.now, delivered=1, failed=19)
    runs.run(4)
    assert runs.health().outgoing.because.code == "most_fail"
    runs.now += timedelta(hours=2)  # nothing latches
    runs.run(2)
    assert runs.health().outgoing.status == "working"


def test_requests_grow_with_pages_and_not_with_channels(office: Office, aws: AwsSeen, runs: Clockwork) -> None:
    def cost() -> tuple[int, int]:
        runs.run(4)
        aws.calls.clear()
        with metered() as bill:
            runs.run()
        return bill.dynamodb, sum(call in ("GetAccount", "ListEmailIdentities") for call in aws.calls)

    few = cost()
    for number in range(60):
        office.add_channel(f"c{number}")
    many = cost()
    assert many[1] == few[1] == 2
    # Reading and writing the position, a query a list and one a page, three reads for each page of fifty channels
    # (a fourth where one of them sends from a domain that its account has claimed).
    assert few[0] == 2 + 16 + 3
    # The first page ends within a list, which is then asked once more, unless it happens to end with one.
    assert many[0] - (2 + 16 + 2 * 3) in (0, 1)


def test_a_run_that_is_out_of_time_goes_on_the_next_time(office: Office, runs: Clockwork) -> None:
    channels = [office.add_channel(f"c{number}") for number in range(30)]
    report = observe_channels(runs.now, time.monotonic() - 1, QUICKLY)
    assert not report.finished
    assert runs.run().finished
    assert all(health.get_health(office.account_id, each.id) for each in channels)


def test_checking_on_demand_is_limited_and_answers_with_the_state(office: Office, aws: AwsSeen) -> None:
    visitor: Visitor = admin_of(office)
    path = f"/v1/channels/{office.channel_id}"
    assert visitor.get(f"{path}/health").json["checked_at"] is None
    told = visitor.post(f"{path}/check")
    assert (told.status, told.json["status"]) == (200, "working")
    assert visitor.get("/v1/account/health").json == {"channels": {"working": 1}, "troubles": []}
    codes = [visitor.post(f"{path}/check").status for _ in range(60)]
    assert codes == [200] * 59 + [429]


def test_real_mail_that_came_proves_receiving_while_nothing_else_can_be_seen(office: Office, aws: AwsSeen) -> None:
    """Looked for when somebody asks; what was found counts on for a day, and silence speaks against nobody."""
    runs = Clockwork(office)
    runs.now = datetime.now(UTC)
    visitor, path = admin_of(office), f"/v1/channels/{office.channel_id}"
    aws.broken.add("DescribeActiveReceiptRuleSet")
    assert visitor.post(f"{path}/check").json["incoming"]["status"] == "unknown"
    office.deliver(letter(), received_at=stamp(runs.now - timedelta(hours=2)))
    told = visitor.post(f"{path}/check").json["incoming"]
    (found,) = [each for each in told["evidence"] if each["check"] == "last_mail"]
    assert (told["status"], found["in_order"], found["at"]) == ("working", True, stamp(runs.now - timedelta(hours=2)))
    runs.now += timedelta(minutes=5)
    runs.run(3)
    assert runs.health().incoming.status == "working"
    runs.now += timedelta(hours=22)
    runs.run()
    assert runs.health().incoming.status == "unknown"


def test_mail_of_days_ago_proves_nothing_of_today(office: Office, aws: AwsSeen) -> None:
    old = datetime.now(UTC) - timedelta(days=3)
    office.deliver(letter(), received_at=stamp(old))
    told = admin_of(office).post(f"/v1/channels/{office.channel_id}/check").json["incoming"]
    (found,) = [each for each in told["evidence"] if each["check"] == "last_mail"]
    assert (found["in_order"], stamp(old) in found["saw"]) == (None, True)  # too long ago to say anything
    assert told["status"] == "working"
