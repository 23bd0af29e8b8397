"""A team address whose forwarding is played: redirected, late, lost, rewritten, bounced, answered (§7.6)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib.clock import derived_id, stamp
from chalicelib.inbound.probe_words import make_token
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.outbound.send_mail import send_mail
from chalicelib.outbound.take_feedback import take_feedback
from chalicelib.reconcile.observe import observe_channels
from chalicelib.reconcile.probes import MOST_A_DAY
from chalicelib.storage import aws, health, inboxes, probes, table
from chalicelib.storage.observing import Pace
from tests.api.visitor import admin_of
from tests.post.aws_seen import AwsSeen, installation
from tests.post.cloud import SIGNING_KEY
from tests.post.letters import letter
from tests.post.office import Office

TEAM = "support@shop.example"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Customer:
    """A team address at a customer's provider, and what that does with mail for it."""

    def __init__(self, office: Office, seen: AwsSeen) -> None:
        self.office, self.seen, self.now = office, seen, START
        seen.identities["shop.example"] = "SUCCESS"
        self.channel = Channel(
            account_id=office.account_id,
            id=derived_id("chn", "team"),
            inbox_id=office.inbox_id,
            type=ChannelType.TEAM_EMAIL,
            address=TEAM,
            created_at=stamp(START),
            forwarding_address=f"team@{office.address.partition('@')[2]}",
        )
        writes = table.Transaction()
        writes.put(inboxes.channel_row(self.channel))
        writes.put(inboxes.address_row(self.channel))
        writes.commit("connect a team address")

    def run(self, *, after: timedelta = timedelta(minutes=5)) -> None:
        """The scheduled run, after a while."""
        self.now += after
        observe_channels(self.now, time.monotonic() + 60, Pace(0))

    def sent(self) -> list[EmailMessage]:
        """The mails that left since the last look, sent by the function that sends."""
        queue = self.office_queue()
        self.seen.sent.clear()
        for body in queue:
            send_mail(body)
        return [message_from_bytes(each, policy=policy.default) for each in self.seen.sent]

    def office_queue(self) -> list[str]:
        """What stands on the outbound queue, taken off it."""
        from chalicelib.config import config

        url, bodies = config().outbound_queue_url, []
        while told := aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in told:
                bodies.append(each["Body"])
                aws.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return bodies

    def probe(self) -> EmailMessage:
        """The only probe that left."""
        (mail,) = [mail for mail in self.sent() if mail["To"] == TEAM]
        return mail

    def redirect(self, mail: EmailMessage, *, minutes: int = 1, to: str | None = None) -> str:
        """The provider sends a mail on as it is."""
        at = stamp(self.now + timedelta(minutes=minutes))
        return self.office.deliver(mail.as_bytes(), [to or str(self.channel.forwarding_address)], received_at=at)

    def sent_on(self, mail: EmailMessage, note: str = "") -> EmailMessage:
        """A mail as the team's mailbox sends it on: as one of its own, with a note or without."""
        forwarded = EmailMessage()
        forwarded["From"], forwarded["To"] = TEAM, str(self.channel.forwarding_address)
        forwarded["Subject"] = f"Fwd: {mail['Subject']}"
        forwarded["Message-ID"] = "<fwd@shop.example>"
        top = f"---------- Forwarded message ---------\nFrom: {mail['From']}\nDate: Mon, 2 Mar 2026 at 09:00\n"
        head = f"{top}Subject: {mail['Subject']}\nTo: <{TEAM}>\n\n\n"
        forwarded.set_content(f"{note}\n\n{head}{mail.get_content()}")
        return forwarded

    @property
    def incoming(self) -> tuple[str, str]:
        """Status and code of incoming mail."""
        found = health.get_health(self.channel.account_id, self.channel.id)
        assert found is not None
        return found.incoming.status.value, found.incoming.because.code

    def shown(self) -> Any:
        """What the API tells."""
        return admin_of(self.office).get(f"/v1/channels/{self.channel.id}/health").json


@pytest.fixture
def customer(office: Office) -> Iterator[Customer]:
    with installation() as seen:
        yield Customer(office, seen)


def proven(customer: Customer) -> None:
    """The forwarding works, as a probe has shown."""
    customer.run()
    customer.redirect(customer.probe())
    customer.run()
    assert customer.incoming == ("working", "in_order")


def test_on_connecting_a_probe_proves_the_forwarding_and_nobody_sees_it(customer: Customer) -> None:
    customer.run()
    assert customer.incoming == ("pending", "forwarding_not_proven")
    probe = customer.probe()
    assert probe["Auto-Submitted"] == "auto-generated"
    raw_id = customer.redirect(probe)
    customer.run()
    assert customer.incoming == ("working", "in_order")
    assert customer.office.conversations() == []
    assert customer.office.contacts() == {}
    assert customer.office.delivery(raw_id).verdict is Verdict.PROBE
    told = customer.shown()["probe"]
    assert list(told["fates"]) == ["returned"]
    assert told["receiving_proven_at"]
    customer.run()
    assert customer.sent() == []  # it is proven, so no other is sent


def test_two_probes_that_stay_away_disconnect_and_one_that_comes_back_heals(customer: Customer) -> None:
    proven(customer)
    customer.run(after=timedelta(hours=25))
    customer.probe()  # swallowed
    customer.run(after=timedelta(minutes=31))
    customer.run()
    assert customer.incoming == ("degraded", "probe_missing")  # one may be an accident
    customer.run()
    customer.probe()
    customer.run(after=timedelta(minutes=31))
    customer.run()
    customer.run()
    assert customer.incoming == ("disconnected", "probe_missing")
    for _ in range(20):  # it is tried again by itself
        customer.run()
        found = [mail for mail in customer.sent() if mail["To"] == TEAM]
        if found:
            customer.redirect(found[0])
            break
    customer.run()
    customer.run()
    assert customer.incoming == ("working", "in_order")


def test_a_late_probe_is_told_as_late(customer: Customer) -> None:
    proven(customer)
    customer.run(after=timedelta(hours=25))
    customer.redirect(customer.probe(), minutes=25)
    customer.run(after=timedelta(minutes=26))
    customer.run()
    assert customer.incoming == ("degraded", "probe_late")


def test_an_altered_probe_is_told_with_what_was_altered(customer: Customer) -> None:
    proven(customer)
    customer.run(after=timedelta(hours=25))
    probe = customer.probe()
    customer.redirect(customer.sent_on(probe))
    customer.run()
    customer.run()
    assert customer.incoming == ("degraded", "probe_altered")
    assert customer.shown()["probe"]["changed"] == ["sender", "subject", "text"]
    assert customer.office.conversations() == []


def test_a_bounced_probe_is_told_as_bounced(customer: Customer) -> None:
    proven(customer)
    customer.run(after=timedelta(hours=25))
    customer.probe()
    found = probes.get_probe(customer.channel.account_id, customer.channel.id)
    assert found is not None
    event = {
        "eventType": "Bounce",
        "mail": {
            "messageId": "ses-1",
            "timestamp": stamp(customer.now),
            "tags": {"account": [customer.channel.account_id], "message": [f"{found.probe_id}.{customer.channel.id}"]},
        },
        "bounce": {
            "timestamp": stamp(customer.now),
            "bounceType": "Permanent",
            "bouncedRecipients": [{"emailAddress": TEAM}],
        },
    }
    take_feedback(json.dumps(event))
    for _ in range(3):
        customer.run()
    assert customer.incoming == ("disconnected", "probe_bounced")


@pytest.mark.parametrize(
    ("by", "shown"), [({}, 2), ({"Auto-Submitted": "auto-replied"}, 0), ({"X-Autoreply": "yes"}, 0)]
)
def test_an_answered_probe_says_that_the_address_is_read_and_not_forwarded(
    customer: Customer, by: dict[str, str], shown: int
) -> None:
    """What a person writes is mail all the same, and what a machine does is nothing but evidence."""
    proven(customer)
    customer.run(after=timedelta(hours=25))
    for number in range(2):
        address = customer.probe()["From"].addresses[0].addr_spec
        sent = {"subject": "Re: what is this?", "message_id": f"{number}@shop.example"}
        reply = letter(sender="lea@shop.example", headers=by, **sent)
        raw_id = customer.office.deliver(reply, [address], received_at=stamp(customer.now))
        verdict = Verdict.FILED if shown else Verdict.PROBE
        assert customer.office.delivery(raw_id).verdict is verdict
        customer.run(after=timedelta(minutes=31))
        customer.run()
        customer.run()
    assert customer.incoming == ("disconnected", "probe_answered")
    assert len(customer.office.conversations()) == shown


def test_the_first_real_mail_proves_the_forwarding_and_writing_past_it_does_not(customer: Customer) -> None:
    customer.run()
    customer.probe()  # swallowed
    past = letter(to=[str(customer.channel.forwarding_address)])
    customer.office.deliver(past, [str(customer.channel.forwarding_address)], received_at=stamp(customer.now))
    customer.run()
    assert customer.incoming == ("pending", "forwarding_not_proven")
    real = letter(to=[TEAM], message_id="2@customer.example", text="Hello?\r\n")
    customer.office.deliver(real, [str(customer.channel.forwarding_address)], received_at=stamp(customer.now))
    customer.run()
    assert customer.incoming == ("working", "in_order")
    assert len(customer.office.conversations()) == 2


def test_a_forged_token_is_mail_like_any_other(customer: Customer) -> None:
    """Nobody proves a forwarding, or hides mail from the inbox, with a token that is not ours."""
    customer.run()
    forged = make_token(b"another key", customer.channel.account_id, customer.channel.id, "prb_" + "a" * 16)
    mail = letter(sender="eve@x.example", to=[TEAM], subject=f"Postfach tests the forwarding ({forged})")
    customer.office.deliver(mail, [str(customer.channel.forwarding_address)])
    assert len(customer.office.conversations()) == 1
    other = make_token(SIGNING_KEY.encode(), "acc_other", customer.channel.id, "prb_" + "a" * 16)
    mail = letter(
        sender="eve@x.example", to=[TEAM], subject=f"Postfach tests the forwarding ({other})", message_id="2@x.example"
    )
    customer.office.deliver(mail, [str(customer.channel.forwarding_address)])
    assert len(customer.office.conversations()) == 2


def test_an_old_probe_proves_nothing_any_more(customer: Customer) -> None:
    proven(customer)
    customer.run(after=timedelta(hours=25))
    old = customer.probe()
    customer.run(after=timedelta(minutes=40))
    customer.probe()
    customer.redirect(old)
    found = probes.get_probe(customer.channel.account_id, customer.channel.id)
    assert found is not None
    assert found.fates == {}


def test_probes_on_demand_are_limited(customer: Customer) -> None:
    visitor = admin_of(customer.office)
    path = f"/v1/channels/{customer.channel.id}/probe"
    assert visitor.post(f"/v1/channels/{customer.office.channel_id}/probe").code == "nothing_to_probe"
    told = visitor.post(path)
    assert (told.status, told.json["left_today"]) == (202, MOST_A_DAY - 1)
    assert visitor.post(path).code == "probe_under_way"
    for _ in range(MOST_A_DAY - 1):
        before = probes.get_probe(customer.channel.account_id, customer.channel.id)
        assert before is not None
        customer.redirect(customer.probe())
        assert visitor.post(path).status == 202
    customer.redirect(customer.probe())
    assert visitor.post(path).status == 429


def test_never_more_than_the_limit_a_day_whatever_happens(customer: Customer) -> None:
    customer.now = START.replace(hour=0)
    sent = 0
    for _ in range(70):  # not quite a day
        customer.run(after=timedelta(minutes=20))
        sent += len([mail for mail in customer.sent() if mail["To"] == TEAM])
    assert 1 <= sent <= MOST_A_DAY
