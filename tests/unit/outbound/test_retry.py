"""When an answer is sent, left alone, given up, or of unknown fate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.clock import stamp
from chalicelib.model.conversation import Sending, SendingStatus
from chalicelib.outbound.retry import (
    FIRST_PAUSE,
    LEASE,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    Step,
    next_step,
    pause,
    seconds_until,
)
from tests.post.ses import FIRST_MAIL_AT as NOW
from tests.post.ses import at

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("status", "leased_until", "written_at", "step"),
    [
        (SendingStatus.QUEUED, None, at(0), Step.SEND),
        (SendingStatus.QUEUED, None, stamp(NOW - LONGEST_WAIT + SECOND), Step.SEND),
        (SendingStatus.QUEUED, None, stamp(NOW - LONGEST_WAIT), Step.GIVE_UP),
        (SendingStatus.SENDING, stamp(NOW + SECOND), at(0), Step.LEAVE),
        (SendingStatus.SENDING, stamp(NOW), at(0), Step.UNCONFIRM),
        (SendingStatus.SENDING, stamp(NOW - SECOND), stamp(NOW - 2 * LONGEST_WAIT), Step.UNCONFIRM),
        (SendingStatus.SENDING, None, at(0), Step.UNCONFIRM),
        *[
            (status, None, at(0), Step.LEAVE)
            for status in SendingStatus
            if status not in (SendingStatus.QUEUED, SendingStatus.SENDING)
        ],
    ],
)
def test_the_next_step(status: SendingStatus, leased_until: str | None, written_at: str, step: Step) -> None:
    sending = Sending(status, (), due_at=written_at, leased_until=leased_until)
    assert next_step(sending, written_at, NOW) is step


@pytest.mark.parametrize(
    ("due_in", "attempts", "queued_at", "step"),
    [
        (10, 0, None, Step.WAIT),  # it may still be taken back
        (0, 0, None, Step.SEND),
        (10, 1, None, Step.SEND),  # SES shall have a pause, but the task is here
        (-1, 0, at(0), Step.SEND),  # queued again just now, however old
        (-1, 0, None, Step.SEND),
    ],
)
def test_an_answer_waits_as_long_as_it_can_be_taken_back(
    due_in: int, attempts: int, queued_at: str | None, step: Step
) -> None:
    due_at = stamp(NOW + due_in * SECOND)
    sending = Sending(SendingStatus.QUEUED, (), due_at=due_at, attempts=attempts, queued_at=queued_at)
    assert next_step(sending, stamp(NOW - 2 * LONGEST_WAIT) if queued_at else at(0), NOW) is step


@pytest.mark.parametrize(("milliseconds", "seconds"), [(-5000, 0), (0, 0), (1, 1), (9001, 10), (10**9, 900)])
def test_sqs_holds_a_task_until_it_is_due(milliseconds: int, seconds: int) -> None:
    assert seconds_until(stamp(NOW + timedelta(milliseconds=milliseconds)), NOW) == seconds


def test_the_pauses_grow_to_what_sqs_can_wait() -> None:
    pauses = [pause(attempts) for attempts in range(1, 40)]
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE == 900


@given(some.integers(1, 10**9))
def test_no_pause_is_longer_than_sqs_takes(attempts: int) -> None:
    assert 0 < pause(attempts) <= 900


def test_a_lease_is_longer_than_the_function_may_run() -> None:
    assert timedelta(seconds=60) * 2 <= LEASE
