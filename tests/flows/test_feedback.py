"""What SES tells of an answer shows on it, opens what was closed, and is told once (§7.9)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from chalicelib.config import config
from chalicelib.model.conversation import ConversationStatus, Direction, Message, SendingStatus
from chalicelib.model.inbox import Sender
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office

BEN = "ben@customer.example"


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


def write(office: Office, admin: Visitor, **told: object) -> None:
    body = {"type": "reply", "text": "Soon.", **told}
    assert admin.post(f"/v1/conversations/{office.conversation().id}/messages", body).status == 201


def answer_of(office: Office) -> Message:
    (found,) = [each for each in office.messages() if each.direction is Direction.OUTGOING]
    return found


def told(office: Office) -> list[Message]:
    return [each for each in office.messages() if each.direction is Direction.EVENT]


def states(office: Office) -> dict[str, str]:
    sending = answer_of(office).sending
    assert sending is not None
    return {each.address: each.status.value for each in sending.recipients}


def test_S7_9_a_bounce_shows_and_opens_the_conversation_again(office: Office, admin: Visitor) -> None:
    write(office, admin, close=True)
    (mail,) = outbox.send_all(office)
    assert office.user(office.admin_id).open_conversations == 0
    bounce = outbox.bounce(mail, answer_of(office), CONTACT, said="smtp; 550 5.1.1 no such user")
    for _ in range(2):
        assert outbox.handle(office, "take_feedback", bounce) == []
    assert answer_of(office).status == "bounced"
    (event,) = told(office)
    assert event.body is not None
    assert event.body.text == f"The answer did not reach {CONTACT} (smtp; 550 5.1.1 no such user)"
    conversation = office.conversation()
    assert (conversation.status, conversation.closed_at) == (ConversationStatus.OPEN, None)
    assert (conversation.message_count, conversation.last_message_at) == (3, event.created_at)
    assert office.user(office.admin_id).open_conversations == 1
    shown = admin.get(f"/v1/messages/{answer_of(office).id}").json["sending"]
    assert shown["recipients"][0]["because_code"] == "hard_bounce"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::4])
def test_S7_9_the_order_in_which_ses_tells_does_not_matter(
    office: Office, admin: Visitor, order: tuple[int, ...]
) -> None:
    write(office, admin, cc=[BEN])
    (mail,) = outbox.send_all(office)
    answer = answer_of(office)
    events = [
        outbox.event("Send", mail, answer),
        outbox.event("Delivery", mail, answer, recipients=[CONTACT]),
        outbox.event("Complaint", mail, answer, complainedRecipients=[{"emailAddress": CONTACT}]),
        outbox.bounce(mail, answer, BEN, kind="Transient"),
    ]
    assert outbox.handle(office, "take_feedback", *(events[number] for number in order)) == []
    assert states(office) == {CONTACT: "complained", BEN: "bounced"}
    assert answer_of(office).status == "bounced"
    assert len(told(office)) == 1


def test_a_complaint_opens_nothing(office: Office, admin: Visitor) -> None:
    write(office, admin, close=True)
    (mail,) = outbox.send_all(office)
    complaint = outbox.event("Complaint", mail, answer_of(office), complainedRecipients=[{"emailAddress": CONTACT}])
    assert outbox.handle(office, "take_feedback", complaint) == []
    assert answer_of(office).status == "complained"
    assert office.conversation().status is ConversationStatus.CLOSED
    assert told(office) == []


def test_feedback_on_what_is_not_there_changes_nothing(office: Office, admin: Visitor) -> None:
    (question,) = office.messages()
    gone = {"id": "msg_nobody", "account_id": office.account_id}
    foreign = {"id": question.id, "account_id": "acc_other"}
    for each in (question, gone, foreign):
        assert outbox.handle(office, "take_feedback", outbox.event("Delivery", "id", each, recipients=[CONTACT])) == []
    assert office.messages() == [question]
    assert outbox.handle(office, "take_feedback", "no event") == [0]


class Ses:
    """SES answers as told, once for each fault, after it took the mail or not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: list[tuple[Exception, bool]] = []
        self.waits: list[int] = []  # seconds that tasks were put off
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> object:
            if operation == "SendMessage":
                self.waits.append(arguments.get("DelaySeconds", 0))
            if operation != "SendEmail" or not self.faults:
                return real(client, operation, arguments)
            fault, taken = self.faults.pop(0)
            if taken:
                real(client, operation, arguments)
            raise fault

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def answers(self, code: str, status: int = 400) -> None:
        """With an error."""
        told = {"Error": {"Code": code, "Message": "so"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self.faults.append((ClientError(told, "SendEmail"), False))


@pytest.fixture
def ses(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> Ses:
    return Ses(monkeypatch)


def test_what_ses_does_not_take_waits_and_is_sent(office: Office, admin: Visitor, ses: Ses) -> None:
    ses.answers("TooManyRequestsException", 429)
    ses.answers("ServiceUnavailable", 503)
    ses.faults.append((EndpointConnectionError(endpoint_url="https://ses"), False))
    write(office, admin)
    (task,) = outbox.take(config().outbound_queue_url)
    for attempts in range(1, 4):
        assert outbox.handle(office, "send_mail", task) == []
        assert outbox.sent() == []
        answer = answer_of(office)
        assert answer.sending is not None
        assert (answer.status, answer.sending.attempts) == ("queued", attempts)
        assert answer.sending.because is not None
        assert answer.sending.because.code == "tried_again"
        assert answer.sending.due_at > answer.created_at
    waits = [wait / least for wait, least in zip(ses.waits[1:], (5, 10, 20), strict=True)]
    assert ses.waits[0] == 0
    assert all(1 <= each <= 1.5 for each in waits)  # spread, so that what was refused together does not come together
    assert outbox.handle(office, "send_mail", task) == []
    assert len(outbox.sent()) == 1
    assert answer_of(office).status == "sent"
    assert told(office) == []


def test_what_ses_refuses_fails_at_once_and_says_why(office: Office, admin: Visitor, ses: Ses) -> None:
    ses.answers("MessageRejected")
    write(office, admin, close=True)
    assert outbox.send_all(office) == []
    answer = answer_of(office)
    assert answer.sending is not None
    assert (answer.status, answer.sending.because and answer.sending.because.code) == ("failed", "refused")
    assert office.conversation().status is ConversationStatus.OPEN
    assert len(told(office)) == 1
    assert outbox.take(config().outbound_queue_url) == []


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_answer_is_never_asked_for_again_and_settled_by_ses(
    office: Office, admin: Visitor, ses: Ses, taken: bool
) -> None:
    ses.faults.append((ConnectionClosedError(endpoint_url="https://ses"), taken))
    write(office, admin)
    mails = outbox.send_all(office)
    assert len(mails) == taken
    assert answer_of(office).status == "unconfirmed"
    assert outbox.take(config().outbound_queue_url) == []
    if not mails:
        return
    bounce = outbox.bounce(mails[0], answer_of(office), CONTACT)
    assert outbox.handle(office, "take_feedback", bounce) == []  # the first thing that SES tells of it
    assert answer_of(office).status == SendingStatus.BOUNCED
    assert len(told(office)) == 1
    office.deliver(letter(message_id="second@customer.example", in_reply_to=mails[0].public_id))
    assert office.conversation().message_count == 4
