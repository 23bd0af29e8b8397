"""The inbound queue, as seen by what puts arrivals back on it: the sweep, a replay, the return of dead letters."""

from __future__ import annotations

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import log
from chalicelib.config import config
from chalicelib.errors import TemporaryFault
from chalicelib.model.delivery import Arrival
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated


def enqueue(arrivals: list[Arrival]) -> None:
    """Put arrivals on the inbound queue, ten a request. An arrival that SQS refuses raises `TemporaryFault`."""
    for start in range(0, len(arrivals), 10):
        entries = [
            {"Id": str(number), "MessageBody": msgspec.json.encode({"arrival": arrival}).decode()}
            for number, arrival in enumerate(arrivals[start : start + 10])
        ]
        _send(entries)


def try_again_in(receipt_handle: str, attempt: int) -> None:
    """Let a failed record come back sooner than the queue's visibility says: after 5 s, then ever longer.

    `attempt` 0 means at once. Best effort: without it the record comes back when its visibility ends.
    """
    seconds = min(5 * 4 ** (attempt - 1), 300) if attempt else 0
    try:
        client("sqs").change_message_visibility(
            QueueUrl=config().inbound_queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
    except (ClientError, BotoCoreError) as error:
        log.warning("visibility_unchanged", error=type(error).__name__)


def return_dead_letters(limit: int) -> int:
    """Move up to `limit` dead letters back to the inbound queue; return how many.

    A letter is deleted only after the inbound queue took it: one that is moved twice is filed once.
    """
    moved = 0
    source = config().inbound_dead_letter_queue_url
    while moved < limit:
        with translated("take dead letters"):
            taken = (
                client("sqs")
                .receive_message(QueueUrl=source, MaxNumberOfMessages=min(10, limit - moved), VisibilityTimeout=60)
                .get("Messages", [])
            )
        if not taken:
            break
        _send([{"Id": str(number), "MessageBody": letter["Body"]} for number, letter in enumerate(taken)])
        with translated("remove moved dead letters"):
            client("sqs").delete_message_batch(
                QueueUrl=source,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": letter["ReceiptHandle"]} for number, letter in enumerate(taken)
                ],
            )
        moved += len(taken)
    return moved


def _send(entries: list[dict[str, str]]) -> None:
    with translated("put arrivals on the inbound queue"):
        answer = client("sqs").send_message_batch(QueueUrl=config().inbound_queue_url, Entries=entries)
    refused = len(answer.get("Failed", ()))
    if refused:
        raise TemporaryFault(f"the inbound queue refused {refused} arrivals")
