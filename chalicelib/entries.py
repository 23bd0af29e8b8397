"""Edges of the functions that are not HTTP: AWS's event to values, one story, values to AWS's answer.

Each imports its story when it is first called, so that a function loads only what it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chalicelib import clock, log
from chalicelib.config import config
from chalicelib.errors import PermanentFault, PostfachError


def handle_batch(event: Mapping[str, Any]) -> dict[str, Any]:
    """A batch of the inbound queue: each record succeeds or fails alone (ReportBatchItemFailures).

    A failed record comes back after a while that grows with its attempts; one that cannot ever succeed comes back at
    once, so that it reaches the dead letters soon.
    """
    from chalicelib.inbound.receive_mail import receive_mail
    from chalicelib.storage.queues import try_again_in

    log.set_level(config().log_level)
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        log.follow(record["messageId"])
        try:
            deliveries = receive_mail(record["body"])
        except Exception as error:
            attempt = int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))
            log.error("receive_mail_failed", error, message=record["messageId"], attempt=attempt)
            failed.append({"itemIdentifier": record["messageId"]})
            try_again_in(record.get("receiptHandle", ""), 0 if isinstance(error, PermanentFault) else attempt)
            continue
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
    return {"batchItemFailures": failed}


def handle_reconcile(event: Mapping[str, Any]) -> dict[str, Any]:
    """The schedule, or an operator's call with `{"full": true}`: look at all raw mail, however young."""
    from chalicelib.reconcile.sweep import sweep

    log.set_level(config().log_level)
    report = sweep(everything=event.get("full") is True)
    answer: dict[str, Any] = msgspec.to_builtins(report)
    return answer


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
