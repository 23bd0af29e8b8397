"""Acknowledgements: to proven people alone, once, without their words, and never in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model import limits
from chalicelib.model.conversation import ConversationStatus, Direction, Message, Reason
from chalicelib.model.inbox import Acknowledgement, Sender
from chalicelib.model.suppression import Suppression, suppression_id
from chalicelib.storage import automatic_keys, suppressions, table
from chalicelib.storage.tables import CountRow
from tests.api.visitor import admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import FORGED, UNPROVEN
from tests.post.stream import Stream, publish

DEFAULT = "Your message has arrived"
NOW = {"received_at": stamp(clock.now())}


class Desk:
    """An account whose channel acknowledges, and what follows from its mail."""

    def __init__(self, office: Office, **told: Any) -> None:
        self.office = office
        office.set_channel(sender=Sender(use_for_sending=True), acknowledgement=Acknowledgement(True, **told))
        self._stream = Stream()

    def follows(self) -> list[outbox.Sent]:
        """The mail that leaves because of what was written since."""
        assert publish(self.office, self._stream.take()) == []
        return outbox.send_all(self.office)

    def gets(self, raw: bytes, **found: Any) -> list[outbox.Sent]:
        """The mail that leaves because of this one."""
        found.setdefault("received_at", stamp(clock.now()))
        self.office.deliver(raw, **found)
        return self.follows()


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def written(office: Office) -> list[Message]:
    return [each for each in office.messages() if each.direction is Direction.OUTGOING]


def test_a_first_mail_is_acknowledged_as_rfc_3834_has_it(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter(subject="Buy pills", text="At http://pills.example\r\n"))
    assert sent.rcpt_to == (CONTACT,)
    mail = sent.mail
    assert (mail["To"], mail["Subject"]) == (CONTACT, DEFAULT)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["In-Reply-To"] == "<first@customer.example>"
    assert "first@customer.example" in mail["References"]
    for word in ("pills", "Ada"):
        assert word not in sent.raw.decode()
    assert "Acme Inc." in sent.text


def test_S41_the_signature_stands_in_answers_and_never_in_an_acknowledgement(office: Office, desk: Desk) -> None:
    office.set_channel(signature="<p>Bürostraße 1</p>")
    (sent,) = desk.gets(letter())
    assert "Bürostraße" not in sent.text
    html = sent.mail.get_body(("html",))
    assert html is None or "Bürostraße" not in html.get_content()
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "Here we are."}).status == 201
    (answer,) = outbox.send_all(office)
    assert answer.text.count("Bürostraße") == 1


def test_it_shows_in_the_conversation_and_changes_nothing_else(office: Office, desk: Desk) -> None:
    office.deliver(letter(), received_at=stamp(clock.now()))
    before = office.conversation()
    desk.follows()
    after = office.conversation()
    assert after == replace(before, message_count=2)
    first, acknowledgement = office.messages()
    assert first.direction is Direction.INCOMING
    assert (acknowledgement.status, acknowledgement.automatic, acknowledgement.author_id) == (
        "sent",
        "auto_replied",
        None,
    )
    assert acknowledgement.marks == ("automatic", "acknowledgement")
    items = admin_of(office).get(f"/v1/conversations/{after.id}/messages").json["items"]
    assert items[1]["automatic"] == "auto_replied"


def test_who_answers_it_is_in_the_same_conversation_and_gets_no_second_one(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter())
    assert desk.gets(letter(message_id="two@customer.example"), to=[sent.reply_to]) == []
    assert desk.gets(letter(message_id="three@customer.example", in_reply_to=sent.public_id)) == []
    assert office.conversation().message_count == 4


def test_an_acknowledgement_is_nothing_new_to_whoever_answers(office: Office, desk: Desk) -> None:
    desk.gets(letter())
    first = office.messages()[0]
    body = {"type": "reply", "text": "Soon.", "last_message_id": first.id}
    path = f"/v1/conversations/{first.conversation_id}/messages"
    assert admin_of(office).post(path, body).status == 201


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, {"authentication": FORGED}),
        ({}, {"authentication": UNPROVEN}),
        ({"Auto-Submitted": "auto-generated"}, {}),
        ({"Auto-Submitted": "auto-replied"}, {}),
        ({"Precedence": "bulk"}, {}),
        ({"List-Id": "<news.customer.example>"}, {}),
        ({"List-Unsubscribe": "<mailto:u@customer.example>"}, {}),
        ({}, {"received_at": "2026-03-02T08:00:00.000Z"}),
    ],
)
def test_who_is_no_proven_person_gets_none(desk: Desk, headers: Mapping[str, str], found: dict[str, Any]) -> None:
    """Zendesk relay spam 2025/26: acknowledgements flooded whoever tickets were opened in the name of."""
    assert desk.gets(letter(headers=headers), **found) == []


@pytest.mark.parametrize(
    "sender",
    [
        "postmaster@customer.example",
        "MAILER-DAEMON@customer.example",
        "no-reply@customer.example",
        "owner-list@customer.example",
        "list-request@customer.example",
        "support@other.in.postfach.test",
    ],
)
def test_what_is_nobodys_mailbox_or_our_own_gets_none(desk: Desk, sender: str) -> None:
    assert desk.gets(letter(sender=sender), mail_from=sender) == []


def test_an_empty_return_path_gets_none(desk: Desk) -> None:
    """RFC 3834 §2: automatic mail is not answered, and a bounce has no return path."""
    assert desk.gets(letter(headers={"Auto-Submitted": "auto-replied"}), mail_from=None) == []


def test_a_forwarded_mail_gets_none(office: Office, desk: Desk) -> None:
    """DMARC proves who forwarded it, not who wrote it first."""
    text = (
        "Please answer.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Carla <carla@else.example>\r\n"
        "Date: Mon, 2 Mar 2026 at 09:00\r\nSubject: Broken\r\nTo: <info@acme.example>\r\n\r\nIt is broken.\r\n"
    )
    sender = "info@acme.example"
    assert desk.gets(letter(sender=sender, subject="Fwd: Broken", text=text), mail_from=sender) == []
    assert office.conversation().contact_email == "carla@else.example"


def test_none_leaves_unless_the_channel_wants_it_and_may_send(office: Office, desk: Desk) -> None:
    office.set_channel(acknowledgement=Acknowledgement(False))
    assert desk.gets(letter()) == []
    office.set_channel(acknowledgement=Acknowledgement(True), sender=Sender(use_for_sending=False))
    assert desk.gets(letter(message_id="two@customer.example")) == []


def test_a_suppressed_address_gets_none(office: Office, desk: Desk) -> None:
    because = Reason("complaint", "Unwanted.")
    told = Suppression(office.account_id, suppression_id(CONTACT), CONTACT, because, stamp(clock.now()))
    suppressions.add([told])
    assert desk.gets(letter()) == []


def test_a_person_gets_one_a_day(desk: Desk) -> None:
    assert len(desk.gets(letter())) == 1
    assert desk.gets(letter(message_id="another@customer.example")) == []
    other = "ben@customer.example"
    assert len(desk.gets(letter(sender=other, message_id="third@customer.example"), mail_from=other)) == 1


@pytest.mark.parametrize("number", range(3))
def test_each_limit_of_acknowledgements_holds(office: Office, desk: Desk, number: int) -> None:
    spending = limits.acknowledgements(office.account_id, CONTACT)[number]
    window = spending.budget.window_of(clock.now())
    writes = table.Transaction()
    key = automatic_keys.limit(spending.budget.name, window, spending.account_id, spending.address)
    writes.put(CountRow(*key, times=spending.budget.most))
    writes.commit("use a limit up")
    assert desk.gets(letter()) == []
    assert written(office) == []


def test_told_twice_it_leaves_once(office: Office, desk: Desk) -> None:
    office.deliver(letter(), received_at=stamp(clock.now()))
    stream = Stream()
    stream._seen = {}
    records = stream.take()
    assert publish(office, records) == publish(office, records) == []
    assert len(outbox.send_all(office)) == 1
    assert publish(office, records) == []
    assert outbox.send_all(office) == []
    assert office.conversation().message_count == 2


def test_one_that_does_not_arrive_opens_nothing_and_is_the_last(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter())
    office.close(office.conversation(), stamp(clock.now()))
    (message,) = written(office)
    assert outbox.handle(office, "take_feedback", outbox.bounce(sent, message, CONTACT)) == []
    assert office.conversation().status is ConversationStatus.CLOSED
    assert written(office)[0].status == "bounced"
    assert [each.direction for each in office.messages()] == [Direction.INCOMING, Direction.OUTGOING]
    assert set(suppressions.among(office.account_id, [CONTACT])) == {CONTACT}


def test_own_words_are_filled_and_cleaned(office: Office) -> None:
    desk = Desk(office, subject="Got it", html="<p>Thanks from <b>{{company.name}}</b> ({{channel.address}})</p>")
    (sent,) = desk.gets(letter())
    assert sent.mail["Subject"] == "Got it"
    assert "Thanks from Acme Inc. (support@acme.in.postfach.test)" in " ".join(sent.text.replace("*", "").split())


def test_two_accounts_that_acknowledge_each_other_stop_at_once(empty_cloud: None) -> None:
    """Each acknowledges first mails; the one begins with a mail to the other, over custom from addresses."""
    ours, theirs = Desk(Office("acme")), Desk(Office("globex"))
    theirs.office.count = 100  # SES gives each mail an id of its own
    sender = "hello@globex.example"
    (first,) = ours.gets(letter(sender=sender, to=[ours.office.address]), mail_from=sender)
    # Their mailbox hello@globex.example forwards to Postfach: the acknowledgement comes in there.
    back = theirs.gets(first.raw, to=[theirs.office.address], mail_from="bounce@amazonses.com")
    assert back == []
    assert theirs.office.unfiled()[0].verdict == "auto_reply"


def test_a_vacation_responder_does_not_loop(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter())
    away = letter(
        message_id="away@customer.example",
        subject="Out of office",
        in_reply_to=sent.public_id,
        headers={"Auto-Submitted": "auto-replied"},
    )
    assert desk.gets(away, to=[sent.reply_to]) == []
    assert desk.gets(letter(message_id="a2@customer.example", headers={"Auto-Submitted": "auto-replied"})) == []
    assert len(written(office)) == 1


def test_one_that_came_back_for_good_is_sent_again_only_once_its_address_is_free(office: Office, desk: Desk) -> None:
    (sent,) = desk.gets(letter())
    (acknowledgement,) = written(office)
    bounced = outbox.bounce(sent, acknowledgement, CONTACT, kind="Permanent", said="550 5.1.1 gone")
    assert outbox.handle(office, "take_feedback", bounced) == []
    admin, path = admin_of(office), f"/v1/messages/{acknowledgement.id}/resend"
    for body in (None, {"force": True}):
        refused = admin.post(path, body)
        assert (refused.status, refused.code) == (409, "suppressed")
    assert outbox.send_all(office) == []
    (listed,) = admin.items("/v1/suppressions")
    assert admin.delete(f"/v1/suppressions/{listed['id']}").status == 204
    assert admin.post(path).status in (200, 202)
    assert len(outbox.send_all(office)) == 1


def test_what_a_person_wrote_is_sent_again_to_a_suppressed_address(office: Office, desk: Desk) -> None:
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "Soon."}).status == 201
    (sent,) = outbox.send_all(office)
    (answer,) = written(office)
    bounced = outbox.bounce(sent, answer, CONTACT, kind="Permanent", said="550 5.1.1 gone")
    assert outbox.handle(office, "take_feedback", bounced) == []
    assert admin_of(office).post(f"/v1/messages/{answer.id}/resend").status in (200, 202)
    assert len(outbox.send_all(office)) == 1


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("All", False),
        ("OOF", False),
        ("AutoReply", False),
        ("DR, RN, NRN, OOF, AutoReply", False),
        ("DR;autoreply", False),
        ("DR, NDR, RN, NRN", True),
        ("None", True),
        ("", True),
    ],
)
def test_whoever_asks_for_no_automatic_answer_gets_none_and_is_read_like_others(
    office: Office, desk: Desk, asked: str, answered: bool
) -> None:
    """MS-OXCMAIL §2.1.3.2.20: Exchange writes it into what people wrote, too."""
    left = desk.gets(letter(headers={"X-Auto-Response-Suppress": asked}))
    assert [each.rcpt_to for each in left] == ([(CONTACT,)] if answered else [])
    first = office.messages()[0]
    assert (first.automatic, first.marks) == (None, () if answered else ("wants_no_automatic_answer",))
    assert office.conversation().status is ConversationStatus.OPEN
