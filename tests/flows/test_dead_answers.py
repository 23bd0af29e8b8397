"""An answer whose task died: its agent sees so and sends it again; admins see the dead letters and put them back."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.config import config
from chalicelib.model.inbox import Sender
from chalicelib.storage import aws
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


@pytest.fixture
def task(office: Office, admin: Visitor) -> str:
    """The task of an answer that is about to leave."""
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin.post(path, {"type": "reply", "text": "Soon.", "close": True}).status == 201
    (body,) = outbox.take(config().outbound_queue_url)
    return body


def tried(office: Office, body: str, attempt: int) -> None:
    """The function gets the task for the `attempt`th time, and fails."""
    event = office.client.events.generate_sqs_event([body], "send_mail")
    event["Records"][0].update(messageId="0", attributes={"ApproximateReceiveCount": str(attempt)})
    answer = office.client.lambda_.invoke("send_mail", event).payload
    assert answer["batchItemFailures"] == [{"itemIdentifier": "0"}]


def break_turns(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """DynamoDB answers so when a turn is taken."""
    real = BaseClient._make_api_call

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        if operation == "UpdateItem" and asked["Key"]["pk"]["S"].startswith("SLOTS#"):
            raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)
        return real(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


def shown(office: Office, admin: Visitor) -> dict[str, Any]:
    (answer,) = [each for each in office.messages() if each.sending is not None]
    found: dict[str, Any] = admin.get(f"/v1/messages/{answer.id}").json
    return found


def test_S7_5_a_task_that_died_of_an_outage_shows_and_is_sent_again(
    office: Office, admin: Visitor, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as outage:
        break_turns(outage, "InternalServerError")
        for attempt in (1, 4):
            tried(office, task, attempt)
            assert shown(office, admin)["sending"]["because_code"] is None
        tried(office, task, 5)
    answer = shown(office, admin)
    assert (answer["sending"]["status"], answer["sending"]["because_code"]) == ("queued", "stuck")
    assert admin.post(f"/v1/messages/{answer['id']}/resend").status in (200, 202)
    assert len(outbox.send_all(office)) == 1
    assert outbox.handle(office, "send_mail", task) == []  # should the dead letter be put back, too
    assert len(outbox.sent()) == 1
    assert shown(office, admin)["sending"]["status"] == "sent"


def test_S7_5_what_fails_each_time_alike_fails_in_its_conversation(
    office: Office, admin: Visitor, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        break_turns(wrong, "ValidationException")
        tried(office, task, 5)
    answer = shown(office, admin)
    assert (answer["sending"]["status"], answer["sending"]["because_code"]) == ("failed", "dead_letter")
    assert office.conversation().status == "open"
    assert admin.post(f"/v1/messages/{answer['id']}/resend").status in (200, 202)
    assert len(outbox.send_all(office)) == 1


def test_dead_letters_of_answers_are_listed_and_put_back(office: Office, admin: Visitor, task: str) -> None:
    letters = config().outbound_dead_letter_queue_url
    aws.client("sqs").send_message(QueueUrl=letters, MessageBody=task)
    aws.client("sqs").send_message(QueueUrl=letters, MessageBody=task.replace(office.account_id, "acc_another"))
    aws.client("sqs").send_message(QueueUrl=letters, MessageBody="none")
    (seen,) = admin.get("/v1/dead-letters").json["items"]  # its own account's
    assert (seen["queue"], seen["about"]) == ("outbound", shown(office, admin)["id"])
    assert admin.get("/v1/dead-letters?queue=feedback").json["items"] == []
    assert admin.get("/v1/dead-letters?queue=other").status == 400
    assert admin.post("/v1/dead-letters/return", {"queue": "outbound", "limit": 10}).json == {"moved": 3}
    assert task in outbox.take(config().outbound_queue_url)


def test_dead_letters_of_feedback_are_listed_and_put_back(office: Office, admin: Visitor, task: str) -> None:
    assert outbox.handle(office, "send_mail", task) == []
    answer = next(each for each in office.messages() if each.sending is not None)
    told = outbox.event("Complaint", outbox.sent()[0], answer, complainedRecipients=[])
    aws.client("sqs").send_message(QueueUrl=config().feedback_dead_letter_queue_url, MessageBody=told)
    (seen,) = admin.get("/v1/dead-letters?queue=feedback").json["items"]
    assert (seen["queue"], seen["about"]) == ("feedback", answer.id)
    assert admin.post("/v1/dead-letters/return", {"queue": "feedback"}).json == {"moved": 1}
    assert outbox.take(config().feedback_queue_url) == [told]
