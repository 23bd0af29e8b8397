"""A batch of the queue: each record alone; what fails comes back, and at last is a dead letter that can be returned."""

from __future__ import annotations

import itertools
import json

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.config import config
from chalicelib.model.delivery import Verdict
from chalicelib.storage import aws
from chalicelib.storage.queues import return_dead_letters
from tests.post import cloud
from tests.post.letters import letter, long_text
from tests.post.office import Office

Fault = Exception


class Faults:
    """AWS fails as told: a list of (operation, fault) that each strike once, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting: list[tuple[str, Fault]] = []
        self.calls: list[str] = []
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, arguments: dict[str, object]) -> object:
            self.calls.append(operation)
            for number, (struck, fault) in enumerate(self.waiting):
                if struck == operation:
                    del self.waiting[number]
                    raise fault
            return real(client, operation, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def strike(self, operation: str, code: str, times: int = 1) -> None:
        """The next `times` calls of `operation` answer with AWS's error `code`."""
        error = ClientError({"Error": {"Code": code, "Message": "struck"}}, operation)
        self.waiting += [(operation, error)] * times


@pytest.fixture
def faults(office: Office, monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)


def test_only_the_poison_record_fails(office: Office) -> None:
    good = [office.announce(office.store(letter(message_id=f"{n}@x.example"))) for n in range(4)]
    missing = office.announce("never-stored")
    assert office.handle(*good[:2], missing, good[2], "poison", good[3]) == [2, 4]
    assert len(office.conversations()) == 4


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"arrival": {}}',
        '{"Type": "SubscriptionConfirmation", "Token": "x", "SubscribeURL": "https://sns.example"}',
        '{"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have subscribed"}',
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
    ids=lambda body: body[:20],
)
def test_what_is_no_notification_goes_to_the_dead_letters_at_once(
    office: Office, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = cloud.table_content()
    capsys.readouterr()
    assert office.handle(body) == [0]
    failed = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["level"] == "ERROR"]
    assert [line["error"] for line in failed] == ["NotANotification"]
    assert cloud.table_content() == before


def test_a_mail_that_is_not_there_yet_is_filed_when_it_is(office: Office) -> None:
    body = office.announce("late")
    assert office.handle(body) == [0]
    office.store(letter(), "late")
    assert office.handle(body) == []
    assert office.delivery("late").verdict is Verdict.FILED


def test_the_deliveries_around_a_failed_one_are_kept(office: Office, faults: Faults) -> None:
    sales = office.add_channel("sales", office.add_inbox("Sales").id)
    raw_id = office.store(letter())
    body = office.announce(raw_id, [office.address, sales.address])
    faults.strike("TransactWriteItems", "InternalServerError")
    assert office.handle(body) == [0]
    assert [each.channel_id for each in office.deliveries(raw_id)] == [sales.id]
    assert ("RAW#" + raw_id, "RAW") not in cloud.table_content()
    assert office.handle(body) == []
    assert {each.channel_id for each in office.deliveries(raw_id)} == {office.channel_id, sales.id}
    assert ("RAW#" + raw_id, "RAW") in cloud.table_content()
    assert office.conversation().message_count == 1


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        *itertools.product(
            ["BatchGetItem", "GetObject", "TransactWriteItems", "PutObject"],
            ["ThrottlingException", "InternalServerError", "Unheard"],
        ),
        *itertools.product(["BatchGetItem", "GetObject", "TransactWriteItems"], ["AccessDeniedException"]),
    ],
)
def test_a_fault_of_aws_is_tried_again_and_ends_whole(
    office: Office, faults: Faults, operation: str, code: str
) -> None:
    undisturbed = letter(text=long_text(20_000))
    raw_id = office.store(undisturbed)
    body = office.announce(raw_id)
    faults.strike(operation, code, times=4)
    attempts = 1
    while office.handle(body):
        attempts += 1
        assert attempts < 9
    assert faults.waiting == []
    assert office.delivery(raw_id).verdict is Verdict.FILED
    assert office.conversation().message_count == 1


def test_a_body_that_may_not_be_stored_leaves_an_unreadable_mail_that_heals(office: Office, faults: Faults) -> None:
    raw_id = office.store(letter(text=long_text(20_000)))
    faults.strike("PutObject", "AccessDenied")
    assert office.handle(office.announce(raw_id)) == []
    assert office.delivery(raw_id).verdict is Verdict.UNREADABLE
    office.again(office.delivery(raw_id))
    (message,) = office.messages()
    assert message.body is not None
    assert len(message.body.text) > 19_000


def test_an_unreachable_aws_is_tried_again(office: Office, faults: Faults) -> None:
    body = office.announce(office.store(letter()))
    faults.waiting.append(("BatchGetItem", EndpointConnectionError(endpoint_url="https://dynamodb")))
    assert office.handle(body) == [0]
    assert office.handle(body) == []
    assert office.conversation().message_count == 1


def test_a_mail_that_cannot_be_written_as_what_it_is_becomes_an_unreadable_one(office: Office, faults: Faults) -> None:
    raw_id = office.store(letter())
    faults.strike("TransactWriteItems", "ValidationException")
    assert office.handle(office.announce(raw_id)) == []
    delivery = office.delivery(raw_id)
    assert delivery.verdict is Verdict.UNREADABLE
    (message,) = office.messages()
    assert (message.raw_key, message.marks) == (f"raw/{raw_id}", ("unreadable",))
    office.again(delivery)
    again = office.delivery(raw_id)
    assert (again.verdict, again.because.code) == (Verdict.FILED, "understood_again")
    (message,) = office.messages()
    assert message.body is not None
    assert message.body.text.strip() == "Where is my parcel?"


def test_dead_letters_are_returned_and_filed_once(office: Office) -> None:
    bodies = [office.announce(office.store(letter(message_id=f"{n}@x.example"))) for n in range(12)]
    for body in bodies:
        aws.client("sqs").send_message(QueueUrl=config().inbound_dead_letter_queue_url, MessageBody=body)
    office.handle(bodies[0])
    assert return_dead_letters(100) == 12
    assert office.handle(*office.take_queue()) == []
    assert len(office.conversations()) == 12
    assert return_dead_letters(100) == 0


def test_a_limit_of_dead_letters(office: Office) -> None:
    for number in range(15):
        aws.client("sqs").send_message(QueueUrl=config().inbound_dead_letter_queue_url, MessageBody=str(number))
    assert return_dead_letters(3) == 3
    assert len(office.take_queue()) == 3


def test_a_failed_record_comes_back_sooner_than_the_queue_says(office: Office, faults: Faults) -> None:
    """After 5 s at first; at once when it can never succeed, so that it is a dead letter soon."""
    sqs, url = aws.client("sqs"), config().inbound_queue_url
    for body, seconds in ((office.announce("never-stored"), 5), ("poison", 0)):
        sqs.send_message(QueueUrl=url, MessageBody=body)
        (record,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=360)["Messages"]
        asked: list[int] = []
        real = BaseClient._make_api_call

        def listen(client: BaseClient, operation: str, arguments: dict[str, object]) -> object:
            if operation == "ChangeMessageVisibility":
                asked.append(int(str(arguments["VisibilityTimeout"])))  # noqa: B023
            return real(client, operation, arguments)  # noqa: B023

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", listen)
            event = {
                "Records": [
                    {
                        "messageId": "1",
                        "body": body,
                        "receiptHandle": record["ReceiptHandle"],
                        "attributes": {"ApproximateReceiveCount": "1"},
                    }
                ]
            }
            answer = office.client.lambda_.invoke("receive_mail", event).payload
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
        assert asked == [seconds]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=record["ReceiptHandle"])
