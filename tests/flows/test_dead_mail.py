"""Mail that the inbound queue gave up on: admins see it beside all that became no conversation (§7.1, §7.2)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.entries import LAST_TRY, handle_reconcile
from chalicelib.model.delivery import Verdict
from chalicelib.reconcile.lost_mail import MAX_REQUEUES
from tests.api.visitor import Visitor, admin_of
from tests.flows.test_lost_mail import stored
from tests.post.letters import CONTACT, letter
from tests.post.office import Office


@pytest.fixture
def admin(office: Office) -> Visitor:
    return admin_of(office)


class Outage:
    """The next transactions of the table fail, so many of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 0
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
            if operation == "TransactWriteItems" and self.left:
                self.left -= 1
                raise ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, operation)
            return real(client, operation, asked)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.fixture
def outage(office: Office, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(monkeypatch)


def tried(office: Office, body: str, attempt: int = LAST_TRY) -> int:
    """The function gets the queue message for the `attempt`th time; how many records failed."""
    event = office.client.events.generate_sqs_event([body], "inbound")
    event["Records"][0].update(messageId="0", attributes={"ApproximateReceiveCount": str(attempt)})
    return len(office.client.lambda_.invoke("receive_mail", event).payload["batchItemFailures"])


def died(office: Office, outage: Outage, *to: str) -> str:
    """A mail that failed at each of the queue's tries; the queue message."""
    office.count += 1
    raw_id = stored(office, letter(), f"dead{office.count}", *(to or (office.address,)))
    body = office.announce(raw_id, to or None)
    for attempt in range(1, LAST_TRY + 1):
        outage.left = 1
        assert office.unfiled() == []
        assert tried(office, body, attempt) == 1
    return body


def full() -> dict[str, Any]:
    return handle_reconcile({"full": True})


def test_S7_1_a_mail_that_died_is_listed_with_who_wrote_it_and_handled_again(
    office: Office, admin: Visitor, outage: Outage
) -> None:
    died(office, outage)
    (seen,) = admin.items("/v1/deliveries")
    assert (seen["verdict"], seen["because_code"]) == ("dead_letter", "dead_letter")
    assert (seen["from_address"], seen["subject"]) == (CONTACT, "A question")
    assert admin.items("/v1/deliveries?verdict=dead_letter") == [seen]
    (listed,) = admin.items("/v1/dead-letters?queue=inbound")
    assert listed == {"queue": "inbound", "about": seen["id"], "since": seen["received_at"]}
    assert admin.post(f"/v1/deliveries/{seen['id']}/replay").status == 202
    assert office.handle(*office.take_queue()) == []
    assert office.conversation().message_count == 1
    assert admin.items("/v1/deliveries") == admin.items("/v1/dead-letters?queue=inbound") == []


def test_S7_2_a_dead_letter_that_is_put_back_takes_the_place_of_its_row(
    office: Office, admin: Visitor, outage: Outage
) -> None:
    body = died(office, outage)
    (seen,) = admin.items("/v1/deliveries")
    assert office.handle(body, body) == []
    assert office.conversation().message_count == 1
    assert admin.get(f"/v1/deliveries/{seen['id']}").json["verdict"] == "filed"
    assert admin.items("/v1/deliveries") == []


def test_a_mail_that_died_heals_by_itself_when_the_outage_is_over(office: Office, outage: Outage) -> None:
    died(office, outage)
    assert full()["requeued"] == 1
    assert office.handle(*office.take_queue()) == []
    assert office.conversation().message_count == 1
    assert (full()["requeued"], office.unfiled()) == (0, [])


@pytest.mark.parametrize("further", [(), ("nobody@acme.in.postfach.test",)])
def test_S7_1_a_mail_that_kills_the_function_is_noted_by_the_sweep(
    office: Office, admin: Visitor, further: tuple[str, ...]
) -> None:
    stored(office, letter(), "killer", office.address, *further)
    for _ in range(MAX_REQUEUES):
        assert full()["requeued"] == 1
        assert len(office.take_queue()) == 1  # the function dies of it: nobody is told
    assert full()["given_up"] == 1
    assert office.handle(*office.take_queue()) == []
    (seen,) = admin.items("/v1/deliveries?verdict=dead_letter")
    assert (seen["from_address"], seen["recipients"]) == (CONTACT, [office.address])
    report = full()
    assert (report["requeued"], report["given_up"], office.take_queue()) == (0, 0, [])  # an admin's from now on
    admin.post(f"/v1/deliveries/{seen['id']}/replay")
    assert office.handle(*office.take_queue()) == []
    assert office.conversation().message_count == 1


@pytest.mark.parametrize("further", [(), ("nobody@acme.in.postfach.test",)])
def test_S7_2_a_mail_that_could_be_noted_only_at_the_last_try_is_handled_again(
    office: Office, admin: Visitor, outage: Outage, further: tuple[str, ...]
) -> None:
    stored(office, letter(), "killer", office.address, *further)
    for _ in range(MAX_REQUEUES):
        assert full()["requeued"] == 1
        office.take_queue()
    full()
    (body,) = office.take_queue()  # it says that the mail is to be given up, and fails as well
    outage.left = 1
    assert tried(office, body) == 1
    assert full()["given_up"] == 0
    (seen,) = admin.items("/v1/deliveries?verdict=dead_letter")
    admin.post(f"/v1/deliveries/{seen['id']}/replay")
    assert office.handle(*office.take_queue()) == []
    assert office.conversation().message_count == 1


def test_only_the_delivery_that_failed_is_a_dead_letter(office: Office, outage: Outage) -> None:
    sales = office.add_channel("sales", office.add_inbox("Sales").id)
    raw_id = stored(office, letter(), "half", office.address, sales.address)
    body = office.announce(raw_id, [office.address, sales.address])
    outage.left = 1
    assert tried(office, body) == 1
    assert sorted(each.verdict for each in office.deliveries(raw_id)) == ["dead_letter", "filed"]
    assert office.handle(body) == []
    assert [each.verdict for each in office.deliveries(raw_id)] == ["filed", "filed"]


def test_S87_a_mail_that_died_while_its_channel_was_off_is_held_like_others(office: Office, outage: Outage) -> None:
    office.set_channel(enabled=False)
    raw_id = stored(office, letter(), "off")
    outage.left = 1
    assert tried(office, office.announce(raw_id)) == 1
    delivery = office.delivery(raw_id)
    assert (delivery.verdict, delivery.from_address, delivery.subject) == (Verdict.CHANNEL_OFF, None, None)


def test_dead_mail_of_another_account_is_not_told(office: Office, outage: Outage) -> None:
    died(office, outage)
    other = admin_of(Office("other"))
    assert other.items("/v1/dead-letters?queue=inbound") == other.items("/v1/deliveries") == []


def test_a_replay_that_dies_leaves_the_delivery_as_it_was(office: Office, admin: Visitor, outage: Outage) -> None:
    office.deliver(letter(), spam="FAIL")
    (before,) = admin.items("/v1/deliveries")
    admin.post(f"/v1/deliveries/{before['id']}/replay", {"release": True})
    (body,) = office.take_queue()
    outage.left = 1
    assert tried(office, body) == 1
    assert admin.items("/v1/deliveries") == [before]


def test_a_mail_that_was_handled_meanwhile_is_no_dead_letter(office: Office) -> None:
    from chalicelib.inbound.give_up import give_up

    raw_id = office.deliver(letter())
    assert give_up(office.announce(raw_id), RuntimeError()) == ()
    assert office.delivery(raw_id).verdict is Verdict.FILED
    assert give_up("no notification", RuntimeError()) == ()
