"""The queues, as seen by what puts something on them: arrivals back on the inbound, answers on the outbound one."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import log
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.model.dead_letter import DeadLetter, QueueName
from chalicelib.model.delivery import Arrival
from chalicelib.model.mailed_report import MailedReport
from chalicelib.model.task import InvitationTask, NoticeTask, ProbeTask, ProofTask, SendTask
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated


def enqueue(arrival: Arrival) -> None:
    """Put an arrival on the inbound queue."""
    _send(config().inbound_queue_url, msgspec.json.encode({"arrival": arrival}).decode())


def enqueue_report(report: MailedReport) -> None:
    """Put what a mail reports of an answer on the feedback queue, where what SES tells of it comes, too."""
    _send(config().feedback_queue_url, msgspec.json.encode({"report": report}).decode())


def enqueue_answer(task: SendTask, *, delay: int = 0) -> None:
    """Put an answer on the outbound queue, to be sent in `delay` seconds (at most 900, as SQS has it)."""
    _send(config().outbound_queue_url, msgspec.json.encode(task).decode(), delay)


def enqueue_proof(task: ProofTask, *, delay: int = 0) -> None:
    """Put the mail that proves an address on the outbound queue."""
    _send(config().outbound_queue_url, msgspec.json.encode(task).decode(), delay)


def enqueue_invitation(task: InvitationTask, *, delay: int = 0) -> None:
    """Put an invitation on the outbound queue."""
    _send(config().outbound_queue_url, msgspec.json.encode(task).decode(), delay)


def enqueue_probe(task: ProbeTask, *, delay: int = 0) -> None:
    """Put a probe on the outbound queue."""
    _send(config().outbound_queue_url, msgspec.json.encode(task).decode(), delay)


def enqueue_notice(task: NoticeTask, *, delay: int = 0) -> None:
    """Put a notice on the outbound queue, to be sent in `delay` seconds (at most 900)."""
    _send(config().outbound_queue_url, msgspec.json.encode(task).decode(), delay)


def try_again_in(queue_url: str, receipt_handle: str, attempt: int) -> None:
    """Let a failed record come back sooner than the queue's visibility says: after 5 s, then ever longer.

    `attempt` 0 means at once. Best effort: without it the record comes back when its visibility ends.
    """
    seconds = min(5 * 4 ** (attempt - 1), 300) if attempt else 0
    try:
        client("sqs").change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
    except (ClientError, BotoCoreError) as error:
        log.warning("visibility_unchanged", error=type(error).__name__)


def list_dead_letters(queue: QueueName, limit: int) -> list[DeadLetter]:
    """Up to about `limit` dead letters of a queue, in no order; they stay, and can be taken at once by others."""
    source, found = _dead_letters_of(queue), dict[str, DeadLetter]()
    while len(found) < limit:
        with translated("look at dead letters"):
            taken = (
                client("sqs")
                .receive_message(
                    QueueUrl=source, MaxNumberOfMessages=10, VisibilityTimeout=5, AttributeNames=["SentTimestamp"]
                )
                .get("Messages", [])
            )
        new = [each for each in taken if each["MessageId"] not in found]
        if not new:
            break
        for each in new:
            sent_at = datetime.fromtimestamp(int(each["Attributes"]["SentTimestamp"]) / 1000, UTC)
            found[each["MessageId"]] = DeadLetter(queue, each["Body"], stamp(sent_at), each["ReceiptHandle"])
    for letter in found.values():
        try_again_in(source, letter.receipt_handle, 0)
    return list(found.values())[:limit]


def return_dead_letters(limit: int, queue: QueueName = QueueName.INBOUND) -> int:
    """Move up to `limit` dead letters back to their queue; return how many.

    A letter is deleted only after the queue took it: one that is moved twice is handled once, as any that comes twice.
    """
    moved = 0
    source, target = _dead_letters_of(queue), _queue_of(queue)
    while moved < limit:
        with translated("take dead letters"):
            taken = (
                client("sqs")
                .receive_message(QueueUrl=source, MaxNumberOfMessages=min(10, limit - moved), VisibilityTimeout=60)
                .get("Messages", [])
            )
        if not taken:
            break
        for letter in taken:
            _send(target, letter["Body"])
            with translated("remove a moved dead letter"):
                client("sqs").delete_message(QueueUrl=source, ReceiptHandle=letter["ReceiptHandle"])
            moved += 1
    return moved


def _queue_of(queue: QueueName) -> str:
    urls = {
        QueueName.INBOUND: config().inbound_queue_url,
        QueueName.OUTBOUND: config().outbound_queue_url,
        QueueName.FEEDBACK: config().feedback_queue_url,
    }
    return urls[queue]


def _dead_letters_of(queue: QueueName) -> str:
    urls = {
        QueueName.INBOUND: config().inbound_dead_letter_queue_url,
        QueueName.OUTBOUND: config().outbound_dead_letter_queue_url,
        QueueName.FEEDBACK: config().feedback_dead_letter_queue_url,
    }
    return urls[queue]


def _send(queue_url: str, body: str, delay: int = 0) -> None:
    # One by one: what goes through here is rare, lost mail, replays, and one answer a request.
    with translated("put a message on a queue"):
        client("sqs").send_message(QueueUrl=queue_url, MessageBody=body, DelaySeconds=delay)
