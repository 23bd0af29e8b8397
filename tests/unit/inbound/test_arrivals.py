"""Queue messages: SES's notification in all its forms, arrivals of our own, and whatever else lands there."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import NotANotification, PermanentFault
from chalicelib.inbound.arrivals import read_arrival
from chalicelib.model.conversation import Authentication
from chalicelib.model.delivery import Arrival, Source
from tests.post.ses import FORGED, at, notification, sns_envelope

BUCKET = "mail-bucket"


def told(**changes: Any) -> dict[str, Any]:
    return notification("raw1", ["Support@Acme.in.postfach.test"], bucket=BUCKET, **changes)


def read(notified: Any) -> Arrival:
    return read_arrival(json.dumps(notified), bucket=BUCKET)


def test_a_notification_becomes_an_arrival() -> None:
    assert read(told(received_at=at(5))) == Arrival(
        raw_id="raw1",
        raw_key="raw/raw1",
        received_at=at(5),
        recipients=("support@acme.in.postfach.test",),
        mail_from="ada@customer.example",
        spam="pass",
        virus="pass",
        authentication=Authentication("pass", "pass", "pass"),
        source=Source.SES,
    )


def test_the_same_inside_sns_own_envelope() -> None:
    assert read_arrival(sns_envelope(json.dumps(told())), bucket=BUCKET) == read(told())


def test_findings_are_lower_case_and_a_missing_one_is_none() -> None:
    forged = told(authentication=FORGED, spam="GRAY", virus="PROCESSING_FAILED")
    del forged["receipt"]["dkimVerdict"], forged["receipt"]["dmarcVerdict"]
    arrival = read(forged)
    assert arrival.authentication == Authentication("fail", "none", "none")
    assert not arrival.authentication.is_proven
    assert (arrival.spam, arrival.virus) == ("gray", "processing_failed")


@pytest.mark.parametrize(
    ("source", "mail_from"),
    [("a@x.example", "a@x.example"), ("", None), (" ", None), (None, None), (" A@X.example ", "A@X.example")],
)
def test_the_envelope_sender_may_be_empty(source: str | None, mail_from: str | None) -> None:
    """RFC 5321 §4.5.5: reports come from the null path."""
    assert read(told(mail_from=source)).mail_from == mail_from


def test_recipients_are_lower_case_and_each_once() -> None:
    notified = told()
    notified["receipt"]["recipients"] = ["B@x.example", "a@x.example ", "b@X.example"]
    assert read(notified).recipients == ("b@x.example", "a@x.example")


def test_every_recipient_is_kept_however_many() -> None:
    notified = told()
    notified["receipt"]["recipients"] = [f"{number}@x.example" for number in range(150)]
    assert len(read(notified).recipients) == 150


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z"),
        ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00.000Z"),
        ("2026-03-02T09:00:00.123456+01:00", "2026-03-02T08:00:00.123Z"),
    ],
)
def test_times_are_stamps(written: str, meant: str) -> None:
    notified = told()
    notified["receipt"]["timestamp"] = written
    assert read(notified).received_at == meant


def test_a_prefix_or_none_is_part_of_the_key() -> None:
    notified = told()
    notified["receipt"]["action"]["objectKey"] = "deep/in/raw1"
    assert read(notified).raw_key == "deep/in/raw1"


@pytest.mark.parametrize("huge", [1_000, 250_000])
def test_headers_that_ses_repeats_are_passed_over(huge: int) -> None:
    notified = told()
    notified["mail"]["headers"] = [{"name": "X", "value": "y" * huge}]
    notified["mail"]["commonHeaders"] = {"to": ["forged@acme.in.postfach.test"], "messageId": "<x>"}
    assert read(notified) == read(told())


def change(path: str, value: Any) -> dict[str, Any]:
    notified = told()
    *way, last = path.split(".")
    place = notified
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return notified


@pytest.mark.parametrize(
    "notified",
    [
        change("notificationType", "Bounce"),
        change("notificationType", ...),
        change("mail", ...),
        change("mail.messageId", ...),
        change("mail.messageId", 7),
        change("receipt", ...),
        change("receipt.recipients", []),
        change("receipt.recipients", "a@x.example"),
        change("receipt.timestamp", "yesterday"),
        change("receipt.timestamp", ""),
        change("receipt.action.bucketName", "another-bucket"),
        change("receipt.action.bucketName", ...),
        change("receipt.action.type", "SNS"),
        change("receipt.action.objectKey", ...),
        change("receipt.action.objectKey", None),
        change("receipt.spamVerdict", "PASS"),
        {"arrival": {"raw_id": "x"}},
        {"arrival": msgspec.to_builtins(read(told())), "more": 1},
        [],
        None,
        1,
    ],
    ids=lambda notified: json.dumps(notified)[:40],
)
def test_anything_else_is_no_notification(notified: Any) -> None:
    for body in (json.dumps(notified), sns_envelope(json.dumps(notified))):
        with pytest.raises(NotANotification):
            read_arrival(body, bucket=BUCKET)


def test_it_is_permanent_so_that_it_is_a_dead_letter_soon() -> None:
    assert issubclass(NotANotification, PermanentFault)


@given(st.one_of(st.text(), st.binary().map(lambda b: b.decode("latin-1")), st.text('{}[]",:ae0').filter(bool)))
def test_garbage_raises_nothing_else(body: str) -> None:
    with pytest.raises(NotANotification):
        read_arrival(body, bucket=BUCKET)


ARRIVALS = st.builds(
    Arrival,
    raw_id=st.text(max_size=20),
    raw_key=st.text(max_size=20),
    received_at=st.just(at(1)),
    recipients=st.lists(st.text(max_size=10), max_size=3).map(tuple),
    mail_from=st.none() | st.text(max_size=10),
    spam=st.sampled_from(["none", "pass", "fail"]),
    authentication=st.builds(Authentication, st.sampled_from(["none", "pass"])),
    source=st.sampled_from(Source),
    delivery_id=st.none() | st.text(max_size=10),
    after_attempts=st.integers(0, 9),
    released=st.booleans(),
    gives_up=st.booleans(),
)


@given(ARRIVALS)
def test_an_arrival_of_our_own_comes_back_as_it_was_put(arrival: Arrival) -> None:
    assert read_arrival(msgspec.json.encode({"arrival": arrival}).decode(), bucket=BUCKET) == arrival
