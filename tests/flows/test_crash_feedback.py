"""`take_feedback` that dies at any of its calls to AWS: what is told of an answer is true in the end, and told once.

For every kind of event and every call: the function dies before it, and after it with the answer lost; then the queue
delivers the event again. No mail leaves because of it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.config import config
from chalicelib.model.conversation import ConversationStatus, Direction, Message
from tests.flows.test_crash_sending import (
    READS,
    Deaths,
    deaths,
    let_lease_run_out,
    newest_answer,
    prepared,
    sites,
    write,
)
from tests.post import outbox
from tests.post.letters import CONTACT
from tests.post.office import Office
from tests.post.outbox import Sent

__all__ = ["deaths"]  # a fixture

Told = Callable[[Sent, Message], str]


def delivery(mail: Sent, message: Message) -> str:
    return outbox.event("Delivery", mail, message, recipients=[CONTACT])


def delay(mail: Sent, message: Message) -> str:
    late = [{"emailAddress": CONTACT, "status": "4.4.1", "diagnosticCode": "smtp; 421 later"}]
    return outbox.event("DeliveryDelay", mail, message, delayedRecipients=late)


def bounce(mail: Sent, message: Message) -> str:
    return outbox.bounce(mail, message, CONTACT)


def complaint(mail: Sent, message: Message) -> str:
    return outbox.event("Complaint", mail, message, complainedRecipients=[{"emailAddress": CONTACT}])


def reject(mail: Sent, message: Message) -> str:
    return outbox.event("Reject", mail, message, reason="Bad content")


@pytest.mark.parametrize(
    ("told", "status", "events", "unconfirmed"),
    [
        (delivery, "delivered", 0, False),
        (delivery, "delivered", 0, True),
        (delay, "delayed", 0, False),
        (bounce, "bounced", 1, False),
        (bounce, "bounced", 1, True),
        (complaint, "complained", 0, False),
        (reject, "failed", 1, False),
    ],
)
def test_S7_9_what_ses_tells_is_noted_once_wherever_noting_dies(
    office: Office, deaths: Deaths, told: Told, status: str, events: int, unconfirmed: bool
) -> None:
    visitor = prepared(office)

    def answered() -> tuple[Sent, Callable[[], object]]:
        write(office, visitor, f"{len(office.messages())}")()
        (task,) = outbox.take(config().outbound_queue_url)
        if unconfirmed:  # the function that sent it died before it could note so
            deaths.run(lambda: outbox.handle(office, "send_mail", task), ("SendEmail", 0), after=True)
            let_lease_run_out(newest_answer(office))
        else:
            assert outbox.handle(office, "send_mail", task) == []
        mail = outbox.sent()[-1]
        visitor.patch(f"/v1/conversations/{office.conversation().id}", {"status": "closed"})
        body = told(mail, newest_answer(office))
        return mail, lambda: outbox.handle(office, "take_feedback", body)

    _, act = answered()
    made = deaths.run(act)
    ways = list(sites([site for site in made if site[0] not in READS]))
    assert len(ways) >= 2
    for site, after in ways:
        left, before = len(outbox.sent()), len([m for m in office.messages() if m.direction is Direction.EVENT])
        mail, act = answered()
        deaths.run(act, site, after=after)
        deaths.run(act)  # the queue delivers it again
        deaths.run(act)  # and once more, as queues do
        answer = newest_answer(office)
        assert answer.status == status, (site, after)
        assert answer.sending is not None
        assert answer.sending.ses_id == mail.ses_id, (site, after)
        assert len(outbox.sent()) == left + 1, (site, after)
        happened = [m for m in office.messages() if m.direction is Direction.EVENT]
        assert len(happened) == before + events, (site, after)
        is_open = office.conversation().status is ConversationStatus.OPEN
        assert is_open == bool(events), (site, after)
    print(f"{told.__name__}, {'unconfirmed' if unconfirmed else 'sent'}: {len(ways)} deaths, each told true and once")
