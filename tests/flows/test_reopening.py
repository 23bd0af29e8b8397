"""What a reply to a closed conversation does: it opens it again, or long after a new one (account setting)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.clock import stamp
from chalicelib.model.conversation import Conversation, ConversationStatus
from chalicelib.model.inbox import Sender
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses import at


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


def days_after(conversation: Conversation, days: float) -> str:
    assert conversation.closed_at is not None
    return stamp(datetime.fromisoformat(conversation.closed_at) + timedelta(days=days))


def answer_and_close(office: Office, admin: Visitor) -> tuple[outbox.Sent, Conversation]:
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin.post(path, {"type": "reply", "text": "Done.", "close": True}).status == 201
    (mail,) = outbox.send_all(office)
    return mail, office.conversation()


@pytest.mark.parametrize("way", ["signed address", "SES's id"])
def test_long_after_a_reply_begins_a_conversation_that_leads_to_the_old_one(
    office: Office, admin: Visitor, way: str
) -> None:
    office.set_answering(undo_seconds=0, new_conversation_after_days=30)
    mail, old = answer_and_close(office, admin)
    signed = way == "signed address"
    in_reply_to = None if signed else mail.public_id
    raw = letter(message_id="late@customer.example", subject="Re: A question", in_reply_to=in_reply_to)
    office.deliver(raw, [mail.reply_to if signed else office.address], received_at=days_after(old, 31))
    new, before = office.conversations()
    assert (before.id, before.status, before.message_count) == (old.id, ConversationStatus.CLOSED, 2)
    assert (new.status, new.started_because.code, new.contact_id) == ("open", "long_closed", old.contact_id)
    assert admin.get(f"/v1/conversations/{new.id}").json["continues_conversation_id"] == old.id
    # Whoever goes on in the new one stays there, though the old one is cited too.
    more = letter(message_id="later@customer.example", in_reply_to="late@customer.example", references=[mail.public_id])
    office.deliver(more, received_at=days_after(old, 32))
    assert [each.message_count for each in office.conversations()] == [2, 2]


def test_soon_after_or_without_the_setting_it_opens_the_old_one(office: Office, admin: Visitor) -> None:
    for number, (days, setting) in enumerate(((29.9, 30), (500, None)), 1):
        office.set_answering(undo_seconds=0, new_conversation_after_days=setting)
        mail, old = answer_and_close(office, admin)
        raw = letter(message_id=f"r{number}@customer.example", in_reply_to=mail.public_id)
        office.deliver(raw, received_at=days_after(old, days))
        assert (office.conversation().id, office.conversation().status) == (old.id, ConversationStatus.OPEN)


def test_a_machine_opens_nothing(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=0, new_conversation_after_days=30)
    mail, old = answer_and_close(office, admin)
    raw = letter(
        message_id="auto@customer.example", in_reply_to=mail.public_id, headers={"Auto-Submitted": "auto-replied"}
    )
    office.deliver(raw, received_at=days_after(old, 100))
    assert [each.id for each in office.conversations()] == [old.id]


def test_a_stranger_goes_on_with_nothing(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=0, new_conversation_after_days=30)
    mail, old = answer_and_close(office, admin)
    raw = letter(sender="mallory@evil.example", message_id="m@evil.example")
    office.deliver(raw, [mail.reply_to], received_at=days_after(old, 100))
    new, before = office.conversations()
    assert (new.continues_id, new.contact_email, before.message_count) == (None, "mallory@evil.example", 2)


def test_the_account_may_leave_quotes_out(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=0, quotes_original=False)
    mail, _ = answer_and_close(office, admin)
    assert "wrote:" not in mail.text
    assert b"blockquote" not in mail.raw
    assert at(0) < office.conversation().last_message_at
