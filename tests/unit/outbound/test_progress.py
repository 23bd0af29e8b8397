"""What SES tells of an answer is applied in any order, any number of times, and never moves anybody backwards."""

from __future__ import annotations

from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.model.conversation import Reason, RecipientState, Sending, SendingStatus
from chalicelib.outbound.progress import NOT_ARRIVED, ORDER, Feedback, after_feedback, newly_failed, overall
from tests.post.ses import at

ADDRESSES = ("ada@x.example", "ben@x.example", "cleo@x.example")
TOLD = (
    SendingStatus.SENT,
    SendingStatus.DELAYED,
    SendingStatus.DELIVERED,
    SendingStatus.BOUNCED,
    SendingStatus.COMPLAINED,
    SendingStatus.FAILED,
)


def queued(status: SendingStatus = SendingStatus.QUEUED, ses_id: str | None = None) -> Sending:
    states = tuple(RecipientState(address, status) for address in ADDRESSES)
    return Sending(status, states, due_at=at(0), ses_id=ses_id)


def told(status: SendingStatus, *addresses: str, ses_id: str = "id") -> Feedback:
    reason = Reason(status.value, "so SES says")
    return Feedback("acc", "msg", ses_id, status, at(1), addresses or None, (("", reason),))


feedback = some.builds(
    told,
    some.sampled_from(TOLD),
    some.sampled_from(ADDRESSES),
    some.sampled_from(ADDRESSES),
)


@given(some.lists(feedback, max_size=8), some.randoms(use_true_random=False), some.sampled_from(list(SendingStatus)))
def test_the_order_of_events_does_not_matter_but_between_equals(
    events: list[Feedback], random: Random, before: SendingStatus
) -> None:
    """A bounce and a rejection rank alike: whichever comes first stays. All else ends the same."""
    events = [each for each in events if each.status is not SendingStatus.FAILED]
    shuffled = sorted(events, key=lambda _: random.random())
    first = reduce(after_feedback, events, queued(before))
    second = reduce(after_feedback, shuffled, queued(before))
    assert [(each.address, each.status) for each in first.recipients] == [
        (each.address, each.status) for each in second.recipients
    ]
    assert first.status == second.status


@given(some.lists(feedback, min_size=1, max_size=8))
def test_nobody_moves_backwards_and_the_same_again_changes_nothing(events: list[Feedback]) -> None:
    sending = queued()
    for each in events:
        after = after_feedback(sending, each)
        for was, now in zip(sending.recipients, after.recipients, strict=True):
            assert ORDER.get(was.status, 0) <= ORDER[now.status]
        assert after_feedback(after, each) == after
        assert after.version == sending.version + (after != sending)
        sending = after
    assert sending.ses_id == "id"
    assert all(after_feedback(sending, each) == sending for each in events)


@pytest.mark.parametrize("status", list(SendingStatus))
def test_any_event_proves_that_the_mail_left(status: SendingStatus) -> None:
    after = after_feedback(queued(status), told(SendingStatus.DELIVERED, ADDRESSES[0]))
    assert [each.status for each in after.recipients] == [
        SendingStatus.DELIVERED,
        SendingStatus.SENT,
        SendingStatus.SENT,
    ]
    assert (after.ses_id, after.status, after.leased_until) == ("id", SendingStatus.SENT, None)


def test_events_of_another_mail_say_nothing() -> None:
    sending = queued(SendingStatus.SENT, ses_id="ours")
    assert after_feedback(sending, told(SendingStatus.BOUNCED)) == sending


def test_unknown_recipients_say_nothing() -> None:
    sending = queued(SendingStatus.SENT, ses_id="id")
    assert after_feedback(sending, told(SendingStatus.BOUNCED, "eve@x.example")) == sending


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ("sent sent sent", "sent"),
        ("sent delivered delivered", "sent"),
        ("delivered delivered delivered", "delivered"),
        ("delayed delivered sent", "delayed"),
        ("complained delivered delayed", "complained"),
        ("bounced complained delivered", "bounced"),
        ("failed bounced delivered", "failed"),
    ],
)
def test_the_whole_is_the_worst_that_happened_or_the_least_that_is_known(states: str, whole: str) -> None:
    recipients = tuple(RecipientState("a@x.example", SendingStatus(each)) for each in states.split())
    assert overall(recipients) is SendingStatus(whole)


@given(some.lists(feedback, max_size=10))
def test_each_failure_is_new_once(events: list[Feedback]) -> None:
    sending, announced = queued(), []
    for each in events:
        after = after_feedback(sending, each)
        announced += [state.address for state in newly_failed(sending, after)]
        sending = after
    assert len(announced) == len(set(announced))
    assert {each.address for each in sending.recipients if each.status in NOT_ARRIVED} <= set(announced)
