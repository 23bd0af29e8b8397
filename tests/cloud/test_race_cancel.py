"""An answer that is taken back while it is being sent: exactly one of the two happens, however they meet.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib import clock
from chalicelib.conversations import cancel
from chalicelib.conversations.answer import write
from chalicelib.conversations.resend import resend
from chalicelib.conversations.words import Words
from chalicelib.errors import Conflict
from chalicelib.model.account import Scope
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Direction, Message, MessageBody, SendingStatus
from chalicelib.model.inbox import Sender
from chalicelib.outbound.send_mail import send_mail
from chalicelib.storage import accounts
from tests.post import ministack
from tests.post.letters import letter
from tests.post.office import Office

pytestmark = pytest.mark.cloud

ROUNDS = 12


@pytest.fixture(scope="module")
def at_ministack() -> Iterator[None]:
    """A cloud whose transactions hold under many threads."""
    with ministack.empty_cloud():
        yield


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages that SES was given, in place of SES, which the cloud of this test does not play."""
    sent: list[str] = []

    real = BaseClient._make_api_call

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation != "SendEmail":
            return real(client, operation, arguments)
        sent.append({tag["Name"]: tag["Value"] for tag in arguments["EmailTags"]}["message"])
        return {"MessageId": f"0100-{len(sent)}"}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return sent


def admin_of(office: Office) -> Caller:
    account = accounts.read(office.account_id)
    assert account is not None
    return Caller(account, office.user(office.admin_id), tuple(Scope), "tok")


def test_of_taking_back_and_sending_at_once_exactly_one_happens(at_ministack: None, left: list[str]) -> None:
    office = Office("race")
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    caller, ended = admin_of(office), Counter[str]()
    for number in range(ROUNDS):
        words = Words(direction=Direction.OUTGOING, body=MessageBody(text=f"Number {number}"))
        message = write(caller, office.conversation().id, words, None, clock.now())
        task = json.dumps({"account_id": message.account_id, "message_id": message.id})
        ready = Barrier(4)

        def take_back(message: Message = message, ready: Barrier = ready) -> bool:
            ready.wait()
            try:
                return cancel.cancel(caller, message.id, clock.now()).status == SendingStatus.CANCELLED
            except Conflict:
                return False

        def send(task: str = task, ready: Barrier = ready) -> bool:
            ready.wait()
            return send_mail(task) is SendingStatus.SENT

        with ThreadPoolExecutor(4) as threads:
            jobs = [threads.submit(job) for job in (send, take_back, send, take_back)]
            sent, taken, sent_too, taken_too = (job.result() for job in jobs)
        assert left.count(message.id) == (sent or sent_too)
        assert (sent or sent_too) != (taken or taken_too), number
        status = next(each.status for each in office.messages() if each.id == message.id)
        assert status == ("sent" if sent or sent_too else "cancelled")
        ended[status] += 1
    assert sum(ended.values()) == ROUNDS


def test_many_who_send_an_answer_again_at_once_send_it_once(at_ministack: None, left: list[str]) -> None:
    office = Office("again")
    office.count = 900
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    caller = admin_of(office)
    words = Words(direction=Direction.OUTGOING, body=MessageBody(text="Hello"))
    message = write(caller, office.conversation().id, words, None, clock.now())
    office.set_channel(enabled=False)
    task = json.dumps({"account_id": message.account_id, "message_id": message.id})
    assert send_mail(task) is SendingStatus.FAILED
    office.set_channel(enabled=True)
    ready = Barrier(4)

    def again() -> bool:
        ready.wait()
        try:
            return resend(caller, message.id, clock.now()).status == SendingStatus.QUEUED
        except Conflict:
            return False

    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(again) for _ in range(4)]
        assert any(job.result() for job in jobs)  # more than one, if they are the same to the millisecond
    sending = office.messages()[1].sending
    assert sending is not None
    assert sending.round == 1
    assert [send_mail(task) for _ in range(3)] == [SendingStatus.SENT, None, None]
    assert left == [message.id]
