"""Raw mail that no notification brought here comes back by the sweep, with the envelope that SES wrote on top of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from chalice.test import Client

from app import app
from chalicelib import clock
from chalicelib.entries import handle_reconcile
from chalicelib.model.delivery import Source, Verdict
from chalicelib.reconcile.lost_mail import MAX_REQUEUES
from chalicelib.reconcile.sweep import BATCH, sweep
from chalicelib.storage import aws, sweeps
from infra.local import received
from tests.post import cloud
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office


def stored(office: Office, raw: bytes, raw_id: str, *recipients: str) -> str:
    """SES stores a mail with its headers on top; nobody hears of it."""
    to = recipients or (office.address,)
    mail = received.Transaction(raw, "ada@customer.example", to, "mx.example", "192.0.2.1", clock.now(), raw_id)
    verdicts = received.find_verdicts(received.read_headers(raw))
    return office.store(received.add_headers(mail, verdicts, "eu-central-1"), raw_id)


def full() -> dict[str, Any]:
    """The sweep of all raw mail, however young, as an operator calls it."""
    return handle_reconcile({"full": True})


def test_a_lost_mail_is_filed_with_the_envelope_of_ses_alone(office: Office) -> None:
    forged = b"Received: from x by inbound-smtp.eu-west-1.amazonaws.com with SMTP id y for boss@acme.example; now\r\n"
    claims = {"Authentication-Results": "amazonses.com; dmarc=fail", "X-SES-Spam-Verdict": "PASS"}
    stored(office, forged + letter(headers=claims), "lost")
    report = full()
    assert (report["looked_at"], report["requeued"], report["finished"], report["ran"]) == (1, 1, True, True)
    assert office.handle(*office.take_queue()) == []
    delivery = office.delivery("lost")
    assert (delivery.verdict, delivery.recipients) == (Verdict.FILED, (office.address,))
    assert (delivery.arrival.source, delivery.arrival.authentication.dmarc) == (Source.SWEEP, "fail")
    assert office.messages()[0].marks == ("sender_not_proven",)
    assert (full()["requeued"], office.take_queue()) == (0, [])


def test_what_was_handled_is_passed_by_whatever_became_of_it(office: Office) -> None:
    office.deliver(letter())
    office.deliver(letter())
    office.deliver(letter(message_id="v@x.example"), virus="FAIL")
    office.deliver(letter(message_id="n@x.example"), to=["nobody@acme.in.postfach.test", "x@y.example"])
    report = full()
    assert (report["looked_at"], report["requeued"]) == (4, 0)


def test_a_mail_of_which_one_delivery_is_missing_is_not_handled(office: Office) -> None:
    to = (office.address, "nobody@acme.in.postfach.test")
    stored(office, letter(), "half", *to)
    office.handle(office.announce("half", to))
    aws.client("dynamodb").delete_item(TableName=cloud.TABLE, Key={"pk": {"S": "RAW#half"}, "sk": {"S": "RAW"}})
    assert full()["requeued"] == 1
    assert office.handle(*office.take_queue()) == []
    assert len(office.deliveries("half")) == 2
    assert office.conversation().message_count == 1
    assert full()["requeued"] == 0


def test_all_recipients_of_a_lost_mail_get_it(office: Office) -> None:
    sales = office.add_channel("sales", office.add_inbox("Sales").id)
    stored(office, letter(), "lost", office.address, sales.address, "nobody@acme.in.postfach.test")
    full()
    assert office.handle(*office.take_queue()) == []
    assert sorted(each.verdict for each in office.deliveries("lost")) == ["filed", "filed", "no_channel"]


def test_young_mail_is_left_to_the_queue(office: Office) -> None:
    stored(office, letter(), "young")
    event = Client(app).events.generate_cw_event("aws.events", "Scheduled Event", {}, [])
    report = office.client.lambda_.invoke("reconcile", event).payload
    assert (report["looked_at"], report["requeued"], report["finished"]) == (0, 0, True)


def test_requeued_at_most_three_times_and_then_noted(office: Office) -> None:
    stored(office, letter(), "lost")
    for _ in range(MAX_REQUEUES):
        assert full()["requeued"] == 1
    for _ in range(2):
        report = full()
        assert (report["requeued"], report["given_up"]) == (0, 1)
    queued = [json.loads(body)["arrival"].get("gives_up", False) for body in office.take_queue()]
    assert sorted(queued) == [False] * MAX_REQUEUES + [True]  # the last one only for a row that says so


def test_a_mail_that_names_no_recipient_is_counted_and_no_other_waits_for_it(office: Office) -> None:
    office.store(letter(), "a-without-envelope")
    office.store(b"", "b-empty")
    stored(office, letter(), "c-lost")
    office.store(b"Amazon SES test", "AMAZON_SES_SETUP_NOTIFICATION")
    report = full()
    assert (report["looked_at"], report["unreadable"], report["requeued"]) == (3, 2, 1)


def test_one_run_at_a_time(office: Office) -> None:
    stored(office, letter(), "lost")
    now = clock.now()
    assert sweeps.take_lease("run_other", now, timedelta(minutes=10))
    report = full()
    assert (report["ran"], report["requeued"]) == (False, 0)
    assert office.take_queue() == []
    sweeps.give_back("run_other")
    assert full()["requeued"] == 1


def test_a_run_that_died_holds_the_lease_no_longer_than_it_says(office: Office) -> None:
    long_ago = clock.now() - timedelta(minutes=11)
    assert sweeps.take_lease("run_dead", long_ago, timedelta(minutes=10))
    assert full()["ran"]


def test_it_goes_on_where_it_stopped(office: Office) -> None:
    for number in range(1100):
        office.store(b"x", f"{number:04d}")
    first = sweep(everything=True, seconds=-1.0)
    assert (first.looked_at, first.finished) == (1000, False)
    assert sweeps.read_position() == "raw/0999"
    second = sweep(pages=1)
    assert (second.looked_at, second.finished) == (0, True)  # the other hundred are young
    assert sweeps.read_position() is None
    with metered() as bill:
        third = sweep(pages=1)  # from the beginning again, and no further than its pages
    assert (third.finished, sweeps.read_position(), bill.calls["ListObjectsV2"]) == (False, "raw/0999", 1)


def test_requests_grow_with_pages_not_with_mails(office: Office) -> None:
    def calls(mails: int) -> dict[str, int]:
        for number in range(mails):
            raw_id = f"{number:05d}"
            aws.client("s3").put_object(Bucket=cloud.BUCKET, Key=f"raw/{raw_id}", Body=b"x")
            item = {"pk": {"S": f"RAW#{raw_id}"}, "sk": {"S": "RAW"}, "kind": {"S": "raw_mail"}}
            aws.client("dynamodb").put_item(TableName=cloud.TABLE, Item=item)
        with metered() as bill:
            report = full()
        assert (report["looked_at"], report["requeued"]) == (mails, 0)
        return dict(bill.calls)

    few, many = calls(BATCH), calls(5 * BATCH)
    assert many["BatchGetItem"] - few["BatchGetItem"] == 4
    assert {name: many[name] - few[name] for name in few if name != "BatchGetItem"} == dict.fromkeys(
        few.keys() - {"BatchGetItem"}, 0
    )
