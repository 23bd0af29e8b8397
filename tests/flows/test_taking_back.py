"""An answer waits to leave, and can be taken back meanwhile; what failed is sent again; what was begun is kept."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.model.conversation import ConversationStatus, Direction, Message
from chalicelib.model.inbox import Sender
from chalicelib.storage import aws
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post import cloud, outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import at
from tests.post.uploading import upload
from tests.post.writing import write

BEN = "ben@customer.example"


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


def path(office: Office, rest: str = "") -> str:
    return f"/v1/conversations/{office.conversation().id}{rest}"


def answer_of(office: Office) -> Message:
    return [each for each in office.messages() if each.direction is Direction.OUTGOING][-1]


def let_window_end(office: Office) -> None:
    """Seconds pass: the answer is due, and SQS gives its task out."""
    message = answer_of(office)
    ((pk, sk), item) = next((key, item) for key, item in cloud.table_content().items() if message.id in key[1])
    sending = json.loads(item["sending"]["S"]) | {"due_at": at(0)}
    row = {**item, "sending": {"S": json.dumps(sending)}, "pk": {"S": pk}, "sk": {"S": sk}}
    aws.client("dynamodb").put_item(TableName=cloud.TABLE, Item=row)


def task_of(message: Any) -> str:
    return json.dumps({"account_id": message.account_id, "message_id": message.id})


# --- The window


def test_an_answer_waits_as_long_as_the_account_says(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=30)
    told = write(admin, office).json
    due_at, created_at = (datetime.fromisoformat(each) for each in (told["sending"]["due_at"], told["created_at"]))
    assert timedelta(seconds=29) < due_at - created_at <= timedelta(seconds=30)
    assert outbox.send_all(office) == []  # SQS holds the task back
    assert outbox.handle(office, "send_mail", task_of(answer_of(office))) == []  # and one that comes early waits again
    assert (outbox.sent(), answer_of(office).status) == ([], "queued")
    let_window_end(office)
    assert outbox.handle(office, "send_mail", task_of(answer_of(office))) == []
    assert len(outbox.sent()) == 1


def test_without_a_window_an_answer_leaves_at_once(office: Office, admin: Visitor) -> None:
    told = write(admin, office).json
    assert told["sending"]["due_at"] <= told["created_at"]
    assert len(outbox.send_all(office)) == 1


def test_an_answer_that_is_taken_back_never_leaves_and_is_a_draft_again(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=30)
    told = write(admin, office, cc=[BEN], bcc=["boss@acme.example"], attachments=[upload(admin, "a.pdf")]).json
    taken = admin.post(f"/v1/messages/{told['id']}/cancel")
    assert taken.status == 200, taken.text
    assert (taken.json["status"], taken.json["sending"]["because_code"]) == ("cancelled", "taken_back")
    let_window_end(office)
    assert outbox.handle(office, "send_mail", task_of(answer_of(office))) == []
    assert outbox.sent() == []
    assert admin.get(path(office)).json["has_draft"]
    draft = admin.get(path(office, "/draft")).json
    assert (draft["text"], draft["cc"][0]["address"]) == ("It left us this morning.", BEN)
    assert draft["bcc"][0]["address"] == "boss@acme.example"
    assert draft["attachments"] == [{"message_id": told["id"], "index": 0}]
    again = admin.post(f"/v1/messages/{told['id']}/cancel")
    assert (again.status, again.json["status"]) == (200, "cancelled")
    office.set_answering(undo_seconds=0)
    assert write(admin, office, attachments=draft["attachments"]).status == 201
    (mail,) = outbox.send_all(office)
    assert [part.get_filename() for part in mail.mail.iter_attachments()] == ["a.pdf"]
    assert not admin.get(path(office)).json["has_draft"]


def test_taking_back_what_closed_the_conversation_opens_it(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=30)
    told = write(admin, office, close=True).json
    assert (office.conversation().status, office.user(office.admin_id).open_conversations) == ("closed", 0)
    assert admin.post(f"/v1/messages/{told['id']}/cancel").status == 200
    conversation = office.conversation()
    assert (conversation.status, conversation.closed_at) == (ConversationStatus.OPEN, None)
    assert conversation.assignee_id == office.admin_id
    assert office.user(office.admin_id).open_conversations == 1


def test_taking_back_keeps_a_draft_that_was_begun_meanwhile(office: Office, admin: Visitor) -> None:
    office.set_answering(undo_seconds=30)
    told = write(admin, office).json
    assert admin.send("PUT", path(office, "/draft"), {"text": "Another thing"}).status == 200
    assert admin.post(f"/v1/messages/{told['id']}/cancel").status == 200
    assert admin.get(path(office, "/draft")).json["text"] == "Another thing"


def test_what_has_left_or_is_leaving_cannot_be_taken_back(office: Office, admin: Visitor) -> None:
    told = write(admin, office).json
    outbox.send_all(office)
    refused = admin.post(f"/v1/messages/{told['id']}/cancel")
    assert (refused.status, refused.code) == (409, "has_left")
    comment = write(admin, office, type="comment").json
    assert admin.post(f"/v1/messages/{comment['id']}/cancel").code == "not_a_mail"


# --- Sending again


def test_S7_9_a_bounced_answer_is_sent_again_to_whom_it_did_not_reach(office: Office, admin: Visitor) -> None:
    write(admin, office, cc=[BEN])
    (first,) = outbox.send_all(office)
    outbox.handle(office, "take_feedback", outbox.event("Delivery", first, answer_of(office), recipients=[CONTACT]))
    outbox.handle(office, "take_feedback", outbox.bounce(first, answer_of(office), BEN))
    told = admin.post(f"/v1/messages/{answer_of(office).id}/resend")
    assert told.status == 200, told.text
    assert {each["address"]: each["status"] for each in told.json["sending"]["recipients"]} == {
        CONTACT: "delivered",
        BEN: "queued",
    }
    (second,) = outbox.send_all(office)
    assert (second.rcpt_to, second.mail["To"], second.mail["Cc"]) == ((BEN,), f"Ada <{CONTACT}>", BEN)
    # What comes late of the first mail says nothing of the second.
    outbox.handle(office, "take_feedback", outbox.bounce(first, answer_of(office), BEN))
    assert state(office) == {CONTACT: "delivered", BEN: "sent"}
    later = {**json.loads(outbox.event("Delivery", second, answer_of(office), recipients=[BEN]))}
    later["mail"]["tags"]["round"] = ["1"]
    outbox.handle(office, "take_feedback", json.dumps(later))
    assert state(office) == {CONTACT: "delivered", BEN: "delivered"}
    assert answer_of(office).status == "delivered"
    refused = admin.post(f"/v1/messages/{answer_of(office).id}/resend")
    assert (refused.status, refused.code) == (409, "nobody_left")


def state(office: Office) -> dict[str, str]:
    sending = answer_of(office).sending
    assert sending is not None
    return {each.address: each.status.value for each in sending.recipients}


def test_a_failed_answer_is_sent_again_and_says_so_if_it_fails_again(office: Office, admin: Visitor) -> None:
    write(admin, office)
    office.set_channel(enabled=False)
    assert outbox.send_all(office) == []
    message = answer_of(office)
    assert message.status == "failed"
    assert admin.post(f"/v1/messages/{message.id}/resend").code == "channel_off"
    office.set_channel(enabled=True)
    assert admin.post(f"/v1/messages/{message.id}/resend").status == 200
    assert admin.post(f"/v1/messages/{message.id}/resend").code == "under_way"
    assert admin.post(f"/v1/messages/{message.id}/cancel").code == "has_left"
    (mail,) = outbox.send_all(office)
    assert mail.rcpt_to == (CONTACT,)
    told = [each for each in office.messages() if "not_delivered" in each.marks]
    late = json.loads(outbox.bounce(mail, answer_of(office), CONTACT))
    late["mail"]["tags"]["round"] = ["1"]
    outbox.handle(office, "take_feedback", json.dumps(late))
    assert len([each for each in office.messages() if "not_delivered" in each.marks]) == len(told) + 1
    assert answer_of(office).status == "bounced"


def test_what_may_have_left_is_sent_again_only_by_force(office: Office, admin: Visitor) -> None:
    write(admin, office)
    message = answer_of(office)
    ((pk, sk), item) = next((key, item) for key, item in cloud.table_content().items() if message.id in key[1])
    sending = json.loads(item["sending"]["S"]) | {"status": "sending", "leased_until": at(0), "attempts": 1}
    row = {**item, "sending": {"S": json.dumps(sending)}, "pk": {"S": pk}, "sk": {"S": sk}}
    aws.client("dynamodb").put_item(TableName=cloud.TABLE, Item=row)
    outbox.take(config().outbound_queue_url)
    assert outbox.handle(office, "send_mail", task_of(message)) == []
    assert answer_of(office).status == "unconfirmed"
    refused = admin.post(f"/v1/messages/{message.id}/resend")
    assert (refused.status, refused.code) == (422, "unconfirmed")
    assert admin.post(f"/v1/messages/{message.id}/resend", {"force": True}).status == 200
    (mail,) = outbox.send_all(office)
    assert answer_of(office).status == "sent"
    # The first one had left after all: its ids lead here too.
    first = outbox.event("Send", "0100-first", message)
    assert outbox.handle(office, "take_feedback", first) == []
    raw = letter(message_id="r@customer.example", in_reply_to="0100-first@eu-central-1.amazonses.com")
    office.deliver(raw, received_at=at(60 * 24 * 700))
    assert office.messages()[-1].joined_because.code == "answers_our_message"
    assert answer_of(office).status == "sent"
    assert mail.rcpt_to == (CONTACT,)


# --- Drafts


def test_a_draft_is_its_writers_own_and_goes_when_it_is_sent(office: Office, admin: Visitor) -> None:
    ann = visitor_for(office.add_user("Ann"))
    assert admin.get(path(office, "/draft")).status == 404
    body = {"html": "<p onclick=x()>Hi</p>", "to": [{"address": CONTACT, "name": "Ada"}], "cc": ["x@y.example"]}
    kept = admin.send("PUT", path(office, "/draft"), body)
    assert (kept.status, kept.json["html"], kept.json["to"]) == (
        200,
        "<p>Hi</p>",
        [{"name": "Ada", "address": CONTACT}],
    )
    assert ann.send("PUT", path(office, "/draft"), {"text": "Mine"}).status == 200
    listed = f"/v1/inboxes/{office.inbox_id}/conversations"
    assert [each["has_draft"] for each in admin.items(listed)] == [True]
    assert write(admin, office, type="comment").status == 201
    assert admin.get(path(office)).json["has_draft"]  # a comment is not the answer that was begun
    assert write(admin, office).status == 201
    assert admin.get(path(office, "/draft")).status == 404
    assert [each["has_draft"] for each in admin.items(listed)] == [False]
    assert ann.get(path(office, "/draft")).json["text"] == "Mine"
    assert ann.delete(path(office, "/draft")).status == 204
    assert ann.get(path(office)).json["has_draft"] is False
    assert ann.delete(path(office, "/draft")).status == 204
    assert admin.send("PUT", path(office, "/draft"), {"text": "x" * 200_001}).status == 400
    assert admin.send("PUT", "/v1/conversations/cnv_nowhere/draft", {"text": "x"}).status == 404


def test_a_first_mail_has_a_draft_too(office: Office, admin: Visitor) -> None:
    draft = f"/v1/inboxes/{office.inbox_id}/draft"
    assert admin.send("PUT", draft, {"to": [CONTACT], "subject": "Your parcel", "text": "It"}).status == 200
    assert admin.get(draft).json["subject"] == "Your parcel"
    body = {"to": [CONTACT], "subject": "Your parcel", "text": "It left."}
    assert admin.post(f"/v1/inboxes/{office.inbox_id}/conversations", body).status == 201
    assert admin.get(draft).status == 404
