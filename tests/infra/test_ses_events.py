"""The local cloud's mailbox simulator: what it decides by address, in the form in which SES tells it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.outbound.feedback_events import read_feedback
from infra.local import ses_events

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def item(*recipients: str) -> dict[str, Any]:
    """A mail of the outbox."""
    tags = {"account": "acc_1", "message": "msg_1"}
    return {
        "id": "id-1", "mail_from": "us@x.test", "rcpt_to": list(recipients), "tags": tags, "configuration_set": "set"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ann@example.com", ["Send", "Delivery"]),
        ("success@simulator.amazonses.com", ["Send", "Delivery"]),
        ("bounce@example.com", ["Send", "Delivery"]),
        ("bounce@simulator.amazonses.com", ["Send", "Bounce"]),
        ("Bounce+label@simulator.amazonses.com", ["Send", "Bounce"]),
        ("soft-bounce@simulator.amazonses.com", ["Send", "Bounce"]),
        ("suppressionlist@simulator.amazonses.com", ["Send", "Bounce"]),
        ("complaint@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]),
        ("delay@simulator.amazonses.com", ["Send", "DeliveryDelay", "Delivery"]),
        ("lost@simulator.amazonses.com", ["Send", "Delivery"]),
    ],
)
def test_the_address_decides(address: str, told: list[str]) -> None:
    assert [event["eventType"] for event in ses_events.events(item(address), NOW)] == told


def test_each_recipient_has_a_fate_of_its_own_which_the_feedback_function_reads() -> None:
    recipients = ("ann@example.com", "bounce@simulator.amazonses.com", "complaint@simulator.amazonses.com")
    read = [read_feedback(json.dumps(event)) for event in ses_events.events(item(*recipients), NOW)]
    assert [(each.status.value, each.recipients) for each in read if each] == [
        ("sent", None),
        ("delivered", recipients[:1]),
        ("bounced", recipients[1:2]),
        ("delivered", recipients[2:]),
        ("complained", recipients[2:]),
    ]
    assert {(each.account_id, each.message_id, each.ses_id) for each in read if each} == {("acc_1", "msg_1", "id-1")}
