"""A channel, people and an arrival, and the filing that follows from a mail: for tests of `inbound/file_mail.py`."""

from __future__ import annotations

from chalicelib.inbound.choose_conversation import NEW, Choice
from chalicelib.inbound.file_mail import (
    filed,
    look_up,
    own_of,
    read_as,
)
from chalicelib.mail.model import Address, ParsedMail
from chalicelib.model.conversation import Authentication, Message, Reason
from chalicelib.model.delivery import Arrival, Delivery, Verdict
from chalicelib.model.filing import Evidence, Filing
from chalicelib.model.inbox import Channel, ChannelType, Ticketing
from chalicelib.routing.choose_assignee import Assignment

ADDRESS = "support@acme.in.postfach.test"
CHANNEL = Channel(
    "acc_a",
    "chn_a",
    "inb_a",
    ChannelType.FALLBACK_EMAIL,
    ADDRESS,
    "",
    ticketing=Ticketing(pipeline_id="pip_a", stage_id="stg_a"),
)
PASS = Authentication("pass", "pass", "pass")
ARRIVAL = Arrival(
    "raw1", "raw/raw1", "2026-03-02T08:00:00.000Z", (ADDRESS,), "bounce@customer.example", authentication=PASS
)
DELIVERY = Delivery(
    "dlv_a", "acc_a", "chn_a", "inb_a", (ADDRESS,), Verdict.FILED, Reason("filed", ""), ARRIVAL, ARRIVAL.received_at
)
OWN = own_of(CHANNEL, [ADDRESS])
ADA, BOB, CAROL = (Address(n, f"{n.lower()}@customer.example") for n in ("Ada", "Bob", "Carol"))
UNASSIGNED = Assignment(None, Reason("assignment_off", ""))
JOINED = Choice(Reason("answers_their_message", ""), "cnv_a", known_participants=(ADA.address,))


def file(
    mail: ParsedMail,
    *,
    arrival: Arrival = ARRIVAL,
    evidence: Evidence | None = None,
    choice: Choice | None = None,
    inbox_id: str | None = "inb_a",
    delivery: Delivery = DELIVERY,
    forwards: bool = True,
) -> Filing:
    reading = read_as(mail, arrival, to_original_sender=forwards)
    known = evidence or Evidence(CHANNEL)
    chosen = choice or Choice(NEW)
    lookup = look_up(mail, arrival, "acc_a", "chn_a", inbox_id)
    assignment = None if chosen.conversation_id else UNASSIGNED
    return filed(delivery, reading, lookup, known, chosen, assignment, own=OWN, completes=True, replaces=None)


def message_of(filing: Filing) -> Message:
    assert filing.message is not None
    return filing.message
