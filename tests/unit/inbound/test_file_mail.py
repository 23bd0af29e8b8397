"""From decisions to what is written: participants, marks, ids, bounds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.inbound.choose_conversation import Choice, choose_conversation
from chalicelib.inbound.file_mail import (
    MAX_SUBJECT,
    NOBODY,
    Read,
    read_as,
    refreshed,
    unfiled,
)
from chalicelib.mail import read_mail
from chalicelib.mail.model import Address, Automatic, Forwarded, ParsedMail
from chalicelib.model.conversation import Authentication, Contact, Conversation
from chalicelib.model.delivery import Verdict
from chalicelib.model.filing import Evidence
from chalicelib.storage.messages import message_row
from tests.post.letters import letter
from tests.unit.inbound.filed import (
    ADA,
    ADDRESS,
    ARRIVAL,
    BOB,
    CAROL,
    CHANNEL,
    DELIVERY,
    JOINED,
    file,
    message_of,
)

# --- Who takes part


@pytest.mark.parametrize(
    ("mail", "dmarc", "expected"),
    [
        (ParsedMail(from_=ADA, to=(BOB,), cc=(CAROL,)), "pass", [ADA, BOB, CAROL]),
        (ParsedMail(from_=ADA, to=(BOB,), cc=(CAROL,)), "fail", [ADA]),
        (ParsedMail(from_=ADA, to=(BOB,), cc=(CAROL,)), "none", [ADA]),
        (ParsedMail(from_=ADA, to=(BOB,), cc=(CAROL,)), "gray", [ADA]),
        (ParsedMail(from_=ADA, to=(Address(None, ADDRESS), BOB)), "pass", [ADA, BOB]),
        (ParsedMail(from_=ADA, cc=(Address(None, "Sales@Acme.in.postfach.test"),)), "pass", [ADA]),
        (ParsedMail(from_=ADA, to=(ADA,), cc=(Address("A", "ADA@Customer.example"),)), "pass", [ADA]),
        (ParsedMail(), "pass", [Address(None, "bounce@customer.example")]),
        (ParsedMail(sender=BOB), "pass", [BOB]),
    ],
)
def test_who_takes_part_in_a_new_conversation(mail: ParsedMail, dmarc: str, expected: list[Address]) -> None:
    """Zendesk 2024: CC adds only from a sender whom DMARC proves."""
    arrival = replace(ARRIVAL, authentication=Authentication("pass", "pass", dmarc))
    filing = file(mail, arrival=arrival)
    assert filing.conversation is not None
    assert filing.conversation.participants == tuple(each.address for each in expected)


@pytest.mark.parametrize(
    ("choice", "dmarc", "added"),
    [
        (JOINED, "pass", (BOB.address,)),
        (JOINED, "fail", ()),
        (replace(JOINED, takes_part=False), "pass", ()),
        (replace(JOINED, known_participants=(ADA.address, BOB.address)), "pass", ()),
    ],
)
def test_who_is_brought_into_a_running_one(choice: Choice, dmarc: str, added: tuple[str, ...]) -> None:
    arrival = replace(ARRIVAL, authentication=Authentication(dmarc=dmarc))
    joining = file(ParsedMail(from_=ADA, cc=(BOB,)), arrival=arrival, choice=choice).joining
    assert joining is not None
    assert joining.new_participants == added
    assert joining.sender == ADA.address


FORWARD = ParsedMail(
    from_=BOB,
    to=(Address(None, ADDRESS),),
    cc=(Address(None, "added@evil.example"),),
    subject="Fwd: Broken",
    forwarded=Forwarded(ADA, to=(Address(None, "info@acme.example"),), cc=(CAROL,), text="It broke."),
)


def test_S48_S49_a_forward_belongs_to_the_original_sender() -> None:
    filing = file(FORWARD)
    message = message_of(filing)
    assert (message.from_, message.forwarded_by, message.marks) == (ADA, BOB, ("forwarded",))
    assert filing.contact is not None
    assert filing.contact.email == ADA.address


def test_S50_S51_of_a_forward_only_the_original_mails_people() -> None:
    filing = file(FORWARD)
    assert filing.conversation is not None
    assert filing.conversation.participants == (ADA.address, "info@acme.example", CAROL.address)
    assert (message_of(filing).to, message_of(filing).cc) == ((Address(None, "info@acme.example"),), (CAROL,))


def test_S49_switched_off_it_belongs_to_who_forwarded() -> None:
    message = message_of(file(FORWARD, forwards=False))
    assert (message.from_, message.forwarded_by, message.marks) == (BOB, None, ())


def test_a_forward_that_does_not_name_its_sender_is_the_forwarders() -> None:
    for original in (None, Address("Ada", "")):
        message = message_of(file(replace(FORWARD, forwarded=Forwarded(original))))
        assert (message.from_, message.forwarded_by) == (BOB, None)


def test_a_forward_into_a_running_conversation_brings_nobody_in() -> None:
    joining = file(FORWARD, choice=JOINED).joining
    assert joining is not None
    assert (joining.new_participants, joining.sender) == ((), BOB.address)


# --- What is written


def test_ids_are_derived_so_that_work_done_twice_is_the_same() -> None:
    mail = ParsedMail(from_=ADA, message_id="m@x.example", in_reply_to=("q@x.example",))
    one, two = file(mail), file(mail)
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(two)
    other = file(mail, delivery=replace(DELIVERY, id="dlv_b"))
    for name in ("message", "conversation", "contact", "ticket"):
        assert getattr(one, name).id != getattr(other, name).id
    assert one.delivery.message_id == message_of(one).id
    assert one.conversation is not None
    assert one.delivery.conversation_id == one.conversation.id


def test_a_known_contact_is_not_made_anew() -> None:
    contact = Contact("acc_a", "ctc_ada", ADA.address, "", "Ada", owner_id="usr_a")
    filing = file(
        ParsedMail(from_=Address("Other name", "ADA@customer.example")),
        evidence=Evidence(CHANNEL, contacts={ADA.address: contact}),
    )
    assert filing.contact is None
    assert message_of(filing).contact_id == "ctc_ada"


def test_nobody_has_an_address_that_can_be_nobodys() -> None:
    filing = file(ParsedMail(), arrival=replace(ARRIVAL, mail_from=None))
    assert filing.contact is not None
    assert filing.contact.email == NOBODY.address
    assert NOBODY.address.endswith("@invalid")


@pytest.mark.parametrize(
    ("mail", "changes", "marks"),
    [
        (ParsedMail(from_=ADA), {}, ()),
        (ParsedMail(from_=ADA), {"dmarc": "fail"}, ("sender_not_proven",)),
        (ParsedMail(from_=ADA), {"dmarc": "none"}, ("sender_not_proven",)),
        (ParsedMail(from_=ADA, automatic=Automatic("list", ())), {}, ("automatic",)),
        (
            ParsedMail(from_=ADA, automatic=Automatic("auto_generated", (), verification=True, no_reply=True)),
            {},
            ("automatic", "verification_mail", "no_reply_sender"),
        ),
        (ParsedMail(from_=ADA), {"takes_part": False}, ("sender_takes_no_part",)),
        (ParsedMail(from_=ADA), {"verdict": Verdict.UNREADABLE}, ("unreadable",)),
        (FORWARD, {}, ("forwarded",)),
        (ParsedMail(from_=ADA, defects=("encrypted",)), {}, ("encrypted",)),
    ],
)
def test_marks(mail: ParsedMail, changes: dict[str, Any], marks: tuple[str, ...]) -> None:
    arrival = replace(ARRIVAL, authentication=Authentication(dmarc=changes.get("dmarc", "pass")))
    choice = replace(JOINED, takes_part=changes.get("takes_part", True))
    delivery = replace(DELIVERY, verdict=changes.get("verdict", Verdict.FILED))
    assert message_of(file(mail, arrival=arrival, choice=choice, delivery=delivery)).marks == marks


def test_a_ticket_comes_with_a_new_conversation_alone() -> None:
    opened, joined = file(ParsedMail(from_=ADA)), file(ParsedMail(from_=ADA), choice=JOINED)
    assert opened.ticket is not None
    assert opened.conversation is not None
    assert opened.conversation.ticket_id == opened.ticket.id
    assert (joined.ticket, joined.conversation, joined.joining is None) == (None, None, False)


# --- What is not filed, and what is filed anew


def test_what_is_not_filed_is_the_delivery_alone() -> None:
    mail = ParsedMail(from_=ADA, subject="s" * 5000)
    filing = unfiled(DELIVERY, mail, completes=True, replaces=None)
    assert (filing.delivery.from_address, filing.delivery.subject) == (ADA.address, "s" * MAX_SUBJECT)
    assert (filing.message, filing.conversation, filing.contact, filing.ticket, filing.joining) == (None,) * 5
    unread = unfiled(DELIVERY, None, completes=True, replaces=None)
    assert unread.delivery == DELIVERY


@pytest.mark.parametrize(("defects", "verdict"), [((), Verdict.FILED), (("unreadable",), Verdict.UNREADABLE)])
def test_refreshing_keeps_place_and_decisions(defects: tuple[str, ...], verdict: Verdict) -> None:
    old = message_of(file(ParsedMail(from_=ADA, text="old"), choice=replace(JOINED, takes_part=False)))
    seen = replace(DELIVERY, verdict=Verdict.UNREADABLE, message_id=old.id, attempts=3)
    reading = read_as(ParsedMail(from_=BOB, text="new", defects=defects), ARRIVAL, to_original_sender=True)
    delivery, new = refreshed(seen, old, reading)
    kept = ("id", "created_at", "conversation_id", "contact_id", "inbox_id", "joined_because", "delivery_id")
    assert [getattr(new, name) for name in kept] == [getattr(old, name) for name in kept]
    assert (delivery.verdict, delivery.attempts, delivery.because.code) == (verdict, 4, "understood_again")
    assert new.body is not None
    assert new.body.text == "new"
    assert "sender_takes_no_part" in new.marks


# --- Any mail


@settings(max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda subject, name, text, ref: letter(
                sender=f"{name} <a@b.example>", subject=subject, text=text, references=[ref], message_id=ref + "x"
            ),
            st.text(max_size=30),
            st.text(max_size=30),
            st.text(max_size=100),
            st.text(max_size=20),
        ),
    ),
    st.none() | st.text(max_size=20),
    st.sampled_from(["pass", "fail", "none"]),
)
def test_any_mail_can_be_filed_and_written(raw: bytes, mail_from: str | None, dmarc: str) -> None:
    mail = read_mail(raw)
    arrival = replace(ARRIVAL, mail_from=mail_from, authentication=Authentication(dmarc=dmarc))
    evidence = Evidence(CHANNEL)
    reading: Read = read_as(mail, arrival, to_original_sender=True)
    choice = choose_conversation(evidence, reading.sender_address, None)
    filing = file(mail, arrival=arrival, evidence=evidence, choice=choice)
    conversation = filing.conversation
    assert isinstance(conversation, Conversation)
    assert conversation.participants[0] == reading.writer_address
    if dmarc != "pass":
        assert len(conversation.participants) == 1
    row = message_row(message_of(filing), b"", None)
    encoded = msgspec.json.encode(filing)
    assert len(encoded) < 400_000
    assert row.envelope is not None
