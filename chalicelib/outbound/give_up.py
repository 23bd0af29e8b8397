"""The story of an answer that the queue gives up on: its agent sees so, and can send it again.

What may end by itself (our storage, AWS) leaves the answer queued, with the reason; the sweep queues it again, and so
can a person. What will fail the same way each time fails now, in its conversation, instead of after a day. Best effort:
what cannot be noted here is found by the sweep.
"""

from __future__ import annotations

from chalicelib import clock, log
from chalicelib.errors import Fault, PermanentFault
from chalicelib.model.conversation import Reason, SendingStatus
from chalicelib.model.task import SendTask
from chalicelib.outbound.progress import STUCK, moved
from chalicelib.outbound.send_mail import fail, read_task
from chalicelib.storage import conversations
from chalicelib.storage.sending import advance


def give_up(body: str, error: Exception) -> SendingStatus | None:
    """Note that sending failed for the last time; the status then, None when it is no answer, or not waiting."""
    try:
        task = read_task(body)
        if not isinstance(task, SendTask):
            return None
        found = conversations.get_message(task.account_id, task.message_id)
        if found is None or found[0].sending is None or found[0].sending.status is not SendingStatus.QUEUED:
            return None
        message, now = found[0], clock.now()
        what = type(error).__name__
        if isinstance(error, PermanentFault) or not isinstance(error, Fault):
            text = f"Sending failed again and again in the same way ({what}, which is logged). Nothing was sent."
            return fail(message, Reason("dead_letter", text), now)
        text = f"Sending failed several times ({what}). It is tried again by itself, and can be sent again by hand."
        advance(moved(message, SendingStatus.QUEUED, now, because=Reason(STUCK, text)))
    except Exception as failure:
        log.error("not_given_up", failure)
        return None
    return SendingStatus.QUEUED
