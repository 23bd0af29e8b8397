"""Erasing for good: nothing of a conversation is left, and nothing of another goes with it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chalicelib.errors import LostRace
from chalicelib.model.conversation import Conversation
from chalicelib.model.inbox import Sender
from chalicelib.storage import aws, conversations, erasing, held, keys, sweeps, table
from chalicelib.storage.tables import ErasureRow, Row
from tests.api.visitor import admin_of
from tests.post import outbox
from tests.post.cloud import BUCKET
from tests.post.letters import letter, long_text
from tests.post.office import Office
from tests.post.ses import at

ADA, BOB = "Ada <ada@customer.example>", "Bob <bob@customer.example>"


def rows_naming(text: str) -> list[Row]:
    """Every row of the table that says this anywhere."""
    return [row for row in Row.scan() if text in str(row.serialize())]


def objects() -> set[str]:
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())
    return {each["Key"] for each in found}


def begin(office: Office) -> tuple[Conversation, Conversation]:
    """Ada's conversation with two long mails, and Bob's."""
    office.deliver(letter(sender=ADA, message_id="one@x.example", text=long_text(12_000, 1)))
    office.deliver(
        letter(sender=ADA, message_id="two@x.example", in_reply_to="one@x.example", text=long_text(12_000, 2))
    )
    office.deliver(letter(sender=BOB, message_id="three@x.example", text=long_text(12_000, 3)))
    ada, bob = sorted(office.conversations(), key=lambda each: each.contact_email)
    return ada, bob


def test_everything_of_a_conversation_goes_and_nothing_of_another(office: Office) -> None:
    ada, bob = begin(office)
    before = objects()
    erased = erasing.erase_conversation(ada, at(9))
    assert (erased.messages, erased.raw_mails) == (2, 2)
    assert rows_naming(ada.id) == []
    assert rows_naming("two@x.example") == []
    assert office.conversation() == bob
    assert [each.message_id for each in office.messages()] == ["three@x.example"]
    gone = before - objects()
    assert {key.partition("/")[0] for key in gone} == {"raw", "bodies"}
    assert len(gone) == 4
    assert "ada@customer.example" in office.contacts()
    assert office.tickets()[0].conversation_id == bob.id
    assert len(office.tickets()) == 1


def test_mail_that_answers_what_was_erased_opens_a_conversation(office: Office) -> None:
    ada, _ = begin(office)
    signed = office.reply_address(ada)
    erasing.erase_conversation(ada, at(9))
    office.deliver(letter(sender=ADA, message_id="four@x.example", in_reply_to="two@x.example"))
    office.deliver(letter(sender=ADA, message_id="five@x.example"), [signed])
    opened = [each for each in office.conversations() if each.contact_email == "ada@customer.example"]
    assert sum(each.message_count for each in opened) == 2
    assert ada.id not in {each.id for each in opened}


def test_a_raw_mail_that_reached_two_channels_stays_for_the_other(office: Office) -> None:
    sales = office.add_channel("sales")
    raw_id = office.deliver(letter(sender=ADA), [office.address, sales.address])
    first, second = office.conversations()
    assert erasing.erase_conversation(first, at(9)).raw_mails == 0
    assert f"raw/{raw_id}" in objects()
    assert [each.conversation_id for each in office.deliveries(raw_id)] == [second.id]
    assert erasing.erase_conversation(second, at(9)).raw_mails == 1
    assert objects() == set()
    assert table.query_all(Row, keys.raw_mail(raw_id).pk, "") == []


def test_a_conversation_that_has_changed_is_not_erased(office: Office) -> None:
    ada, _ = begin(office)
    office.deliver(letter(sender=ADA, message_id="late@x.example", in_reply_to="two@x.example"))
    with pytest.raises(LostRace):
        erasing.erase_conversation(ada, at(9))
    found = conversations.get_conversation(office.account_id, ada.id)
    assert found is not None
    assert len(office.messages(found)) == 3
    erasing.erase_conversation(found, at(9))
    with pytest.raises(LostRace):
        erasing.erase_conversation(found, at(9))


def test_an_open_conversation_leaves_its_assignee_and_the_waiting_list(office: Office) -> None:
    user = office.add_user("Grace")
    office.deliver(letter(sender=ADA))
    seen = office.conversation()
    given = replace(seen, assignee_id=user.id, version=seen.version + 1)
    conversations.change_conversation(seen, given, {user.id: 1}, at(2))
    assert office.user(user.id).open_conversations == 1
    erasing.erase_conversation(office.conversation(), at(9))
    assert office.user(user.id).open_conversations == 0


def test_an_erasure_that_died_half_way_is_ended_by_the_next(office: Office) -> None:
    ada, bob = begin(office)
    erasing._take_away(ada, at(9))  # the function dies here
    assert office.conversation() == bob
    assert len(rows_naming(ada.id)) > 3
    assert erasing.finish_erasures(10) == 2  # the conversation, and its ticket
    assert rows_naming(ada.id) == []
    assert erasing.finish_erasures(10) == 0
    assert not [row for row in Row.scan() if isinstance(row, ErasureRow)]


def test_a_delivery_that_became_no_conversation_goes_with_its_raw_mail(office: Office) -> None:
    raw_id = office.deliver(letter(), spam="FAIL")
    assert erasing.erase_delivery(office.delivery(raw_id), at(9))
    assert office.unfiled() == []
    assert objects() == set()
    assert table.query_all(Row, keys.raw_mail(raw_id).pk, "") == []


def test_a_delivery_that_is_handled_again_meanwhile_stays(office: Office) -> None:
    raw_id = office.deliver(letter(), spam="FAIL")
    seen = office.delivery(raw_id)
    office.again(seen)
    with pytest.raises(LostRace):
        erasing.erase_delivery(seen, at(9))
    assert len(office.unfiled()) == 1
    assert objects() == {f"raw/{raw_id}"}


def test_a_delivery_whose_erasure_died_half_way_is_not_taken_for_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw_id = office.deliver(letter(), spam="FAIL")
    with monkeypatch.context() as dying:
        dying.setattr(aws.client("s3"), "delete_objects", _die)
        with pytest.raises(_Killed):
            erasing.erase_delivery(office.delivery(raw_id), at(9))
    assert sweeps.unhandled([raw_id], 3) == {}
    assert office.unfiled() == []
    assert erasing.finish_erasures(10) == 1
    assert objects() == set()
    assert table.query_all(Row, keys.raw_mail(raw_id).pk, "") == []


class _Killed(BaseException):
    """The function dies."""


def _die(**_: object) -> None:
    raise _Killed


def test_held_mail_is_counted_when_it_is_erased(office: Office) -> None:
    office.set_channel(enabled=False)
    first, second = (office.deliver(letter(message_id=f"{n}@x.example")) for n in (1, 2))
    assert held.how_many(office.account_id, office.channel_id) == 2
    erasing.erase_delivery(office.delivery(first), at(9))
    assert held.how_many(office.account_id, office.channel_id) == 1
    listed = held.page(office.account_id, office.channel_id, limit=10, cursor=None)
    assert [each.arrival.raw_id for each in listed.items] == [second]


def test_an_answer_that_was_sent_again_leaves_no_message_id_of_an_earlier_round(office: Office) -> None:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter(sender=ADA))
    admin, conversation = admin_of(office), office.conversation()
    written = admin.post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": "Hello."})
    (mail,) = outbox.send_all(office)
    said = {"id": written.json["id"], "account_id": office.account_id}
    bounced = outbox.event(
        "Bounce", mail, said, bounceType="Transient", bouncedRecipients=[{"emailAddress": "ada@customer.example"}]
    )
    assert outbox.handle(office, "take_feedback", bounced) == []
    assert admin.post(f"/v1/messages/{written.json['id']}/resend").status == 200
    assert len(outbox.send_all(office)) == 1
    erasing.erase_conversation(office.conversation(), at(9))
    assert rows_naming(conversation.id) == []
    assert rows_naming(mail.ses_id) == []
