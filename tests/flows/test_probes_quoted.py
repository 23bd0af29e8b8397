"""Mail that quotes a probe: what a person wrote becomes a conversation, whoever the person is (§7.1, §7.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest

from chalicelib.inbound.probe_words import make_token
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Sender
from chalicelib.storage import probes
from tests.api.visitor import admin_of
from tests.flows.test_probes import TEAM, Customer
from tests.post import outbox
from tests.post.aws_seen import installation
from tests.post.cloud import SIGNING_KEY
from tests.post.letters import CONTACT, bounce_of, letter
from tests.post.office import Office


@pytest.fixture
def customer(office: Office) -> Iterator[Customer]:
    with installation() as seen:
        found = Customer(office, seen)
        found.run()
        yield found


@pytest.fixture
def probe(customer: Customer) -> EmailMessage:
    return customer.probe()


def quoted(probe: EmailMessage, note: str) -> str:
    lines = "".join(f"> {line}\r\n" for line in probe.get_content().splitlines())
    return f"{note}\r\n\r\nOn Mon, 2 Mar 2026 at 09:00, Postfach <{address_of(probe)}> wrote:\r\n{lines}"


def address_of(probe: EmailMessage) -> str:
    return str(probe["From"].addresses[0].addr_spec)


def fates(customer: Customer) -> list[str]:
    found = probes.get_probe(customer.channel.account_id, customer.channel.id)
    assert found is not None
    return list(found.fates)


@pytest.mark.parametrize("sender", [f"Ada <{CONTACT}>", TEAM, "Lea <lea@shop.example>"])
@pytest.mark.parametrize("to_the_probe", [True, False])
def test_what_a_person_writes_about_a_probe_is_a_conversation(
    customer: Customer, probe: EmailMessage, sender: str, to_the_probe: bool
) -> None:
    to = address_of(probe) if to_the_probe else str(customer.channel.forwarding_address)
    reply = letter(sender=sender, to=[to], subject=f"Re: {probe['Subject']}", text=quoted(probe, "What is this?"))
    raw_id = customer.office.deliver(reply, [to])
    assert customer.office.delivery(raw_id).verdict is Verdict.FILED
    conversation = customer.office.conversation()
    assert (conversation.contact_email in sender, conversation.inbox_id) == (True, customer.office.inbox_id)
    assert fates(customer) == ["answered"]


def test_a_customer_who_quotes_an_old_probe_is_read(customer: Customer, probe: EmailMessage) -> None:
    customer.run(after=timedelta(hours=5))
    customer.probe()
    to = str(customer.channel.forwarding_address)
    customer.office.deliver(letter(to=[TEAM], text=quoted(probe, "You sent me this. And where is my parcel?")), [to])
    assert customer.office.conversation().contact_email == CONTACT
    assert fates(customer) == []  # of the newer one nothing is known


@pytest.mark.parametrize("note", ["What is this?", "Was soll das? 100 % Spam!"])
def test_a_colleague_who_sends_a_probe_on_with_a_note_is_whom_the_answer_goes_to(
    customer: Customer, probe: EmailMessage, note: str
) -> None:
    sent_on = customer.sent_on(probe, note)
    del sent_on["From"]
    sent_on["From"] = "Lea <lea@shop.example>"
    customer.redirect(sent_on)
    assert customer.office.conversation().contact_email == "lea@shop.example"  # never the probe's own address
    assert fates(customer) == ["answered"]


def test_a_probe_that_is_only_quoted_or_sent_on_is_the_probe(customer: Customer, probe: EmailMessage) -> None:
    bare = letter(sender="lea@shop.example", subject=f"Fwd: {probe['Subject']}", text=quoted(probe, ""))
    raw_id = customer.office.deliver(bare, [str(customer.channel.forwarding_address)])
    assert customer.office.delivery(raw_id).verdict is Verdict.PROBE
    assert customer.office.delivery(customer.redirect(customer.sent_on(probe))).verdict is Verdict.PROBE
    assert (customer.office.conversations(), fates(customer)) == ([], ["altered"])


def test_a_probe_that_got_a_banner_on_its_way_is_the_probe(customer: Customer, probe: EmailMessage) -> None:
    probe.set_content("[EXTERNAL] This mail comes from outside.\n\n" + probe.get_content())
    raw_id = customer.redirect(probe)
    assert customer.office.delivery(raw_id).verdict is Verdict.PROBE
    assert fates(customer) == ["altered"]


def test_the_report_about_an_answer_that_quotes_a_probe_is_the_answers(office: Office) -> None:
    office.set_channel(sender=Sender(use_for_sending=True))
    token = make_token(SIGNING_KEY.encode(), office.account_id, office.channel_id, "prb_" + "a" * 16)
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": f"It was {token}."}).status == 201
    (sent,) = outbox.send_all(office)
    (answer,) = [each for each in office.messages() if each.sending is not None]
    report = bounce_of(sent.public_id, CONTACT).replace(b"could not be", f"with {token} could not be".encode())
    delivery = office.delivery(office.deliver(report, mail_from=None))
    assert (delivery.verdict, delivery.message_id) == (Verdict.BOUNCE, answer.id)
