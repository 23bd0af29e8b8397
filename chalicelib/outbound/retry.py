"""What is to be done with an answer that is on the queue, and how long it waits after SES did not take it. Pure.

An answer is on the queue more than once now and then (SQS delivers at least once, the sweep puts it there again); its
row alone says whether it is to be sent. A lease that ran out means that somebody died between asking SES and noting its
answer: the mail may have left, and nobody sends it again.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.clock import stamp
from chalicelib.model.conversation import Sending, SendingStatus

LEASE = timedelta(minutes=3)  # longer than the function may run
LONGEST_WAIT = timedelta(days=1)  # then an answer is old news: it fails, visibly, and a person decides
LONGEST_PAUSE = 900  # seconds, as SQS delays a message at most
FIRST_PAUSE = 5


class Step(StrEnum):
    """What to do now."""

    SEND = "send"
    WAIT = "wait"  # it may still be taken back
    LEAVE = "leave"  # it has left, or failed, or was taken back, or somebody is at it
    UNCONFIRM = "unconfirm"
    GIVE_UP = "give_up"


def next_step(sending: Sending, written_at: str, now: datetime) -> Step:
    """What to do with an answer that was written at `written_at`, or queued again since."""
    if sending.status is SendingStatus.SENDING:
        over = sending.leased_until is None or sending.leased_until <= stamp(now)
        return Step.UNCONFIRM if over else Step.LEAVE
    if sending.status is not SendingStatus.QUEUED:
        return Step.LEAVE
    if stamp(now - LONGEST_WAIT) >= (sending.queued_at or written_at):
        return Step.GIVE_UP
    return Step.WAIT if not sending.attempts and sending.due_at > stamp(now) else Step.SEND


def seconds_until(due_at: str, now: datetime) -> int:
    """For how long SQS has to hold a task, so that it does not come before it is due."""
    seconds = math.ceil((datetime.fromisoformat(due_at) - now).total_seconds())
    return max(0, min(seconds, LONGEST_PAUSE))


def pause(attempts: int) -> int:
    """Seconds until the next attempt, after `attempts` (at least one) were refused for the moment."""
    doubled: int = FIRST_PAUSE * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_PAUSE)
