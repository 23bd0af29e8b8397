"""Mail that could not be handled, on the packaged template with its roles: noted, listed, handled again, refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud


def given_up(local: LocalCloud, raw_id: str, subject: str) -> dict[str, Any]:
    """A mail that the sweep puts back no more, as admins see it."""
    body = local.stored(raw_id, mail(subject), gives_up=True)
    local.aws("sqs").send_message(QueueUrl=local.outputs()["InboundQueueUrl"], MessageBody=body)
    found: list[dict[str, Any]] = eventually(
        lambda: [each for each in local.get("/deliveries?verdict=dead_letter")["items"] if each["subject"] == subject]
    )
    return found[0]


def replay(local: LocalCloud, delivery: dict[str, Any]) -> tuple[int, bytes]:
    url = f"{local.told['api_url']}/deliveries/{delivery['id']}/replay"
    return local.status("POST", url, headers={"Authorization": f"Bearer {local.told['token']}"})


def test_S7_2_a_dead_mail_is_listed_and_handled_again(local: LocalCloud) -> None:
    seen = given_up(local, "dead0001", "it died")
    assert (seen["from_address"], seen["because_code"]) == ("kim@customer.example", "dead_letter")
    assert seen["id"] in [each["about"] for each in local.get("/dead-letters?queue=inbound")["items"]]
    status, body = replay(local, seen)
    assert status == 202, body
    assert local.conversation("it died")["message_count"] == 1
    assert local.get(f"/deliveries/{seen['id']}")["verdict"] == "filed"


def test_a_dead_mail_whose_raw_form_is_gone_is_refused(local: LocalCloud) -> None:
    seen = given_up(local, "dead0002", "it is gone")
    local.aws("s3").delete_object(Bucket=local.outputs()["MailBucketName"], Key="raw/dead0002")
    status, body = replay(local, seen)
    assert (status, json.loads(body)["code"]) == (409, "raw_mail_gone")
