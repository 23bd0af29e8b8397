"""What an answer costs: the exact requests of writing it, sending it, and noting what SES tells (docs/budgets.md)."""

from __future__ import annotations

import pytest

from chalicelib import clock
from chalicelib.config import config
from chalicelib.model.inbox import Sender
from chalicelib.outbound.take_turn import known_limits
from chalicelib.storage.secrets import signing_key
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.meter import metered
from tests.post.office import Office


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


def test_the_requests_of_an_answer(office: Office, admin: Visitor) -> None:
    signing_key()  # once in the life of a function
    known_limits(clock.now())  # once in half a minute
    (question,) = office.messages()
    path = f"/v1/conversations/{question.conversation_id}/messages"
    body = {"type": "reply", "text": "Soon.", "last_message_id": question.id}
    with metered() as writing:
        assert admin.post(path, body, idempotency_key="k").status == 201
    (task,) = outbox.take(config().outbound_queue_url)
    with metered() as sending:
        assert outbox.handle(office, "send_mail", task) == []
    (mail,) = outbox.sent()
    told = outbox.event("Delivery", mail, office.messages()[-1], recipients=[CONTACT])
    with metered() as noting:
        assert outbox.handle(office, "take_feedback", told) == []
    assert writing.calls == {
        "UpdateItem": 1,  # idempotency key
        "GetItem": 4,  # token, conversation, inbox, channel
        "BatchGetItem": 2,  # caller and account; whether the recipients are suppressed
        "Query": 1,  # what came after the message that the caller has seen
        "TransactWriteItems": 1,
        "SendMessage": 1,
    }
    assert sending.calls == {
        "UpdateItem": 1,  # its turn
        "BatchGetItem": 3,  # answer and conversation; who writes; what is quoted
        "Query": 1,  # the newest messages
        "TransactWriteItems": 2,  # claimed; sent
        "SendEmail": 1,
    }
    assert noting.calls == {
        "BatchGetItem": 1,  # answer and conversation
        "UpdateItem": 1,  # who was reached, counted for the channel's status
        "TransactWriteItems": 1,
    }


def test_a_request_without_a_key_claims_nothing(office: Office, admin: Visitor) -> None:
    signing_key()
    (question,) = office.messages()
    with metered() as writing:
        path = f"/v1/conversations/{question.conversation_id}/messages"
        assert admin.post(path, {"type": "reply", "text": "Soon."}).status == 201
    assert writing.calls["UpdateItem"] == 0
