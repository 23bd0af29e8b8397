"""What SES, S3, SNS, SQS and CloudWatch say of an installation, as a test wants it: botocore's calls, answered here.

Everything that is not answered here goes on to moto. Each call is remembered; `broken` names the operations that fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.post.cloud import BUCKET

TOPIC = "arn:aws:sns:eu-central-1:123456789012:inbound"


def policy(service: str, action: str, on: str = "*") -> str:
    """A policy that lets a service do something."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": on}
    return json.dumps({"Statement": [statement]})


class AwsSeen:
    """A healthy installation; tests break parts of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.broken: set[str] = set()
        self.account: dict[str, Any] = {
            "SendingEnabled": True,
            "ProductionAccessEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {"Max24HourSend": 50000.0, "SentLast24Hours": 12.0},
        }
        self.rule: dict[str, Any] = {
            "Name": "receive",
            "Enabled": True,
            "Recipients": [".in.postfach.test", ".free.postfach.test"],
            "Actions": [{"S3Action": {"BucketName": BUCKET, "ObjectKeyPrefix": "raw/", "TopicArn": TOPIC}}],
        }
        self.rule_set: str | None = "postfach"
        self.identities = {"in.postfach.test": "SUCCESS", "free.postfach.test": "SUCCESS"}
        self.suppressed: list[str] = []
        self.policies = {
            "GetBucketPolicy": policy("ses.amazonaws.com", "s3:PutObject"),
            "GetTopicAttributes": policy("ses.amazonaws.com", "sns:Publish"),
            "queue": policy("sns.amazonaws.com", "sqs:SendMessage"),
        }
        self.dead_letters = 0
        self.sent: list[bytes] = []
        self.oldest: float | None = None
        self.takes_mail = True  # False: SendEmail is moto's affair

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a call, or None: moto's affair."""
        match operation:
            case "SendEmail" if self.takes_mail:
                self.sent.append(asked["Content"]["Raw"]["Data"])
                return {"MessageId": f"ses-{len(self.sent)}"}
            case "GetAccount":
                return self.account
            case "DescribeActiveReceiptRuleSet":
                return {"Metadata": {"Name": self.rule_set}, "Rules": [self.rule]} if self.rule_set else {}
            case "ListEmailIdentities":
                told = [{"IdentityName": name, "VerificationStatus": each} for name, each in self.identities.items()]
                return {"EmailIdentities": told}
            case "ListSuppressedDestinations":
                return {"SuppressedDestinationSummaries": [{"EmailAddress": each} for each in self.suppressed]}
            case "GetBucketPolicy":
                return {"Policy": self.policies[operation]}
            case "GetTopicAttributes":
                return {"Attributes": {"Policy": self.policies[operation]}}
            case "GetMetricStatistics":
                points = [] if self.oldest is None else [{"Timestamp": 1, "Maximum": self.oldest}]
                return {"Datapoints": points}
            case "GetQueueAttributes" if "Policy" in asked["AttributeNames"]:
                return {"Attributes": {"Policy": self.policies["queue"], "QueueArn": "arn:aws:sqs:::inbound"}}
            case "GetQueueAttributes":
                return {"Attributes": {"ApproximateNumberOfMessages": str(self.dead_letters)}}
        return None


@contextmanager
def installation() -> Iterator[AwsSeen]:
    """The installation that is looked at meanwhile."""
    seen, real = AwsSeen(), BaseClient._make_api_call

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        seen.calls.append(operation)
        if operation in seen.broken:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, operation)
        told = seen.answer(operation, arguments)
        return real(client, operation, arguments) if told is None else told

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield seen
