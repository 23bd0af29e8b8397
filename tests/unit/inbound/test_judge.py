"""The verdict on one delivery, and what hides what."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.inbound.judge import MAX_HOPS, judge_envelope, judge_mail, judge_threading
from chalicelib.mail.model import Address, Automatic, Bounce, Complaint, ParsedMail
from chalicelib.model.conversation import Direction
from chalicelib.model.delivery import Arrival, Verdict
from chalicelib.model.filing import Evidence, KnownMessageId
from chalicelib.model.inbox import Channel, ChannelType

CHANNEL = Channel("acc_a", "chn_a", "inb_a", ChannelType.FALLBACK_EMAIL, "support@acme.in.postfach.test", "")
OFF = replace(CHANNEL, enabled=False)
ARRIVAL = Arrival("raw1", "raw/raw1", "2026-03-02T08:00:00.000Z", (CHANNEL.address,))
ADA = Address("Ada", "ada@customer.example")


@pytest.mark.parametrize(
    ("channel", "found", "code"),
    [
        (None, {}, "unknown_recipient"),
        (None, {"virus": "fail", "spam": "fail"}, "unknown_recipient"),
        (OFF, {}, "channel_off"),
        (OFF, {"virus": "fail", "spam": "fail"}, "channel_off"),
        (OFF, {"released": True}, "channel_off"),
        (CHANNEL, {"virus": "fail"}, "virus"),
        (CHANNEL, {"virus": "fail", "spam": "fail", "released": True}, "virus"),
        (CHANNEL, {"spam": "fail"}, "spam"),
        (CHANNEL, {"spam": "fail", "released": True}, None),
        (CHANNEL, {"spam": "gray", "virus": "gray"}, None),
        (CHANNEL, {"spam": "processing_failed", "virus": "disabled"}, None),
        (CHANNEL, {"spam": "none", "virus": "none"}, None),
    ],
)
def test_what_can_be_said_before_reading(channel: Channel | None, found: dict[str, Any], code: str | None) -> None:
    judged = judge_envelope(channel, replace(ARRIVAL, **found))
    assert (judged.because.code if judged else None) == code


def known(direction: Direction, *, pending: bool = False) -> KnownMessageId:
    return KnownMessageId("m@x.example", "cnv_a", direction, pending)


BOUNCE = Bounce((), "hard")
COMPLAINT = Complaint((), "abuse")


@pytest.mark.parametrize(
    ("mail", "evidence", "verdict", "code"),
    [
        (ParsedMail(from_=ADA), {}, Verdict.FILED, "filed"),
        (ParsedMail(), {}, Verdict.FILED, "filed"),
        (ParsedMail(from_=ADA), {"claimed_by": "dlv_b"}, Verdict.DUPLICATE, "same_content"),
        (ParsedMail(from_=ADA), {"claimed_by": "dlv_a"}, Verdict.FILED, "filed"),
        (ParsedMail(bounce=BOUNCE), {"claimed_by": "dlv_b"}, Verdict.DUPLICATE, "same_content"),
        (ParsedMail(from_=Address(None, "SUPPORT@Acme.in.postfach.test")), {}, Verdict.LOOP, "own_address"),
        (ParsedMail(from_=Address(None, "other@acme.in.postfach.test")), {}, Verdict.FILED, "filed"),
        (ParsedMail(from_=ADA), {"own_id": known(Direction.OUTGOING)}, Verdict.LOOP, "own_message"),
        (ParsedMail(from_=ADA), {"own_id": known(Direction.OUTGOING, pending=True)}, Verdict.FILED, "filed"),
        (ParsedMail(from_=ADA), {"own_id": known(Direction.INCOMING)}, Verdict.FILED, "filed"),
        (ParsedMail(from_=ADA, received_count=MAX_HOPS), {}, Verdict.FILED, "filed"),
        (ParsedMail(from_=ADA, received_count=MAX_HOPS + 1), {}, Verdict.LOOP, "too_many_hops"),
        (ParsedMail(bounce=BOUNCE, received_count=99), {}, Verdict.LOOP, "too_many_hops"),
        (ParsedMail(from_=ADA, bounce=BOUNCE), {}, Verdict.BOUNCE, "delivery_report"),
        (ParsedMail(from_=ADA, complaint=COMPLAINT), {}, Verdict.BOUNCE, "complaint_report"),
        (ParsedMail(defects=("unreadable",)), {}, Verdict.UNREADABLE, "unreadable"),
        (ParsedMail(defects=("missing_date",)), {}, Verdict.FILED, "filed"),
    ],
)
def test_what_is_said_of_a_mail_that_was_read(
    mail: ParsedMail, evidence: dict[str, Any], verdict: Verdict, code: str
) -> None:
    judged = judge_mail(mail, Evidence(CHANNEL, **evidence), "dlv_a")
    assert (judged.verdict, judged.because.code) == (verdict, code)
    assert judged.of_delivery_id == ("dlv_b" if verdict is Verdict.DUPLICATE else None)


@pytest.mark.parametrize(
    ("kind", "joins", "verdict"),
    [
        ("auto_replied", False, Verdict.AUTO_REPLY),
        ("auto_replied", True, Verdict.FILED),
        ("receipt", False, Verdict.AUTO_REPLY),
        ("receipt", True, Verdict.FILED),
        ("auto_generated", False, Verdict.FILED),
        ("list", False, Verdict.FILED),
        ("bulk", False, Verdict.FILED),
        ("calendar", False, Verdict.FILED),
        (None, False, Verdict.FILED),
    ],
)
def test_an_automatic_reply_opens_no_conversation(kind: Any, joins: bool, verdict: Verdict) -> None:
    mail = ParsedMail(from_=ADA, automatic=Automatic(kind, ()) if kind else None)
    judgement = judge_mail(mail, Evidence(CHANNEL), "dlv_a")
    assert judge_threading(judgement, mail, joins=joins).verdict is verdict


def test_an_unreadable_mail_stays_one() -> None:
    mail = ParsedMail(defects=("unreadable",), automatic=Automatic("auto_replied", ()))
    judgement = judge_mail(mail, Evidence(CHANNEL), "dlv_a")
    assert judge_threading(judgement, mail, joins=False).verdict is Verdict.UNREADABLE
