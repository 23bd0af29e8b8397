"""Reports that come as mail about an answer of ours: believed as far as they can be (decision 061)."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.model.conversation import ConversationStatus, Direction
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Sender
from chalicelib.storage import suppressions
from tests.api.visitor import admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, bounce_of, letter
from tests.post.meter import metered
from tests.post.office import Office
from tests.post.outbox import Sent
from tests.post.ses import FORGED, UNPROVEN


@pytest.fixture
def sent(office: Office) -> Sent:
    """An answer that left and closed its conversation."""
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "Soon.", "close": True}).status == 201
    (mail,) = outbox.send_all(office)
    return mail


def comes(office: Office, raw: bytes, **found: Any) -> str:
    """A report comes in, and what follows of it is noted."""
    raw_id = office.deliver(raw, mail_from=None, **{"authentication": UNPROVEN, **found})
    for body in outbox.take(config().feedback_queue_url):
        for _ in range(2):
            assert outbox.handle(office, "take_feedback", body) == []
    return raw_id


def state(office: Office) -> tuple[str, str | None]:
    (answer,) = [each for each in office.messages() if each.direction is Direction.OUTGOING]
    assert answer.sending is not None
    (recipient,) = answer.sending.recipients
    return recipient.status.value, recipient.because.code if recipient.because else None


@pytest.mark.parametrize("cites", ["SES's id", "ours"])
def test_S7_9_a_mailed_bounce_of_a_recipient_shows_and_opens_the_conversation(
    office: Office, sent: Sent, cites: str
) -> None:
    cited = sent.public_id if cites == "SES's id" else str(sent.mail["Message-ID"]).strip("<>")
    raw_id = comes(office, bounce_of(cited, CONTACT.upper()))
    assert state(office) == ("bounced", "reported_by_mail")
    assert office.conversation().status is ConversationStatus.OPEN
    (event,) = [each for each in office.messages() if each.direction is Direction.EVENT]
    assert event.body is not None
    assert "550 5.1.1 no such user" in event.body.text
    delivery = office.delivery(raw_id)
    assert (delivery.verdict, delivery.conversation_id) == (Verdict.BOUNCE, office.conversation().id)
    shown = admin_of(office).get(f"/v1/deliveries/{delivery.id}").json
    about = admin_of(office).get(f"/v1/messages/{shown['message_id']}").json
    assert (about["direction"], about["sending"]["status"]) == ("outgoing", "bounced")
    assert suppressions.among(office.account_id, [CONTACT]) == {}


def test_S7_9_a_mailed_delay_shows_and_opens_nothing(office: Office, sent: Sent) -> None:
    comes(office, bounce_of(sent.public_id, CONTACT).replace(b"Action: failed", b"Action: delayed"))
    assert state(office) == ("delayed", "reported_by_mail")
    assert office.conversation().status is ConversationStatus.CLOSED


@pytest.mark.parametrize(
    ("about", "failed", "found"),
    [
        ("cited", "somebody@else.example", {}),  # no recipient of it
        ("unknown@acme.in.postfach.test", CONTACT, {}),
        ("first@customer.example", CONTACT, {}),  # what the customer wrote
        ("cited", CONTACT, {"authentication": FORGED}),
    ],
)
def test_what_cannot_be_believed_changes_nothing(
    office: Office, sent: Sent, about: str, failed: str, found: dict[str, Any]
) -> None:
    raw_id = comes(office, bounce_of(sent.public_id if about == "cited" else about, failed), **found)
    assert state(office) == ("sent", None)
    assert office.conversation().status is ConversationStatus.CLOSED
    assert office.delivery(raw_id).verdict is Verdict.BOUNCE


def test_a_bounce_in_another_inbox_changes_nothing(office: Office, sent: Sent) -> None:
    other = office.add_channel("other", office.add_inbox("Other").id)
    office.deliver(bounce_of(sent.public_id, CONTACT), [other.address], mail_from=None)
    assert outbox.take(config().feedback_queue_url) == []


def test_a_report_takes_the_requests_of_any_mail_and_one_message(office: Office, sent: Sent) -> None:
    raw_id = office.store(bounce_of(sent.public_id, CONTACT))
    body = office.announce(raw_id, mail_from=None)
    with metered() as bill:
        assert office.handle(body) == []
    assert (bill.dynamodb, bill.calls["SendMessage"]) == (3, 1)
