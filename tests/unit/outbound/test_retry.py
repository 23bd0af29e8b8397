"""When an answer is sent, left alone, given up, or of unknown fate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.clock import stamp
from chalicelib.model.conversation import Sending, SendingStatus
from chalicelib.outbound.retry import FIRST_PAUSE, LEASE, LONGEST_PAUSE, LONGEST_WAIT, Step, next_step, pause
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
