"""An empty cloud for one test: table, bucket, queues and signing key, wherever AWS is (moto, or a MiniStack).

Keys and indexes come from infra/resources.yaml, so that a test cannot pass on another schema than is deployed.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from chalicelib.config import config
from chalicelib.model.pacing import SendingLimits
from chalicelib.outbound import take_turn
from chalicelib.storage import aws, pacing, secrets

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "mail-bucket"
TABLE = "main-table"
SIGNING_KEY = "a signing key of more than thirty-two characters"
# So fast that no test waits; moto knows no GetAccount, so nobody shall ask.
SES_LIMITS = SendingLimits(rate=400.0, quota=-1.0, sent=0.0, looked_at="9999-01-01T00:00:00.000Z")
_endpoints: list[str] = []
QUEUES = {
    "inbound": "INBOUND_QUEUE_URL",
    "inbound-dead-letters": "INBOUND_DEAD_LETTER_QUEUE_URL",
    "outbound": "OUTBOUND_QUEUE_URL",
    "outbound-dead-letters": "OUTBOUND_DEAD_LETTER_QUEUE_URL",
    "feedback-dead-letters": "FEEDBACK_DEAD_LETTER_QUEUE_URL",
    "feedback": "FEEDBACK_QUEUE_URL",
}
CONFIGURATION_SET = "sending"
EVENT_BUS = "changes"


class _Template(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """YAML with CloudFormation's short tags, whose values do not matter here."""


_Template.add_multi_constructor("!", lambda loader, suffix, node: None)


@lru_cache(maxsize=1)
def table_schema() -> dict[str, Any]:
    """What `create_table` needs, as the template has it."""
    template = yaml.load((ROOT / "infra" / "resources.yaml").read_text(), Loader=_Template)
    properties = template["Resources"]["MainTable"]["Properties"]
    return {
        name: properties[name]
        for name in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    }


def environment(table: str = TABLE) -> dict[str, str]:
    """The environment of a function, but for the queues' URLs."""
    return {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TABLE_NAME": table,
        "MAIL_BUCKET": BUCKET,
        "INBOUND_DOMAIN": "in.postfach.test",
        "FREE_INBOUND_DOMAIN": "free.postfach.test",
        "SIGNING_SECRET_ID": "signing-secret",
        "CONFIGURATION_SET": CONFIGURATION_SET,
        "EVENT_BUS": EVENT_BUS,
        "LOG_LEVEL": "ERROR",
    }


def forget_everything() -> None:
    """What a process remembers of its environment: a new test is a new process."""
    config.cache_clear()
    secrets.forget()
    take_turn.forget()


def forget_clients() -> None:
    """The same, and clients of another endpoint; those of the same one are kept, since making them takes long."""
    from chalicelib.storage.tables import Row

    forget_everything()
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "moto")
    if _endpoints and _endpoints[-1] == endpoint:
        return
    _endpoints.append(endpoint)
    aws.client.cache_clear()
    aws._session.cache_clear()
    kinds: list[type[Any]] = [Row, *_subclasses(Row)]
    for kind in kinds:
        kind._connection = None


def _subclasses(kind: type[Any]) -> list[type[Any]]:
    return [found for each in kind.__subclasses__() for found in (each, *_subclasses(each))]


def build() -> None:
    """Make the resources, and name them in the environment, which must hold `environment()` already."""
    aws.client("dynamodb").create_table(TableName=os.environ["TABLE_NAME"], **table_schema())
    aws.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_DEFAULT_REGION"]}
    )
    for name, variable in QUEUES.items():
        os.environ[variable] = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    aws.client("sesv2").create_configuration_set(ConfigurationSetName=CONFIGURATION_SET)
    aws.client("events").create_event_bus(Name=EVENT_BUS)
    for domain in ("acme.in.postfach.test", "acme.free.postfach.test"):
        aws.client("sesv2").create_email_identity(EmailIdentity=domain)
    aws.client("secretsmanager").create_secret(Name="signing-secret", SecretString=SIGNING_KEY)
    pacing.note_limits(SES_LIMITS)


def table_content() -> dict[tuple[str, str], dict[str, Any]]:
    """Every item of the table by its key, as DynamoDB's JSON."""
    pages = (
        aws.client("dynamodb").get_paginator("scan").paginate(TableName=os.environ["TABLE_NAME"], ConsistentRead=True)
    )
    return {
        (item["pk"]["S"], item["sk"]["S"]): {
            name: {kind: sorted(value) if kind == "SS" else value for kind, value in told.items()}
            for name, told in item.items()
        }
        for page in pages
        for item in page["Items"]
    }


def bucket_content() -> dict[str, bytes]:
    """Every object of the bucket by its key."""
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    names = [found["Key"] for page in pages for found in page.get("Contents", ())]
    return {name: aws.client("s3").get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names}
