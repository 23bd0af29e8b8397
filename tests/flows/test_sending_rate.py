"""Answers by the hundred at once: all leave, each once, and never faster than SES takes them (decision 140)."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.model.inbox import Sender
from chalicelib.model.pacing import SendingLimits
from chalicelib.outbound.notify import notify
from chalicelib.outbound.pacing import MARGIN
from chalicelib.storage import notices, pacing
from tests.api.visitor import admin_of
from tests.post import cloud, outbox
from tests.post.busy_cloud import BusyCloud, drained
from tests.post.letters import CONTACT, letter
from tests.post.office import Office

RATE = 14
NEARLY = SendingLimits(rate=400.0, quota=1000.0, sent=950.0, looked_at="9999-01-01T00:00:00.000Z")


@pytest.fixture
def answering(office: Office) -> Office:
    """An office with a question and an answer to it that is about to leave."""
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "Soon."}).status == 201
    return office


@pytest.mark.parametrize("functions", [2, 10])
def test_300_answers_at_once_leave_once_each_at_no_more_than_the_rate(answering: Office, functions: int) -> None:
    busy = BusyCloud(RATE, answering, 300)
    drained(busy, functions)
    assert busy.failures == []
    assert busy.refused == []
    assert Counter(message_id for _, message_id in busy.arrived) == Counter(busy.ids)  # none lost, none doubled
    assert busy.statuses() == {"sent": 300}
    assert busy.most_in_a_second() <= RATE
    took = busy.arrived[-1][0] - busy.arrived[0][0]
    ideal = 299 / RATE
    assert ideal <= took <= ideal / MARGIN * 1.02 + 2  # at first SES is asked for its rate
    assert busy.asked["GetAccount"] == 1  # of all functions one


def known(limits: SendingLimits) -> None:
    """A new process meets these limits."""
    pacing.note_limits(limits)
    cloud.forget_everything()


def test_near_the_end_of_the_quota_only_answers_leave(answering: Office) -> None:
    known(NEARLY)
    queued = notify(answering.account_id, answering.admin_id, "alert", "s", "t", clock.now(), about="x")
    assert queued.code == "queued"
    tasks = outbox.take(config().outbound_queue_url)
    assert outbox.handle(answering, "send_mail", *tasks) == []
    assert [mail.rcpt_to for mail in outbox.sent()] == [(CONTACT,)]
    notice_id = next(json.loads(each)["notice_id"] for each in tasks if "notice_id" in each)
    waiting = notices.find(answering.account_id, notice_id)
    assert waiting is not None
    assert waiting.because is not None
    assert (waiting.status, waiting.because.code, waiting.attempts) == ("queued", "quota_nearly_used_up", 0)
    known(replace(NEARLY, sent=10.0))
    assert outbox.handle(answering, "send_mail", *tasks) == []
    assert len(outbox.sent()) == 2


def test_when_the_quota_is_used_up_an_answer_says_what_it_waits_for(answering: Office) -> None:
    known(replace(NEARLY, sent=1000.0))
    (task,) = outbox.take(config().outbound_queue_url)
    assert outbox.handle(answering, "send_mail", task) == []
    assert outbox.sent() == []
    waiting = answering.messages()[-1].sending
    assert waiting is not None
    assert waiting.because is not None
    assert (waiting.status, waiting.because.code, waiting.attempts) == ("queued", "quota_used_up", 0)
    assert waiting.due_at > stamp(clock.now())
