"""A conversation moved to another inbox: by whom, what moves with it, and where replies go then."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.model.account import Role
from chalicelib.model.conversation import Direction
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.reconcile.run import reconcile
from chalicelib.storage.observing import Pace
from tests.api.visitor import Visitor, visitor_for
from tests.post import outbox
from tests.post.cloud import table_content
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses import at


@pytest.fixture
def sales(office: Office, admin: Visitor) -> dict[str, Any]:
    """Another inbox that answers, and its channel."""
    made = admin.post("/v1/inboxes", {"name": "Sales", "use_for_sending": True}).json
    (channel,) = admin.items(f"/v1/inboxes/{made['id']}/channels")
    return {**made, "channel": channel}


def move(visitor: Visitor, conversation_id: str, inbox_id: str, **more: str) -> Any:
    return visitor.post(f"/v1/conversations/{conversation_id}/transfer", {"inbox_id": inbox_id, **more})


def test_a_moved_conversation_is_in_its_new_inbox_alone_with_ticket_and_history(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    office.deliver(letter())
    before = office.conversation()
    moved = move(admin, before.id, sales["id"])
    assert (moved.status, moved.json["inbox_id"], moved.json["channel_id"]) == (
        200,
        sales["id"],
        sales["channel"]["id"],
    )
    assert office.conversations() == []
    (found,) = office.conversations(sales["id"])
    assert (found.id, found.message_count) == (before.id, 2)
    assert admin.get(f"/v1/tickets/{before.ticket_id}").json["inbox_id"] == sales["id"]
    messages = admin.items(f"/v1/conversations/{before.id}/messages")
    assert [each["direction"] for each in messages] == ["incoming", "event"]
    assert messages[1]["text"] == "Grace Hopper moved it from Inbox to Sales."
    assert {each.inbox_id for each in office.messages(found)} == {sales["id"]}


def test_S16_only_who_may_read_the_new_inbox_sees_it_from_then_on(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    mia, ned = office.add_user("Mia"), office.add_user("Ned")
    everyone = [mia.id, ned.id, office.admin_id]
    admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": {"mode": "selected", "user_ids": everyone}})
    admin.patch(f"/v1/inboxes/{sales['id']}", {"access": {"mode": "selected", "user_ids": [ned.id, office.admin_id]}})
    office.deliver(letter())
    conversation = office.conversation()
    timeline = f"/v1/contacts/{conversation.contact_id}/timeline"
    assert len(visitor_for(mia).items(timeline)) == 1
    hidden = move(visitor_for(mia), conversation.id, sales["id"])
    assert (hidden.status, hidden.code, hidden.json["pointer"]) == (422, "no_such_inbox", "/inbox_id")
    assert move(visitor_for(ned), conversation.id, sales["id"]).status == 200
    assert visitor_for(mia).get(f"/v1/conversations/{conversation.id}").status == 404
    assert visitor_for(mia).items(timeline) == []
    assert len(visitor_for(ned).items(timeline)) >= 1


def test_S16_a_move_that_died_half_way_is_ended_by_the_scheduled_function(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    mia = office.add_user("Mia")
    admin.patch(f"/v1/inboxes/{sales['id']}", {"access": {"mode": "selected", "user_ids": [office.admin_id]}})
    office.deliver(letter())
    conversation = office.conversation()
    timeline = f"/v1/contacts/{conversation.contact_id}/timeline"
    real = BaseClient._make_api_call

    def dying(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "TransactWriteItems" and "former_inbox_ids" in str(arguments):
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "died"}}, operation)
        return real(client, operation, arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", dying)
        assert move(admin, conversation.id, sales["id"]).status >= 500
    assert visitor_for(mia).items(timeline) != []
    for ended in (1, 0):
        steps = reconcile(pace=Pace(0), raw_seconds=0)["steps"]
        assert steps["begun"] == {"erasures": 0, "moves": 0, "transfers": ended}
        assert visitor_for(mia).items(timeline) == []
    assert {each.inbox_id for each in office.messages(office.conversations(sales["id"])[0])} == {sales["id"]}


def test_a_move_leaves_no_note_behind(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    office.deliver(letter())
    conversation_id = office.conversation().id
    for inbox_id in (sales["id"], office.inbox_id, sales["id"]):
        assert move(admin, conversation_id, inbox_id).status == 200
    assert not [key for key in table_content() if key[1] == "TRANSFER"]


def test_S19_moving_is_acting_in_both_inboxes(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    abe = office.add_user("Abe", role=Role.ACCOUNT_ACCESS)
    mia = office.add_user("Mia")
    office.deliver(letter())
    admin.patch(f"/v1/inboxes/{sales['id']}", {"access": {"mode": "selected", "user_ids": [mia.id]}})
    refused = move(visitor_for(abe), office.conversation().id, sales["id"])
    assert (refused.status, refused.code) == (403, "not_chosen")
    assert len(office.conversations()) == 1


def test_an_assignee_without_access_to_the_new_inbox_does_not_keep_it(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    mia = office.add_user("Mia")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (mia.id,)))
    office.deliver(letter())
    assert office.user(mia.id).open_conversations == 1
    admin.patch(f"/v1/inboxes/{sales['id']}", {"access": {"mode": "selected", "user_ids": [office.admin_id]}})
    moved = move(admin, office.conversation().id, sales["id"]).json
    assert (moved["assignee_id"], moved["assigned_because_code"]) == (None, "moved_out_of_reach")
    assert office.user(mia.id).open_conversations == 0


def test_an_assignee_with_access_keeps_it(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    mia = office.add_user("Mia")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (mia.id,)))
    office.deliver(letter())
    assert move(admin, office.conversation().id, sales["id"]).json["assignee_id"] == mia.id
    assert office.user(mia.id).open_conversations == 1


@pytest.mark.parametrize("way", ["signed", "old channel", "new channel"])
def test_replies_join_it_in_the_new_inbox(office: Office, admin: Visitor, sales: dict[str, Any], way: str) -> None:
    office.deliver(letter())
    before = office.conversation()
    move(admin, before.id, sales["id"])
    to = {"signed": office.reply_address(before), "old channel": office.address}.get(way, sales["channel"]["address"])
    raw_id = office.deliver(letter(message_id="re@x.example", in_reply_to="first@customer.example"), [to])
    assert office.delivery(raw_id).conversation_id == before.id
    assert office.conversations() == []
    (found,) = office.conversations(sales["id"])
    assert found.message_count == 3


def test_a_stranger_who_cites_it_gets_no_part_of_it(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    office.deliver(letter())
    before = office.conversation()
    move(admin, before.id, sales["id"])
    for number, to in enumerate((office.address, sales["channel"]["address"])):
        raw = letter(
            sender="eve@evil.example", message_id=f"eve{number}@x.example", in_reply_to="first@customer.example"
        )
        raw_id = office.deliver(raw, [to])
        assert office.delivery(raw_id).conversation_id != before.id


def test_ids_that_the_new_inbox_knows_otherwise_stay_what_they_are(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    """A mail to both inboxes is a conversation in each: moving one takes nothing from the other."""
    office.deliver(letter(), [office.address, sales["channel"]["address"]])
    (there,) = office.conversations(sales["id"])
    move(admin, office.conversation().id, sales["id"])
    raw_id = office.deliver(
        letter(message_id="re@x.example", in_reply_to="first@customer.example"), [sales["channel"]["address"]]
    )
    assert office.delivery(raw_id).conversation_id == there.id


def test_S72_it_is_answered_through_its_new_inbox(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    office.deliver(letter())
    conversation = office.conversation()
    move(admin, conversation.id, sales["id"])
    written = admin.post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": "Hi"})
    assert written.status == 201
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == sales["channel"]["address"]


def test_moving_twice_changes_nothing_more_and_it_can_come_back(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    office.deliver(letter())
    conversation = office.conversation()
    first = move(admin, conversation.id, sales["id"]).json
    assert move(admin, conversation.id, sales["id"]).json == first
    assert move(admin, conversation.id, office.inbox_id).json["channel_id"] == office.channel_id
    office.deliver(letter(message_id="re@x.example", in_reply_to="first@customer.example"))
    assert office.conversation().message_count == 4
    assert [each.direction for each in office.messages()].count(Direction.EVENT) == 2


def test_where_it_cannot_go(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    office.deliver(letter())
    conversation = office.conversation()
    empty = admin.post("/v1/inboxes", {"name": "Empty", "connect_channel": False}).json
    assert move(admin, conversation.id, empty["id"]).code == "no_channel"
    assert move(admin, conversation.id, "inb_aaaaaaaaaaaaaaaa").code == "no_such_inbox"
    assert move(admin, conversation.id, sales["id"], channel_id=office.channel_id).code == "no_such_channel"
    admin.patch(f"/v1/inboxes/{sales['id']}", {"archived": True})
    assert move(admin, conversation.id, sales["id"]).code == "inbox_archived"
    assert office.conversation() == conversation


def test_mail_to_a_conversation_whose_new_inbox_is_archived_is_kept(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    office.deliver(letter())
    move(admin, office.conversation().id, sales["id"])
    admin.patch(f"/v1/inboxes/{sales['id']}", {"archived": True})
    raw_id = office.deliver(letter(message_id="re@x.example", in_reply_to="first@customer.example"))
    assert office.delivery(raw_id).verdict is Verdict.INBOX_ARCHIVED
    (found,) = office.conversations(sales["id"])
    assert found.message_count == 2


def test_a_closed_conversation_moves_closed(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    office.deliver(letter())
    office.close(office.conversation(), at(5))
    move(admin, office.conversation().id, sales["id"])
    assert admin.items(f"/v1/inboxes/{sales['id']}/conversations") == []
    assert len(admin.items(f"/v1/inboxes/{sales['id']}/conversations?status=closed")) == 1


def test_S16_a_call_in_a_comment_follows_it_and_is_read_by_who_may_read_it_there(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    mia, ned = office.add_user("Mia"), office.add_user("Ned")
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}"
    called = {"type": "comment", "text": "The secret of Sales", "mentions": [mia.id, ned.id]}
    assert admin.post(f"{path}/messages", called).status == 201
    admin.patch(f"/v1/inboxes/{sales['id']}", {"access": {"mode": "selected", "user_ids": [ned.id, office.admin_id]}})
    move(admin, office.conversation().id, sales["id"])
    assert visitor_for(mia).items("/v1/me/mentions") == []
    (found,) = visitor_for(ned).items("/v1/me/mentions")
    assert (found["inbox_id"], found["preview"]) == (sales["id"], "The secret of Sales")


def test_S16_an_inbox_that_not_everyone_sees_is_not_named_where_it_came_from(
    office: Office, admin: Visitor, sales: dict[str, Any]
) -> None:
    mia = office.add_user("Mia")
    admin.patch(
        f"/v1/inboxes/{sales['id']}",
        {"name": "Layoffs", "access": {"mode": "selected", "user_ids": [office.admin_id]}},
    )
    office.deliver(letter(), [sales["channel"]["address"]])
    (hidden,) = office.conversations(sales["id"])
    moved = move(admin, hidden.id, office.inbox_id)
    assert moved.status == 200
    (event,) = [
        each
        for each in visitor_for(mia).items(f"/v1/conversations/{hidden.id}/messages")
        if each["direction"] == "event"
    ]
    assert event["text"] == "Grace Hopper moved it from another inbox to Inbox."
    assert "Layoffs" not in str(event)


def test_S16_nor_where_it_went_once_it_is_back(office: Office, admin: Visitor, sales: dict[str, Any]) -> None:
    mia = office.add_user("Mia")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (mia.id,)))
    admin.patch(
        f"/v1/inboxes/{sales['id']}",
        {"name": "Layoffs", "access": {"mode": "selected", "user_ids": [office.admin_id]}},
    )
    office.deliver(letter())
    conversation = office.conversation()
    move(admin, conversation.id, sales["id"])
    assert move(admin, conversation.id, office.inbox_id).status == 200
    seen = visitor_for(mia)
    assert "Layoffs" not in seen.get(f"/v1/conversations/{conversation.id}").text
    assert "Layoffs" not in seen.get(f"/v1/conversations/{conversation.id}/messages").text
