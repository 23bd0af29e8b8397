"""A mail comes in by SMTP, and whoever has a rule on the event bus hears of it: table, stream, function, bus.

All through the packaged template with every role enforced.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud


class Listener:
    """A queue with a rule on the bus, as another application has them."""

    def __init__(self, local: LocalCloud) -> None:
        sqs, events, bus = local.aws("sqs"), local.aws("events"), local.outputs()["EventBusName"]
        self.url = sqs.create_queue(QueueName="listener")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]
        pattern = json.dumps({"source": ["postfach"]})
        events.put_rule(Name="listener", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="listener", EventBusName=bus, Targets=[{"Id": "q", "Arn": attributes["QueueArn"]}])
        self._sqs = sqs
        self.heard: list[dict[str, Any]] = []

    def about(self, name: str, value: str) -> dict[str, dict[str, Any]]:
        """The events heard so far whose detail says so, by type."""
        for each in self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", []):
            self.heard.append(json.loads(each["Body"]))
            self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return {each["detail-type"]: each for each in self.heard if each["detail"].get(name) == value}


@pytest.fixture(scope="module")
def listener(local: LocalCloud) -> Listener:
    return Listener(local)


def test_what_follows_from_a_mail_is_told_on_the_bus(local: LocalCloud, listener: Listener) -> None:
    local.send(mail("heard-of", body="Nobody on the bus may read this."))
    conversation = local.conversation("heard-of")
    wanted = {"conversation.created", "message.received", "ticket.created"}
    heard = eventually(
        lambda: found if wanted <= set(found := listener.about("conversation_id", conversation["id"])) else None
    )
    for event in heard.values():
        assert (event["source"], event["detail"]["type"]) == ("postfach", event["detail-type"])
        assert "kim" not in json.dumps(event)
        assert "read this" not in json.dumps(event)
        assert "heard-of" not in json.dumps(event["detail"])
    assert heard["ticket.created"]["detail"]["ticket_id"] == conversation["ticket_id"]


def test_a_changed_setting_is_told_on_the_bus(local: LocalCloud, listener: Listener) -> None:
    channel_id = local.told["channel_id"]
    headers = {"Authorization": f"Bearer {local.told['token']}", "If-Match": "*", "Content-Type": "application/json"}
    url = f"{local.told['api_url']}/channels/{channel_id}"
    body = json.dumps({"signature": "<b>Acme</b>"})
    assert local.status("PATCH", url, headers=headers, body=body)[0] == 200
    heard = eventually(lambda: listener.about("subject_id", channel_id))
    detail = heard["setting.changed"]["detail"]
    assert (detail["action"], detail["fields"]) == ("channel.changed", ["signature"])


def test_a_first_mail_is_acknowledged_by_the_deployed_functions(local: LocalCloud) -> None:
    headers = {"Authorization": f"Bearer {local.told['token']}", "If-Match": "*", "Content-Type": "application/json"}
    url = f"{local.told['api_url']}/channels/{local.told['channel_id']}"
    on = {"acknowledgement": {"enabled": True}, "sender": {"use_for_sending": True}}
    assert local.status("PATCH", url, headers=headers, body=json.dumps(on))[0] == 200
    sender = "vera@proven.example"
    proof = "Authentication-Results: mx.example; spf=pass; dkim=pass; dmarc=pass header.from=proven.example"
    raw = mail("acknowledge-me", proof).replace(b"kim@customer.example", sender.encode())
    local.send(raw, sender=sender)

    def left() -> list[dict[str, Any]]:
        items = json.loads(local.status("GET", local.told["outbox_url"])[1])["items"]
        return [each for each in items if each["rcpt_to"] == [sender]]

    (item,) = eventually(left)
    assert "Auto-Submitted: auto-replied" in item["raw"]
    assert "acknowledge-me" not in item["raw"].partition("\r\n\r\n")[2]
    off = json.dumps({"acknowledgement": {"enabled": False}})
    assert local.status("PATCH", url, headers=headers, body=off)[0] == 200
