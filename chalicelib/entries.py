"""Edges of the functions that are not HTTP: AWS's event to values, one story, values to AWS's answer.

Each imports its story when it is first called, so that a function loads only what it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib import clock, log
from chalicelib.config import config
from chalicelib.errors import PermanentFault, PostfachError

if TYPE_CHECKING:
    from chalicelib.model.delivery import Delivery

LAST_TRY = 5  # `maxReceiveCount` of the queues (infra/resources.yaml)


def handle_batch(event: Mapping[str, Any]) -> dict[str, Any]:
    """A batch of the inbound queue: mail that SES took."""
    from chalicelib.inbound.receive_mail import receive_mail

    def tell(deliveries: tuple[Delivery, ...]) -> None:
        for delivery in deliveries:
            age = clock.now() - datetime.fromisoformat(delivery.arrival.received_at)
            log.metrics(
                "delivery",
                {"Deliveries": (1, "Count"), "AgeAtFiling": (round(age.total_seconds() * 1000), "Milliseconds")},
                dimensions={"Function": "receive_mail", "Verdict": delivery.verdict},
                because=delivery.because.code,
                delivery=delivery.id,
                conversation=delivery.conversation_id,
            )

    def handle(body: str) -> None:
        tell(receive_mail(body))

    def give_up(body: str, error: Exception) -> None:
        from chalicelib.inbound.give_up import give_up

        tell(give_up(body, error))

    return _each(event, "receive_mail", config().inbound_queue_url, handle, give_up)


def handle_answers(event: Mapping[str, Any]) -> dict[str, Any]:
    """A batch of the outbound queue: answers to be sent."""
    from chalicelib.outbound.send_mail import send_mail

    def handle(body: str) -> None:
        status = send_mail(body)
        dimensions = {"Function": "send_mail", "Status": status or "left_alone"}
        log.metrics("answer", {"Answers": (1, "Count")}, dimensions=dimensions)

    def give_up(body: str, error: Exception) -> None:
        from chalicelib.outbound.give_up import give_up

        give_up(body, error)

    return _each(event, "send_mail", config().outbound_queue_url, handle, give_up)


def handle_feedback(event: Mapping[str, Any]) -> dict[str, Any]:
    """A batch of the feedback queue: what SES tells of answers."""
    from chalicelib.outbound.take_feedback import take_feedback

    def handle(body: str) -> None:
        status = take_feedback(body)
        dimensions = {"Function": "take_feedback", "Status": status or "nothing_new"}
        log.metrics("feedback", {"Feedback": (1, "Count")}, dimensions=dimensions)

    return _each(event, "take_feedback", config().feedback_queue_url, handle)


def handle_changes(event: Mapping[str, Any]) -> dict[str, Any]:
    """A batch of the table's stream. Lambda begins again at the first of the changes that are named."""
    from chalicelib.publish.publish_changes import publish_changes

    log.set_level(config().log_level)
    published = publish_changes(event["Records"])
    log.metrics(
        "changes_published",
        {"Changes": (len(event["Records"]), "Count"), "Events": (published.events, "Count")},
        dimensions={"Function": "publish_changes"},
        failed=len(published.failed),
    )
    return {"batchItemFailures": [{"itemIdentifier": position} for position in published.failed]}


def _each(
    event: Mapping[str, Any],
    name: str,
    queue_url: str,
    handle: Callable[[str], None],
    give_up: Callable[[str, Exception], None] | None = None,
) -> dict[str, Any]:
    """Each record of a batch succeeds or fails alone (ReportBatchItemFailures).

    A failed record comes back after a while that grows with its attempts; one that cannot ever succeed comes back at
    once, so that it reaches the dead letters soon. `give_up` is told of one that failed for the last time.
    """
    from chalicelib.storage.queues import try_again_in

    log.set_level(config().log_level)
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        log.follow(record["messageId"])
        try:
            handle(record["body"])
        except Exception as error:
            attempt = int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))
            log.error(f"{name}_failed", error, message=record["messageId"], attempt=attempt)
            failed.append({"itemIdentifier": record["messageId"]})
            wait = 0 if isinstance(error, PermanentFault) else attempt
            if give_up is not None and attempt >= LAST_TRY:
                give_up(record["body"], error)
            try_again_in(queue_url, record.get("receiptHandle", ""), wait)
    return {"batchItemFailures": failed}


def handle_reconcile(event: Mapping[str, Any]) -> dict[str, Any]:
    """The schedule, or an operator's call: `{"full": true}` looks at all raw mail, `{"dry_run": true}` only tells."""
    from chalicelib.reconcile.run import dry_run, reconcile

    log.set_level(config().log_level)
    if event.get("dry_run") is True:
        return dry_run()
    return reconcile(everything=event.get("full") is True)


def handle_create_account(event: object) -> dict[str, Any]:
    """An operator's call; the answer holds the first token, or `{"error": {...}}`."""
    from chalicelib.settings.accounts import create_account, read_request

    log.set_level(config().log_level)
    try:
        created = create_account(
            read_request(event),
            paid_domain=config().inbound_domain,
            free_domain=config().free_inbound_domain,
            now=clock.now(),
        )
    except PostfachError as error:
        log.warning("create_account_refused", code=error.code)
        return {"error": {"code": error.code, "detail": error.detail, "pointer": getattr(error, "pointer", None)}}
    log.info("account_created", account=created.account_id)
    answer: dict[str, Any] = msgspec.to_builtins(created)
    return answer
