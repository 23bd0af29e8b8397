"""A mail whose notification was lost comes back on the packaged template, by the scheduled function's full run."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from infra.local import received
from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud


def test_raw_mail_without_a_notification_becomes_a_conversation(local: LocalCloud) -> None:
    subject = "nobody was told"
    to = (local.told["fallback_address"],)
    told = received.Transaction(
        mail(subject), "kim@customer.example", to, "mx.customer.example", "192.0.2.1", datetime.now(UTC), "lost0001"
    )
    verdicts = received.find_verdicts(received.read_headers(told.raw))
    outputs = local.outputs()
    local.aws("s3").put_object(
        Bucket=outputs["MailBucketName"],
        Key=f"raw/{told.id}",
        Body=received.add_headers(told, verdicts, "eu-central-1"),
    )
    event: dict[str, object] = dict.fromkeys(
        ("version", "id", "account", "region", "time", "source", "detail-type"), ""
    )
    event |= {"resources": [], "detail": {}, "full": True}  # chalice takes only what looks like a schedule's event
    full = {"FunctionName": outputs["ReconcileFunction"], "Payload": json.dumps(event)}

    def swept() -> dict[str, object]:
        answer: dict[str, object] = json.loads(local.aws("lambda").invoke(**full)["Payload"].read())
        assert "errorMessage" not in answer, answer
        return answer if answer.get("ran") else {}

    assert eventually(swept)["finished"] is True
    assert local.conversation(subject)["message_count"] == 1
    eventually(swept)
    assert local.conversation(subject)["message_count"] == 1
