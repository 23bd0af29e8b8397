"""The map of Postfach: everything that AWS calls, and where it goes.

HTTP → `api.routes`; mail from the inbound queue → `inbound.receive_mail`; answers from the outbound queue →
`outbound.send_mail`; what SES tells of them → `outbound.take_feedback`; what changes in the table →
`publish.publish_changes`; every five minutes → `reconcile.run`; an operator's call → `settings.accounts`.
"""

from __future__ import annotations

from typing import Any

from chalice import Chalice, Rate

from chalicelib.api.routes import register
from chalicelib.entries import (
    handle_answers,
    handle_batch,
    handle_changes,
    handle_create_account,
    handle_feedback,
    handle_reconcile,
)

STREAM: Any = {"Fn::GetAtt": ["MainTable", "StreamArn"]}  # goes into the template as it is

app = Chalice(app_name="postfach")
register(app)


@app.on_sqs_message(queue="${InboundQueue.QueueName}", batch_size=10, name="receive_mail")
def receive_mail(event: Any) -> dict[str, Any]:
    """Mail that SES took: see `chalicelib/inbound/receive_mail.py`."""
    return handle_batch(event.to_dict())


@app.on_sqs_message(queue="${OutboundQueue.QueueName}", batch_size=1, name="send_mail")
def send_mail(event: Any) -> dict[str, Any]:
    """Answers that are to leave: see `chalicelib/outbound/send_mail.py`."""
    return handle_answers(event.to_dict())


@app.on_sqs_message(queue="${FeedbackQueue.QueueName}", batch_size=10, name="take_feedback")
def take_feedback(event: Any) -> dict[str, Any]:
    """What SES tells of answers: see `chalicelib/outbound/take_feedback.py`."""
    return handle_feedback(event.to_dict())


@app.on_dynamodb_record(
    stream_arn=STREAM,
    batch_size=100,
    starting_position="TRIM_HORIZON",  # what is written while the function is being connected is told, too
    maximum_batching_window_in_seconds=1,
    name="publish_changes",
)
def publish_changes(event: Any) -> dict[str, Any]:
    """What follows from changes: see `chalicelib/publish/publish_changes.py`."""
    return handle_changes(event.to_dict())


@app.schedule(Rate(5, unit=Rate.MINUTES), name="reconcile")
def reconcile(event: Any) -> dict[str, Any]:
    """What is true, and what was lost: see `chalicelib/reconcile/run.py`."""
    return handle_reconcile(event.to_dict())


@app.lambda_function(name="create_account")
def create_account(event: Any, context: Any) -> dict[str, Any]:
    """An operator creates an account: see `chalicelib/settings/accounts.py`."""
    return handle_create_account(event)
