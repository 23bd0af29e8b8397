"""A mail comes in: conversation, contact, ticket; the next ones join; copies are known."""

from __future__ import annotations

import itertools
import json
import random

import pytest

from chalicelib.model.conversation import ConversationStatus
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Priority, Ticketing, TicketOwner
from tests.post.letters import CONTACT, letter, long_text
from tests.post.office import Office
from tests.post.ses import FORGED, at, sns_envelope


def test_S39_S65_a_first_mail_opens_conversation_contact_and_ticket(office: Office) -> None:
    raw_id = office.deliver(letter())
    conversation = office.conversation()
    assert (conversation.contact_email, conversation.contact_name, conversation.subject) == (
        CONTACT,
        "Ada",
        "A question",
    )
    assert (conversation.message_count, conversation.participants) == (1, (CONTACT,))
    assert conversation.started_because.code == "new"
    assert conversation.assigned_because.code == "assignment_off"
    (message,) = office.messages()
    assert message.body is not None
    assert (message.body.text.strip(), message.from_ and message.from_.address) == ("Where is my parcel?", CONTACT)
    assert message.authentication.is_proven
    assert message.marks == ()
    assert message.created_at == conversation.last_message_at == at(1)
    (ticket,) = office.tickets()
    assert (ticket.id, ticket.conversation_id) == (conversation.ticket_id, conversation.id)
    assert set(office.contacts()) == {CONTACT}
    delivery = office.delivery(raw_id)
    assert (delivery.verdict, delivery.conversation_id, delivery.message_id) == (
        Verdict.FILED,
        conversation.id,
        message.id,
    )
    assert office.unfiled() == []


def test_a_notification_inside_sns_own_envelope_is_the_same(office: Office) -> None:
    raw_id = office.store(letter())
    assert office.handle(sns_envelope(office.announce(raw_id))) == []
    assert office.delivery(raw_id).verdict is Verdict.FILED


def test_S65_a_reply_joins_and_opens_no_second_ticket(office: Office) -> None:
    office.deliver(letter())
    office.deliver(
        letter(message_id="second@customer.example", in_reply_to="first@customer.example", text="It came.\r\n")
    )
    conversation = office.conversation()
    assert (conversation.message_count, conversation.last_message_at, conversation.preview) == (2, at(2), "It came.")
    first, second = office.messages()
    assert second.joined_because.code == "answers_their_message"
    assert first.contact_id == second.contact_id == conversation.contact_id
    assert len(office.tickets()) == 1


def test_an_equal_subject_joins_nothing(office: Office) -> None:
    office.deliver(letter())
    office.deliver(letter(message_id="other@customer.example", subject="Re: A question", text="Another matter"))
    assert len(office.conversations()) == 2
    assert len(office.contacts()) == 1


def test_a_copy_is_a_duplicate_whatever_way_it_came(office: Office) -> None:
    first = office.deliver(letter())
    trace = b"Received: from elsewhere by relay.example; Mon, 2 Mar 2026 09:00:05 +0100\r\nX-Relay: 2\r\n"
    second = office.deliver(trace + letter())
    third = office.deliver(letter().replace(b"\r\n", b"\n"))
    for copy in (second, third):
        delivery = office.delivery(copy)
        assert delivery.verdict is Verdict.DUPLICATE
        assert delivery.of_delivery_id == office.delivery(first).id
    assert office.conversation().message_count == 1
    assert len(office.messages()) == len(office.tickets()) == 1
    assert {each.verdict for each in office.unfiled()} == {Verdict.DUPLICATE}


def test_the_same_queue_message_again_changes_nothing(office: Office) -> None:
    body = office.announce(office.store(letter()))
    assert office.handle(body, body) == []
    assert office.handle(body) == []
    assert office.conversation().message_count == 1
    assert office.unfiled() == []


def test_the_same_message_id_with_other_content_is_another_message(office: Office) -> None:
    office.deliver(letter())
    other = office.deliver(letter(text="Something else."))
    assert office.delivery(other).verdict is Verdict.FILED
    assert sorted(m.body.text.strip() for c in office.conversations() for m in office.messages(c) if m.body) == [
        "Something else.",
        "Where is my parcel?",
    ]


def test_the_same_message_id_with_other_content_joins_what_both_cite(office: Office) -> None:
    office.deliver(letter())
    for text in ("One way.", "Another way."):
        office.deliver(letter(message_id="twice@customer.example", in_reply_to="first@customer.example", text=text))
    assert office.conversation().message_count == len(office.messages()) == 3


def test_mails_without_an_id_are_told_apart_by_their_content(office: Office) -> None:
    office.deliver(letter(message_id=None))
    copy = office.deliver(letter(message_id=None))
    office.deliver(letter(message_id=None, text="More."))
    assert office.delivery(copy).verdict is Verdict.DUPLICATE
    assert len(office.conversations()) == 2


def test_a_reply_that_arrives_before_its_question(office: Office) -> None:
    office.deliver(letter(message_id="second@customer.example", in_reply_to="first@customer.example", text="B"))
    office.deliver(letter(text="A"), received_at=at(3))
    conversation = office.conversation()
    assert conversation.message_count == 2
    assert [each.joined_because.code for each in office.messages()] == ["new", "cited_before_arrival"]


THREAD = [
    letter(
        sender=("Ada <ada@customer.example>", "Bob <bob@customer.example>")[number % 2],
        cc=[("bob@customer.example", "ada@customer.example")[number % 2]],
        message_id=f"m{number}@customer.example",
        in_reply_to=f"m{number - 1}@customer.example" if number else None,
        references=[f"m{each}@customer.example" for each in range(number)],
        text=f"Message {number}.\r\n",
    )
    for number in range(6)
]
ORDERS = [list(range(6)), list(reversed(range(6))), *(random.Random(seed).sample(range(6), 6) for seed in range(4))]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(map(str, order)))
def test_any_order_of_a_thread_ends_in_one_conversation(office: Office, order: list[int]) -> None:
    for number in order:
        office.deliver(THREAD[number])
        office.deliver(THREAD[number])
    conversation = office.conversation()
    assert conversation.message_count == 6
    assert set(conversation.participants) == {"ada@customer.example", "bob@customer.example"}
    assert {each.message_id for each in office.messages()} == {f"m{number}@customer.example" for number in range(6)}
    assert len(office.tickets()) == 1
    assert len(office.unfiled(Verdict.DUPLICATE)) == 6


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_counters_and_lists_are_right_in_any_order_of_time(office: Office, order: tuple[int, ...]) -> None:
    for number in order:
        office.deliver(THREAD[number], received_at=at(number))
    conversation = office.conversation()
    assert (conversation.message_count, conversation.last_message_at, conversation.preview) == (3, at(2), "Message 2.")
    assert [each.message_id for each in office.messages()] == [f"m{n}@customer.example" for n in range(3)]


def test_a_long_body_is_whole(office: Office) -> None:
    text = long_text(200_000)
    office.deliver(letter(text=text))
    (message,) = office.messages()
    assert message.body_key is not None
    assert message.body is not None
    assert message.body.text.split() == text.split()


def test_a_person_reopens_a_closed_conversation_a_machine_does_not(office: Office) -> None:
    user = office.add_user("Grace")
    office.deliver(letter())
    office.close(office.conversation(), at(2))
    vacation = {"Auto-Submitted": "auto-replied"}
    office.deliver(
        letter(message_id="auto@customer.example", in_reply_to="first@customer.example", headers=vacation),
        received_at=at(3),
    )
    closed = office.conversation()
    assert (closed.status, closed.message_count, closed.last_message_at) == (ConversationStatus.CLOSED, 2, at(3))
    office.deliver(letter(message_id="p@customer.example", in_reply_to="first@customer.example"), received_at=at(4))
    reopened = office.conversation()
    assert (reopened.status, reopened.message_count, reopened.closed_at) == (ConversationStatus.OPEN, 3, None)
    assert office.user(user.id).open_conversations == 0


def test_a_person_who_writes_by_a_list_reopens_too(office: Office) -> None:
    office.deliver(letter())
    office.close(office.conversation(), at(2))
    by_list = {"List-Id": "<friends.customer.example>", "Precedence": "list"}
    office.deliver(
        letter(message_id="list@customer.example", in_reply_to="first@customer.example", headers=by_list),
        received_at=at(3),
    )
    assert office.conversation().status is ConversationStatus.OPEN
    assert "automatic" not in office.messages()[-1].marks


def test_a_late_mail_reopens_and_the_list_keeps_its_order(office: Office) -> None:
    office.deliver(letter(), received_at=at(10))
    office.close(office.conversation(), at(11))
    office.deliver(letter(message_id="late@customer.example", in_reply_to="first@customer.example"), received_at=at(5))
    conversation = office.conversation()
    assert (conversation.status, conversation.last_message_at) == (ConversationStatus.OPEN, at(10))
    office.deliver(letter(message_id="x@customer.example", subject="Between"), received_at=at(7))
    assert [each.subject for each in office.conversations()] == ["A question", "Between"]


def test_S66_S69_a_ticket_takes_the_properties_of_its_channel(office: Office) -> None:
    owner = office.add_user("Hedy")
    before = office.channel().ticketing
    office.set_channel(
        ticketing=Ticketing(
            True, before.pipeline_id, before.stage_id, Priority.URGENT, TicketOwner.USER, owner_id=owner.id
        )
    )
    office.deliver(letter())
    (ticket,) = office.tickets()
    assert (ticket.priority, ticket.owner_id, ticket.owned_because.code) == (Priority.URGENT, owner.id, "fixed_owner")
    office.set_channel(ticketing=Ticketing(enabled=False))
    office.deliver(letter(message_id="other@customer.example"))
    assert len(office.conversations()) == 2
    assert len(office.tickets()) == 1


def test_S71_a_changed_setting_holds_from_the_next_mail_on(office: Office) -> None:
    forward = (
        "Please answer.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Carla <carla@else.example>\r\n"
        "Date: Mon, 2 Mar 2026 08:00:00 +0100\r\nSubject: Broken\r\nTo: <info@acme.example>\r\n"
        "Cc: <chief@else.example>\r\n\r\nIt broke.\r\n"
    )
    forwarder = "Info <info@acme.example>"
    office.deliver(letter(sender=forwarder, subject="Fwd: Broken", text=forward, message_id="f1@acme.example"))
    office.set_channel(forwards_to_original_sender=False)
    office.deliver(letter(sender=forwarder, subject="Fwd: Broken", text=forward + "2", message_id="f2@acme.example"))
    by_forwarder, by_original = office.conversations()
    assert by_original.contact_email == "carla@else.example"
    assert by_forwarder.contact_email == "info@acme.example"


def test_unproven_senders_are_marked(office: Office) -> None:
    office.deliver(letter(), authentication=FORGED)
    (message,) = office.messages()
    assert message.marks == ("sender_not_proven",)
    assert (message.authentication.spf, message.authentication.dmarc) == ("fail", "fail")


def test_inboxes_are_separate(office: Office) -> None:
    """S72-S76: an id known in one inbox says nothing in another."""
    other = office.add_inbox("Sales")
    channel = office.add_channel("sales", other.id)
    office.deliver(letter())
    office.deliver(
        letter(message_id="second@customer.example", in_reply_to="first@customer.example"), to=[channel.address]
    )
    assert office.conversation().message_count == 1
    (elsewhere,) = office.conversations(other.id)
    assert (elsewhere.message_count, elsewhere.inbox_id, elsewhere.started_because.code) == (1, other.id, "new")
    assert elsewhere.contact_id == office.conversation().contact_id


def test_the_log_names_no_address_and_no_word_of_the_mail(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.config import config

    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    config.cache_clear()
    capsys.readouterr()
    office.deliver(letter(cc=["bob@customer.example"]))
    office.deliver(letter(message_id="x@y.example"), to=["nobody@acme.in.postfach.test", "a@elsewhere.example"])
    assert office.handle("no notification") == [0]
    raw_id = office.store(letter())
    assert office.handle(office.announce(raw_id).replace(f"raw/{raw_id}", "raw/gone")) == [0]
    said = capsys.readouterr().out
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["event"] for line in lines} >= {"delivery", "receive_mail_failed"}
    for secret in (
        "ada",
        "bob",
        "grace",
        "support@",
        "nobody@",
        "a@elsewhere",
        "parcel",
        "question",
        "customer.example",
    ):
        assert secret not in said.lower().replace("raw/", ""), secret
