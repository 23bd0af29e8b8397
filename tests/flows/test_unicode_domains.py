"""Addresses whose domain is written in Unicode (RFC 6531) are kept, found and answered in one form: with A-labels."""

from __future__ import annotations

from chalicelib.contacts.erasure import is_from
from chalicelib.model.inbox import Sender
from tests.api.visitor import admin_of
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office

UNICODE, ASCII = "eva@bücher.example", "eva@xn--bcher-kva.example"


def test_a_sender_is_kept_as_they_are_answered(office: Office) -> None:
    office.deliver(letter(sender=f"Eva <{UNICODE}>", cc=["Tom@MÜLLER.example"]))
    conversation = office.conversation()
    assert conversation.participants == (ASCII, "tom@xn--mller-kva.example")
    assert conversation.contact_email == ASCII
    assert set(office.contacts()) == {ASCII}
    shown = office.messages()[0].from_
    assert shown is not None
    assert shown.address == UNICODE  # as they wrote it


def test_they_take_part_however_their_client_writes_the_domain(office: Office) -> None:
    office.deliver(letter(sender=UNICODE))
    office.deliver(letter(sender=ASCII, message_id="second@customer.example", in_reply_to="first@customer.example"))
    office.deliver(letter(sender=UNICODE, message_id="third@customer.example", in_reply_to="second@customer.example"))
    assert office.conversation().message_count == 3
    assert not any("sender_takes_no_part" in each.marks for each in office.messages())


def test_an_answer_goes_to_them_with_their_words(office: Office) -> None:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter(sender=UNICODE))
    path = f"/v1/conversations/{office.conversation().id}/messages"
    answer = admin_of(office).post(path, {"type": "reply", "text": "Hello", "to": [{"address": UNICODE}]})
    assert answer.status == 201, answer.text
    (sent,) = outbox.send_all(office)
    assert sent.rcpt_to == (ASCII,)
    assert "Where is my parcel?" in sent.text


def test_their_mail_that_became_no_conversation_is_erased_with_them(office: Office) -> None:
    office.deliver(letter(sender=UNICODE))
    raw_id = office.deliver(letter(sender=UNICODE, message_id="spam@customer.example"), spam="FAIL")
    assert is_from(office.delivery(raw_id), office.contacts()[ASCII])
