"""Looking at the installation: what SES, S3, SNS, SQS and CloudWatch say of it. Reads only, one function a kind.

SES's control calls are limited to one a second ("Service quotas in Amazon SES"), so a `Pace` waits between them. Each
function raises the family of `faults.py`; whoever gathers turns that into "not seen".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.config import config
from chalicelib.model.evidence import (
    ActiveRules,
    QueueState,
    ReceiptRule,
    ReceivingPolicies,
    SendingAccount,
    Suppressed,
)
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated
from chalicelib.storage.policies import allows

MOST_PAGES = 50  # of a thousand identities
MOST_SUPPRESSED_PAGES = 5  # of a thousand addresses
PAGE = 1000


class Pace:
    """At most one call in `seconds`; a pause is taken before a call that would be too early."""

    def __init__(
        self,
        seconds: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds, self._sleep, self._passed, self._next = seconds, sleep, passed, 0.0
        self.turns = 0

    def wait(self) -> None:
        """Take one turn."""
        self.turns += 1
        early = self._next - self._passed()
        if early > 0:
            self._sleep(early)
        self._next = self._passed() + self._seconds


def sending_account(pace: Pace) -> SendingAccount:
    """SES's account (GetAccount)."""
    pace.wait()
    with translated("look at SES's account"):
        told = client("sesv2").get_account()
    quota = told.get("SendQuota") or {}
    return SendingAccount(
        may_send=bool(told.get("SendingEnabled")),
        in_production=bool(told.get("ProductionAccessEnabled")),
        enforcement=str(told.get("EnforcementStatus") or "HEALTHY"),
        quota=float(quota.get("Max24HourSend", -1)),
        sent=float(quota.get("SentLast24Hours", 0)),
    )


def active_rules(pace: Pace) -> ActiveRules:
    """The active receipt rule set (DescribeActiveReceiptRuleSet)."""
    pace.wait()
    with translated("look at the receipt rules"):
        told = client("ses").describe_active_receipt_rule_set()
    rules = tuple(_rule(each) for each in told.get("Rules", ()) if each.get("Enabled"))
    return ActiveRules((told.get("Metadata") or {}).get("Name"), rules)


def _rule(told: dict[str, Any]) -> ReceiptRule:
    stores = [each["S3Action"] for each in told.get("Actions", ()) if "S3Action" in each]
    return ReceiptRule(
        recipients=tuple(each.lower() for each in told.get("Recipients", ())),
        stores=tuple((each["BucketName"], each.get("ObjectKeyPrefix", ""), each.get("TopicArn")) for each in stores),
    )


def identities(pace: Pace) -> dict[str, str]:
    """Every identity with SES's word for its verification (ListEmailIdentities): a request a thousand."""
    found: dict[str, str] = {}
    after: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        pace.wait()
        with translated("list the identities"):
            told = client("sesv2").list_email_identities(PageSize=PAGE, **after)
        for each in told.get("EmailIdentities", ()):
            found[each["IdentityName"].lower()] = str(each.get("VerificationStatus") or "PENDING")
        if not told.get("NextToken"):
            break
        after = {"NextToken": told["NextToken"]}
    return found


def suppressed(pace: Pace) -> Suppressed:
    """Addresses that SES sends nothing to (ListSuppressedDestinations), as far as a few pages go."""
    found: set[str] = set()
    after: dict[str, Any] = {}
    for _ in range(MOST_SUPPRESSED_PAGES):
        pace.wait()
        with translated("list what is suppressed"):
            told = client("sesv2").list_suppressed_destinations(PageSize=PAGE, **after)
        found |= {each["EmailAddress"].lower() for each in told.get("SuppressedDestinationSummaries", ())}
        if not told.get("NextToken"):
            return Suppressed(frozenset(found), whole=True)
        after = {"NextToken": told["NextToken"]}
    return Suppressed(frozenset(found), whole=False)


def policies(topic_arn: str | None) -> ReceivingPolicies:
    """Whether the policies of bucket, topic and queue still let mail through; a fault of one leaves the others seen."""
    bucket = config().mail_bucket

    def of_bucket() -> bool:
        told = client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
        return allows(told, service="ses.amazonaws.com", action="s3:PutObject", on=f"arn:aws:s3:::{bucket}/raw/x")

    def of_topic() -> bool:
        told = client("sns").get_topic_attributes(TopicArn=topic_arn)["Attributes"].get("Policy", "")
        return allows(told, service="ses.amazonaws.com", action="sns:Publish", on=str(topic_arn))

    def of_queue() -> bool:
        told = (
            client("sqs")
            .get_queue_attributes(QueueUrl=config().inbound_queue_url, AttributeNames=["Policy", "QueueArn"])
            .get("Attributes", {})
        )
        on = told.get("QueueArn", "")
        return allows(told.get("Policy", ""), service="sns.amazonaws.com", action="sqs:SendMessage", on=on)

    return ReceivingPolicies(_seen(of_bucket), _seen(of_topic) if topic_arn else None, _seen(of_queue))


def _seen(look: Callable[[], bool]) -> bool | None:
    try:
        with translated("look at a policy"):
            return look()
    except Exception as error:
        # Without any policy S3 answers with an error of its own, and then SES may store nothing.
        return False if "NoSuchBucketPolicy" in str(error) else None


def queue_state(now: datetime) -> QueueState:
    """Dead letters of the inbound queue, and the age of its oldest message as CloudWatch last had it."""
    with translated("look at the dead letters"):
        told = client("sqs").get_queue_attributes(
            QueueUrl=config().inbound_dead_letter_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
    letters = int(told.get("Attributes", {}).get("ApproximateNumberOfMessages", 0))
    return QueueState(letters, _oldest(now))


def _oldest(now: datetime) -> float | None:
    """Seconds; None where CloudWatch has no number, as in the local cloud."""
    try:
        with translated("look at the queue's age"):
            told = client("cloudwatch").get_metric_statistics(
                Namespace="AWS/SQS",
                MetricName="ApproximateAgeOfOldestMessage",
                Dimensions=[{"Name": "QueueName", "Value": config().inbound_queue_url.rpartition("/")[2]}],
                StartTime=now - timedelta(minutes=15),
                EndTime=now,
                Period=300,
                Statistics=["Maximum"],
            )
    except Exception:
        return None
    points = sorted(told.get("Datapoints", ()), key=lambda each: each["Timestamp"])
    return float(points[-1]["Maximum"]) if points else None
