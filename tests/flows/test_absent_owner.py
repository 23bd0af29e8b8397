"""S60: an owner who is away is mailed what was written, and the conversation stays nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.account import Availability, Seat, User
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.storage.tables import NoticeRow, Row
from tests.api.visitor import admin_of, visitor_for
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import at
from tests.post.stream import Stream, publish
from tests.post.suppressed import suppress


class Desk:
    """A contact whose owner is away, and what follows from mail."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.owner: User = office.add_user("Olga", availability=Availability.AWAY)
        office.deliver(letter(message_id="before@customer.example"))
        office.own_contact(CONTACT, self.owner.id)
        office.set_channel(routing=Routing(RoutingMode.CONTACT_OWNER))
        self._stream = Stream()

    def gets(self, raw: bytes, **found: Any) -> list[outbox.Sent]:
        """The mail that leaves because of this one."""
        found.setdefault("received_at", stamp(clock.now()))
        self.office.deliver(raw, **found)
        assert publish(self.office, self._stream.take()) == []
        return outbox.send_all(self.office)


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def test_S60_the_message_is_mailed_to_the_absent_owner(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter(subject="Broken", text="It broke. Help!\r\n"))
    newest = office.conversations()[0]
    assert (newest.assignee_id, newest.assigned_because.code) == (None, "owner_away")
    assert sent.rcpt_to == ("olga@acme.example",)
    assert sent.mail["Subject"] == "New message from Ada"
    for told in ("It broke. Help!", CONTACT, "Broken", newest.id, "Acme Inc."):
        assert told in sent.text
    assert (sent.mail["Auto-Submitted"], sent.mail["Reply-To"]) == ("auto-generated", None)
    assert sent.mail["From"].addresses[0].addr_spec == "no-reply@acme.in.postfach.test"


def test_S60_an_answer_to_that_mail_reaches_no_customer(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter(subject="Broken"))
    before = office.conversations()[0].message_count
    back = letter(sender="olga@acme.example", message_id="o1@acme.example", in_reply_to=sent.public_id)
    assert desk.gets(back, to=["no-reply@acme.in.postfach.test"], mail_from="olga@acme.example") == []
    assert office.conversations()[0].message_count == before


def test_S60_every_further_message_is_mailed_until_somebody_takes_it(office: Office, desk: Desk) -> None:
    desk.gets(letter(subject="Broken"))
    again = letter(message_id="again@customer.example", in_reply_to="first@customer.example", text="Hello?\r\n")
    (sent,) = desk.gets(again)
    assert "Hello?" in sent.text
    machine = letter(
        message_id="away@customer.example",
        in_reply_to="first@customer.example",
        headers={"Auto-Submitted": "auto-replied"},
    )
    assert desk.gets(machine) == []


@pytest.mark.parametrize(
    "routing", [Routing(RoutingMode.CONTACT_OWNER, only_available=False), Routing(RoutingMode.OFF)]
)
def test_S60_who_is_assigned_or_not_asked_gets_no_such_mail(office: Office, desk: Desk, routing: Routing) -> None:
    office.set_channel(routing=routing)
    assert desk.gets(letter()) == []


def test_S60_a_long_message_is_bounded_and_a_suppressed_owner_left_alone(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter(text="word " * 5000))
    assert len(sent.text) < 6000
    assert "[…]" in sent.text
    suppress(office.account_id, desk.owner.email)
    assert desk.gets(letter(message_id="more@customer.example")) == []


def test_S60_a_notice_that_comes_back_is_the_last(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter())
    told = {"id": sent.mail["Message-ID"].strip("<>").partition("@")[0], "account_id": office.account_id}
    assert told["id"].startswith("ntc_")
    body = outbox.bounce(sent, told, desk.owner.email)
    assert outbox.handle(office, "take_feedback", body) == []
    assert desk.gets(letter(message_id="more@customer.example")) == []
    assert office.conversations()[0].last_message_at > at(0)


def test_S16_who_is_not_chosen_for_the_inbox_is_mailed_nothing_by_making_oneself_the_owner(
    office: Office, desk: Desk
) -> None:
    desk.gets(letter(subject="Broken"))
    close_inbox(office, [desk.owner.id])
    mallory = office.add_user("Mallory", seat=Seat.FREE)
    contact_id = office.conversations()[0].contact_id
    assert visitor_for(mallory).patch(f"/v1/contacts/{contact_id}", {"owner_id": mallory.id}).status == 200
    again = letter(message_id="again@customer.example", in_reply_to="first@customer.example", text="A secret.\r\n")
    assert desk.gets(again) == []
    office.own_contact(CONTACT, desk.owner.id)
    third = letter(message_id="third@customer.example", in_reply_to="first@customer.example", text="Well?\r\n")
    assert [sent.rcpt_to for sent in desk.gets(third)] == [(desk.owner.email,)]


def test_S17_an_owner_who_lost_access_is_mailed_nothing_any_more(office: Office, desk: Desk) -> None:
    desk.gets(letter(subject="Broken"))
    close_inbox(office, [office.admin_id])
    again = letter(message_id="again@customer.example", in_reply_to="first@customer.example", text="A secret.\r\n")
    assert desk.gets(again) == []


def close_inbox(office: Office, user_ids: list[str]) -> None:
    """Let only these users see the inbox."""
    access = {"mode": "selected", "user_ids": user_ids}
    assert admin_of(office).patch(f"/v1/inboxes/{office.inbox_id}", {"access": access}).status == 200


def test_the_words_are_not_kept_once_they_have_left(office: Office, desk: Desk) -> None:
    desk.gets(letter(subject="Broken", text="Rumpelstiltskin lives there.\r\n"))
    (row,) = [each for each in Row.scan() if isinstance(each, NoticeRow)]
    assert (row.status, row.subject, row.text) == ("sent", "", "")
    assert CONTACT not in str(row.serialize())
