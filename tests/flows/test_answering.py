"""An answer leaves, arrives, and threads: written over HTTP, sent through SES, answered by the customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.mail.model import Address
from chalicelib.model.account import Seat
from chalicelib.model.conversation import ConversationStatus, Direction, Message, MessageBody
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import FromNameMode, Sender
from chalicelib.reconcile.sweep import sweep
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post import cloud, outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import FORGED
from tests.post.writing import write


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def reply_from_customer(office: Office, to: str, **told: Any) -> str:
    """The customer's mail client answers, a minute from now."""
    found = {name: told.pop(name) for name in ("authentication", "mail_from") if name in told}
    raw = letter(**{"message_id": "reply@customer.example", "to": [to], "text": "Thank you!\r\n", **told})
    return office.deliver(raw, [to], received_at=stamp(clock.now() + timedelta(minutes=1)), **found)


def answered(office: Office, admin: Visitor, **told: Any) -> tuple[outbox.Sent, Message]:
    """A question came in and was answered; the mail that left, and its message."""
    office.deliver(letter())
    assert write(admin, office, **told).status == 201
    (mail,) = outbox.send_all(office)
    return mail, office.messages()[-1]


def test_S3_S83_an_answer_leaves_through_the_channel_and_stands_in_the_conversation(
    office: Office, admin: Visitor
) -> None:
    office.deliver(letter())
    reply = write(admin, office)
    assert reply.status == 201, reply.text
    assert (reply.json["direction"], reply.json["status"]) == ("outgoing", "queued")
    assert reply.headers["Location"] == f"/v1/messages/{reply.json['id']}"
    (mail,) = outbox.send_all(office)
    assert (mail.mail_from, mail.rcpt_to) == (office.address, (CONTACT,))
    assert mail.mail["Subject"] == "Re: A question"
    assert mail.mail["In-Reply-To"] == "<first@customer.example>"
    assert mail.mail["References"] == "<first@customer.example>"
    assert mail.mail["Auto-Submitted"] is None
    assert str(mail.mail["From"]) == f'"Grace Hopper (Acme Inc.)" <{office.address}>'
    assert str(mail.mail["To"]) == f"Ada <{CONTACT}>"
    assert mail.mail["Cc"] is None
    assert "It left us this morning." in mail.text
    shown = admin.get(f"/v1/messages/{reply.json['id']}").json
    assert (shown["status"], shown["sending"]["status"]) == ("sent", "sent")
    assert [(each["address"], each["status"]) for each in shown["sending"]["recipients"]] == [(CONTACT, "sent")]
    conversation = office.conversation()
    assert (conversation.message_count, conversation.preview) == (2, "It left us this morning.")
    assert conversation.last_message_at == shown["created_at"]
    assert (conversation.assignee_id, conversation.assigned_because.code) == (office.admin_id, "answered_first")
    assert office.user(office.admin_id).open_conversations == 1


@pytest.mark.parametrize("way", ["signed address", "SES's id", "our own id", "only in References"])
def test_a_reply_joins_by_any_of_the_ways_it_may_come(office: Office, admin: Visitor, way: str) -> None:
    mail, message = answered(office, admin)
    ours = message.message_id
    assert ours is not None
    ways: dict[str, dict[str, Any]] = {
        "signed address": {},
        "SES's id": {"in_reply_to": mail.public_id},
        "our own id": {"in_reply_to": ours},
        "only in References": {"references": ["lost@x.example", mail.public_id]},
    }
    told = ways[way]
    to = mail.reply_to if way == "signed address" else office.address
    reply_from_customer(office, to, **told)
    *_, reply = office.messages()
    assert office.conversation().message_count == 3
    code = "signed_reply_address" if way == "signed address" else "answers_our_message"
    assert (reply.direction, reply.joined_because.code) == (Direction.INCOMING, code)
    assert len(office.tickets()) == 1


def test_a_reply_to_the_answer_is_understood_whoever_wrote_it(office: Office, admin: Visitor) -> None:
    """Who was written to takes part; a stranger's mail joins as marked, and changes nothing else (§7.3)."""
    mail, _ = answered(office, admin, cc=["Ben@Customer.example"])
    assert office.conversation().participants == (CONTACT, "ben@customer.example")
    reply_from_customer(
        office, office.address, sender="ben@customer.example", message_id="b@x", in_reply_to=mail.public_id
    )
    reply_from_customer(
        office, mail.reply_to, sender="mallory@evil.example", message_id="m@x", cc=["eve@evil.example"],
        authentication=FORGED,
    )  # fmt: skip
    *_, bens, mallorys = office.messages()
    assert "sender_takes_no_part" not in bens.marks
    assert {"sender_takes_no_part", "sender_not_proven"} <= set(mallorys.marks)
    conversation = office.conversation()
    assert conversation.contact_email == CONTACT
    assert not [each for each in conversation.participants if "evil" in each]


def test_a_reply_address_of_another_conversation_or_account_leads_nowhere(office: Office, admin: Visitor) -> None:
    mail, _ = answered(office, admin)
    forged = mail.reply_to.replace("r1.", "r1.a", 1)
    reply_from_customer(office, forged)
    assert office.conversation().message_count == 2
    foreign = mail.reply_to.replace("@acme.", "@other.")
    Office("other")
    reply_from_customer(office, foreign)
    assert office.conversation().message_count == 2


def test_our_own_mail_coming_back_is_a_loop(office: Office, admin: Visitor) -> None:
    mail, _ = answered(office, admin)
    raw_id = reply_from_customer(office, office.address, message_id=mail.public_id)
    assert office.delivery(raw_id).verdict is Verdict.LOOP
    assert office.conversation().message_count == 2


def test_a_comment_stays_here(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    before = office.conversation()
    reply = write(admin, office, type="comment", text="He called, too.")
    assert (reply.status, reply.json["direction"], reply.json["status"]) == (201, "comment", "internal")
    assert (reply.json["sending"], reply.json["author_id"]) == (None, office.admin_id)
    assert outbox.send_all(office) == []
    after = office.conversation()
    assert (after.message_count, after.preview, after.assignee_id) == (2, before.preview, None)
    assert after.last_message_at > before.last_message_at
    assert write(admin, office, type="comment", cc=["ben@customer.example"]).status == 400


def test_S28_sending_is_off_until_an_admin_turns_it_on(office: Office) -> None:
    office.deliver(letter())
    visitor = admin_of(office)
    refused = write(visitor, office)
    assert (refused.status, refused.code) == (422, "not_used_for_sending")
    assert "use_for_sending" in refused.json["detail"]
    assert write(visitor, office, type="comment").status == 201
    assert outbox.send_all(office) == []


def test_S86_nothing_leaves_through_a_channel_that_is_off(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    assert write(admin, office).status == 201
    office.set_channel(enabled=False)
    refused = write(admin, office)
    assert (refused.status, refused.code) == (422, "channel_off")
    assert outbox.send_all(office) == []  # not even what was queued before
    answer, event = office.messages()[-2:]
    assert answer.status == "failed"
    assert answer.sending is not None
    assert answer.sending.because is not None
    assert answer.sending.because.code == "channel_off"
    assert (event.direction, event.marks) == (Direction.EVENT, ("not_delivered",))


def test_the_answer_goes_to_whom_it_names_and_nobody_else(office: Office, admin: Visitor) -> None:
    """The Cc of the question is not answered unless it is named."""
    office.deliver(letter(cc=["boss@customer.example"]))
    assert write(admin, office).status == 201
    assert (
        write(admin, office, cc=["Ben@x.example", {"address": "ada@customer.example", "name": "Ada B."}]).status == 201
    )
    first, second = outbox.send_all(office)
    assert first.rcpt_to == (CONTACT,)
    assert second.rcpt_to == (CONTACT, "ben@x.example")
    assert second.mail["Cc"] == 'Ben@x.example, "Ada B." <ada@customer.example>'


def test_S48_the_answer_to_a_forward_goes_to_the_original_sender(office: Office, admin: Visitor) -> None:
    text = (
        "FYI\r\n\r\n---------- Forwarded message ---------\r\nFrom: Cleo <cleo@customer.example>\r\n"
        "Date: Mon, 2 Mar 2026 at 08:00\r\nSubject: Broken\r\nTo: <info@acme.example>\r\n\r\nIt broke.\r\n"
    )
    office.deliver(letter(sender="Colleague <col@acme.example>", subject="Fwd: Broken", text=text))
    assert write(admin, office).status == 201
    (mail,) = outbox.send_all(office)
    assert mail.rcpt_to == ("cleo@customer.example",)


def test_two_who_answer_at_once_hear_of_each_other(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    (question,) = office.messages()
    assert write(admin, office, last_message_id=question.id).status == 201
    collision = write(admin, office, last_message_id=question.id)
    assert (collision.status, collision.code) == (409, "conversation_moved_on")
    assert collision.json["newer_message_ids"] == [office.messages()[-1].id]
    assert write(admin, office, last_message_id=question.id, force=True).status == 201
    assert write(admin, office, last_message_id=office.messages()[-1].id).status == 201


def test_a_repeated_request_writes_one_answer(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    first, again = write(admin, office, key="k"), write(admin, office, key="k")
    assert (first.status, again.status) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert len(outbox.send_all(office)) == 1
    assert write(admin, office, key="k").json["status"] == "sent"
    other = write(admin, office, key="k", text="Something else")
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    colleague = visitor_for(office.add_user("Ann"))
    assert write(colleague, office, key="k").json["id"] != first.json["id"]  # another user's key
    assert write(admin, office, key="bad key").code == "bad_idempotency_key"


def test_S21_whoever_answers_first_gets_the_conversation_also_without_a_paid_seat(
    office: Office, admin: Visitor
) -> None:
    free, other = office.add_user("Fay", seat=Seat.FREE), office.add_user("Otto")
    office.deliver(letter())
    assert write(visitor_for(free), office).status == 201
    assert write(visitor_for(other), office).status == 201
    conversation = office.conversation()
    assert (conversation.assignee_id, conversation.assigned_because.code) == (free.id, "answered_first")
    assert (office.user(free.id).open_conversations, office.user(other.id).open_conversations) == (1, 0)


def test_an_answer_can_close_the_conversation_and_a_reply_opens_it(office: Office, admin: Visitor) -> None:
    mail, _ = answered(office, admin, close=True)
    conversation = office.conversation()
    assert (conversation.status, conversation.assignee_id) == (ConversationStatus.CLOSED, office.admin_id)
    assert conversation.closed_at is not None
    assert office.user(office.admin_id).open_conversations == 0
    reply_from_customer(office, mail.reply_to)
    assert office.conversation().status is ConversationStatus.OPEN
    assert office.user(office.admin_id).open_conversations == 1


def test_S29_S31_with_company_no_users_name_is_in_the_mail(office: Office, admin: Visitor) -> None:
    sender = Sender(use_for_sending=True, from_name_mode=FromNameMode.COMPANY, company_name="Acme Help")
    office.set_channel(sender=sender, signature="<p>Bye, {{user.full_name}}</p>")
    mail, message = answered(office, admin)
    assert str(mail.mail["From"]) == f"Acme Help <{office.address}>"
    assert b"Grace" not in mail.raw
    assert b"Hopper" not in mail.raw
    assert message.from_ == Address("Acme Help", office.address)


def test_S40_S44_S71_the_signature_and_names_are_those_of_today(office: Office, admin: Visitor) -> None:
    office.set_channel(signature="<p>Yours, {{user.first_name}}</p>")
    office.deliver(letter())
    assert write(admin, office).status == 201
    office.set_channel(signature="<p>Best, {{user.first_name}}</p>")  # after it was written, before it leaves
    (mail,) = outbox.send_all(office)
    assert mail.text.count("Best, Grace") == 1
    assert "Yours" not in mail.text
    assert "Best" not in (office.messages()[-1].body or MessageBody()).text


def test_html_is_cleaned_and_has_a_text(office: Office, admin: Visitor) -> None:
    html = '<p onclick="x()">Hi <b>Ada</b></p><script>x()</script><img src="https://x.example/a.png">'
    mail, message = answered(office, admin, text=None, html=html)
    part = mail.mail.get_body(("html",))
    assert part is not None
    sent = str(part.get_content())
    assert "<b>Ada</b>" in sent
    assert 'src="https://x.example/a.png"' in sent
    assert "onclick" not in sent
    assert "script" not in sent
    assert mail.text.startswith("Hi Ada")
    assert message.body is not None
    assert message.body.text.startswith("Hi Ada")


def test_an_answer_whose_queueing_failed_is_found_by_the_sweep(
    office: Office, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver(letter())
    with monkeypatch.context() as broken:
        broken.setenv("OUTBOUND_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/123456789012/not-there")
        cloud.forget_everything()
        assert write(admin, office).status == 201
    cloud.forget_everything()
    assert outbox.send_all(office) == []
    assert sweep().answers_requeued == 0  # the queue may still be at it
    assert sweep(everything=True).answers_requeued == 1
    assert len(outbox.send_all(office)) == 1
    assert sweep(everything=True).answers_requeued == 0


def test_the_same_task_twice_sends_once(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    write(admin, office)
    (body,) = outbox.take(config().outbound_queue_url)
    for _ in range(3):
        assert outbox.handle(office, "send_mail", body) == []
    assert len(outbox.sent()) == 1


@pytest.mark.parametrize("body", ["", "{}", '{"account_id": "acc_x"}', "[" * 50_000])
def test_what_is_no_task_is_a_dead_letter(office: Office, body: str) -> None:
    assert outbox.handle(office, "send_mail", body) == [0]


def test_the_timeline_of_the_contact_shows_the_answer(office: Office, admin: Visitor) -> None:
    answered(office, admin)
    contact = office.contacts()[CONTACT]
    entries = admin.items(f"/v1/contacts/{contact.id}/timeline")
    assert [(each["direction"], each["status"]) for each in entries] == [("outgoing", "sent"), ("incoming", "received")]


def test_an_answer_on_what_nobody_sent_cannot_leave(office: Office, admin: Visitor) -> None:
    """A mail without a sender has nobody to be answered."""
    office.deliver(letter(sender=None), mail_from=None)
    assert write(admin, office).code == "bad_address"
    assert write(admin, office, to=["ada@customer.example"]).status == 201


def test_the_answer_quotes_what_its_recipients_have_already(office: Office, admin: Visitor) -> None:
    office.deliver(letter(cc=["ben@customer.example"], text="Where is it?\r\n\r\n> You wrote: soon\r\n"))
    assert write(admin, office, cc=["ben@customer.example"]).status == 201
    assert write(admin, office, cc=["new@customer.example"]).status == 201
    to_whom_has_it, to_somebody_new = outbox.send_all(office)
    assert "> Where is it?" in to_whom_has_it.text
    assert f"Ada <{CONTACT}> wrote:" in to_whom_has_it.text
    assert "You wrote: soon" not in to_whom_has_it.text  # what was quoted there is not sent on
    assert "Where is it?" not in to_somebody_new.text
    assert b"blockquote" not in to_somebody_new.raw
    shown = office.messages()[1].body
    assert shown is not None
    assert "Where is it?" not in shown.text
