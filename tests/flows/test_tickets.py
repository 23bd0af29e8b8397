"""Tickets that mail opens and moves (S65-S69), and what answers do to them."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.update import Action

from chalicelib.model.inbox import Sender
from chalicelib.model.ticket import Ticket
from tests.api.visitor import Visitor, admin_of
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office
from tests.post.ses import at

REPLY = {"in_reply_to": "first@customer.example", "references": ["first@customer.example"]}


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def pipeline_of(admin: Visitor) -> dict[str, Any]:
    return dict(admin.items("/v1/pipelines")[0])


def stage(admin: Visitor, name: str) -> str:
    return next(str(each["id"]) for each in pipeline_of(admin)["stages"] if each["name"] == name)


def moving(admin: Visitor, **names: str) -> None:
    """Let the default pipeline move its tickets to the stages named."""
    patch = {f"{trigger}_stage_id": stage(admin, name) for trigger, name in names.items()}
    assert admin.patch(f"/v1/pipelines/{pipeline_of(admin)['id']}", patch).status == 200


def answer(office: Office, admin: Visitor, number: int = 0) -> str:
    path = f"/v1/conversations/{office.conversations()[number].id}/messages"
    reply = admin.post(path, {"type": "reply", "text": "Soon."})
    assert reply.status == 201, reply.text
    return str(reply.json["id"])


def take_back(admin: Visitor, message_id: str) -> None:
    taken = admin.post(f"/v1/messages/{message_id}/cancel")
    assert taken.status == 200, taken.text


def reply(number: int, **more: Any) -> bytes:
    return letter(**{"message_id": f"reply{number}@customer.example", **REPLY, **more})


def the_ticket(office: Office) -> Ticket:
    (found,) = office.tickets()
    return found


def stage_of(office: Office, admin: Visitor) -> str:
    """The name of the only ticket's stage, which its conversations say, too, and the lists."""
    ticket = the_ticket(office)
    for link in ticket.links:
        (seen,) = [each for each in office.conversations() if each.id == link.conversation_id]
        assert (seen.ticket_id, seen.ticket_pipeline_id, seen.ticket_stage_id) == (
            ticket.id,
            ticket.pipeline_id,
            ticket.stage_id,
        )
    listed = admin.items(f"/v1/tickets?pipeline_id={ticket.pipeline_id}&stage_id={ticket.stage_id}")
    assert [each["id"] for each in listed] == [ticket.id]
    return next(str(each["name"]) for each in pipeline_of(admin)["stages"] if each["id"] == ticket.stage_id)


def codes(office: Office, admin: Visitor) -> list[str]:
    return [each["code"] for each in admin.items(f"/v1/tickets/{the_ticket(office).id}/entries")]


def test_S65_a_new_conversation_makes_one_ticket_and_a_further_mail_none(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    office.deliver(reply(1), received_at=at(60))
    conversation, ticket = office.conversation(), the_ticket(office)
    assert conversation.message_count == 2
    assert (conversation.ticket_id, ticket.conversation_id) == (ticket.id, conversation.id)
    assert stage_of(office, admin) == "New"
    assert admin.get(f"/v1/tickets/{ticket.id}").json["staged_because_code"] == "opened"


def test_S65_where_the_channel_opens_none_a_mail_moves_none(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact", on_reply="Waiting on us")
    admin.patch(f"/v1/channels/{office.channel_id}", {"ticketing": {"enabled": False}})
    office.deliver(letter())
    answer(office, admin)
    office.deliver(reply(1), received_at=at(60))
    assert office.tickets() == []
    assert office.conversation().message_count == 3


def test_S66_an_answer_and_a_reply_move_the_ticket_to_and_fro(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact", on_reply="Waiting on us")
    office.deliver(letter())
    assert stage_of(office, admin) == "New"
    for number in range(1, 3):
        answer(office, admin)
        assert stage_of(office, admin) == "Waiting on contact"
        office.deliver(reply(number), received_at=f"2030-01-0{number}T00:00:00.000Z")
        assert stage_of(office, admin) == "Waiting on us"
    assert codes(office, admin) == ["moved_on_answer", "moved_on_reply"] * 2
    shown = admin.get(f"/v1/tickets/{the_ticket(office).id}").json
    assert shown["staged_because"] == "The customer wrote, and the pipeline says where its tickets go then."


def test_S66_an_answer_that_is_taken_back_takes_the_ticket_back_with_it(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Closed")
    office.set_answering(undo_seconds=30)
    office.deliver(letter())
    message_id = answer(office, admin)
    assert (stage_of(office, admin), the_ticket(office).closed_at is None) == ("Closed", False)
    take_back(admin, message_id)
    assert (stage_of(office, admin), the_ticket(office).closed_at) == ("New", None)
    assert codes(office, admin) == ["moved_on_answer", "moved_back"]
    answer(office, admin)
    assert stage_of(office, admin) == "Closed"


def test_S66_a_ticket_stays_where_somebody_else_put_it_or_answered_too(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact")
    office.set_answering(undo_seconds=30)
    office.deliver(letter())
    message_id = answer(office, admin)
    admin.patch(f"/v1/tickets/{the_ticket(office).id}", {"stage_id": stage(admin, "Waiting on us")})
    take_back(admin, message_id)
    assert stage_of(office, admin) == "Waiting on us"
    first = answer(office, admin)
    answer(office, admin)
    take_back(admin, first)
    assert stage_of(office, admin) == "Waiting on contact"


def test_S67_an_answer_that_is_taken_back_brings_no_ticket_to_a_stage_that_is_gone(
    office: Office, admin: Visitor
) -> None:
    moving(admin, on_answer="Waiting on contact")
    office.set_answering(undo_seconds=30)
    office.deliver(letter())
    gone = stage(admin, "Waiting on us")
    admin.patch(f"/v1/tickets/{the_ticket(office).id}", {"stage_id": gone})
    message_id = answer(office, admin)
    left = [each for each in pipeline_of(admin)["stages"] if each["id"] != gone]
    assert admin.patch(f"/v1/pipelines/{pipeline_of(admin)['id']}", {"stages": left}).status == 200
    take_back(admin, message_id)
    assert stage_of(office, admin) == "Waiting on contact"


def test_S66_an_answer_that_is_taken_back_moves_no_other_ticket_than_it_did(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact")
    office.set_answering(undo_seconds=30)
    admin.patch(f"/v1/channels/{office.channel_id}", {"ticketing": {"enabled": False}})
    for name in ("ada", "bob", "cleo"):
        office.deliver(letter(message_id=f"{name}@customer.example", sender=f"{name}@customer.example"))
    first, second, third = office.conversations()
    wish = {"conversation_ids": [first.id, second.id]}
    one = admin.post("/v1/tickets", wish).json["id"]
    other = admin.post("/v1/tickets", {"conversation_ids": [third.id], "stage_id": stage(admin, "Waiting on us")}).json
    message_id = answer(office, admin, 0)
    answer(office, admin, [each.id for each in office.conversations()].index(third.id))
    assert admin.delete(f"/v1/tickets/{one}/conversations/{first.id}").status == 200
    assert admin.post(f"/v1/tickets/{other['id']}/conversations", {"conversation_id": first.id}).status == 200
    take_back(admin, message_id)
    assert admin.get(f"/v1/tickets/{other['id']}").json["stage_id"] == stage(admin, "Waiting on contact")


def test_without_such_a_setting_tickets_stay(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    answer(office, admin)
    office.deliver(reply(1), received_at="2030-01-01T00:00:00.000Z")
    assert stage_of(office, admin) == "New"
    moving(admin, on_answer="Waiting on contact")
    office.deliver(reply(2), received_at="2030-01-02T00:00:00.000Z")
    assert stage_of(office, admin) == "New"
    assert codes(office, admin) == []


def test_S71_the_setting_holds_from_the_next_mail_on_in_old_conversations_too(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    moving(admin, on_reply="Waiting on us")
    office.deliver(reply(1), received_at=at(60))
    assert stage_of(office, admin) == "Waiting on us"
    pipeline = pipeline_of(admin)
    admin.patch(f"/v1/pipelines/{pipeline['id']}", {"on_reply_stage_id": None})
    admin.patch(f"/v1/tickets/{the_ticket(office).id}", {"stage_id": stage(admin, "New")})
    office.deliver(reply(2), received_at=at(120))
    assert stage_of(office, admin) == "New"


def test_a_comment_moves_nothing(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact")
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin.post(path, {"type": "comment", "text": "Who knows?"}).status == 201
    assert stage_of(office, admin) == "New"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "Waiting on us"),
        ({"headers": {"Auto-Submitted": "auto-replied"}, "subject": "Out of office"}, "Closed"),
        ({"sender": "Eve <eve@elsewhere.example>"}, "Closed"),
    ],
)
def test_only_a_person_who_takes_part_moves_a_ticket(
    office: Office, admin: Visitor, more: dict[str, Any], expected: str
) -> None:
    office.deliver(letter())
    moving(admin, on_reply="Waiting on us")
    admin.patch(f"/v1/tickets/{the_ticket(office).id}", {"stage_id": stage(admin, "Closed")})
    closed = the_ticket(office)
    assert closed.closed_at is not None
    to = [office.reply_address(office.conversation())]
    office.deliver(reply(1, **more), to, received_at="2030-01-01T00:00:00.000Z")
    assert office.conversation().message_count == 2
    (ticket,) = [each for each in office.tickets() if each.id == closed.id]
    assert ticket.stage_id == stage(admin, expected)
    assert (ticket.closed_at is None) == (expected != "Closed")


def test_a_mail_that_arrives_late_does_not_undo_what_came_after_it(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact", on_reply="Waiting on us")
    office.deliver(letter())
    answer(office, admin)
    office.deliver(reply(1), received_at=at(60))  # it was received before the answer, and handled after it
    assert office.conversation().message_count == 3
    assert stage_of(office, admin) == "Waiting on contact"


def test_a_reply_that_reopens_the_conversation_moves_its_ticket(office: Office, admin: Visitor) -> None:
    moving(admin, on_reply="Waiting on us")
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}"
    admin.patch(path, {"status": "closed"})
    office.deliver(reply(1), received_at="2030-01-01T00:00:00.000Z")
    assert admin.get(path).json["status"] == "open"
    assert stage_of(office, admin) == "Waiting on us"


def test_S4_each_linked_conversation_moves_the_one_ticket(office: Office, admin: Visitor) -> None:
    moving(admin, on_answer="Waiting on contact", on_reply="Waiting on us")
    office.deliver(letter())
    admin.patch(f"/v1/channels/{office.channel_id}", {"ticketing": {"enabled": False}})
    office.deliver(letter(message_id="second@customer.example", sender="Bob <bob@customer.example>"))
    second, _ = office.conversations()
    path = f"/v1/tickets/{the_ticket(office).id}/conversations"
    assert admin.post(path, {"conversation_id": second.id}).status == 200
    assert stage_of(office, admin) == "New"
    answer(office, admin)
    assert stage_of(office, admin) == "Waiting on contact"
    office.deliver(reply(1), received_at="2030-01-01T00:00:00.000Z")
    assert stage_of(office, admin) == "Waiting on us"
    assert admin.delete(f"{path}/{second.id}").status == 200
    answer(office, admin, 1 if office.conversations()[1].id == second.id else 0)
    assert stage_of(office, admin) == "Waiting on us"


def test_a_conversation_of_an_older_release_is_looked_at(office: Office, admin: Visitor) -> None:
    """Its row does not say where its ticket is."""
    from chalicelib.storage import keys, table
    from chalicelib.storage.tables import ConversationRow

    office.deliver(letter())
    moving(admin, on_reply="Waiting on us")
    writes = table.Transaction()
    key = keys.conversation(office.account_id, office.conversation().id)
    gone: list[Action] = [ConversationRow.ticket_pipeline_id.remove(), ConversationRow.ticket_stage_id.remove()]
    writes.update(ConversationRow, key, gone)
    writes.commit("age a conversation")
    office.deliver(reply(1), received_at=at(60))
    assert stage_of(office, admin) == "Waiting on us"


def test_what_moving_costs(office: Office, admin: Visitor) -> None:
    """Only mail that moves a ticket costs more than any other into a running conversation."""
    moving(admin, on_answer="Waiting on contact", on_reply="Waiting on us")
    office.deliver(letter())
    bills = []
    for number in range(1, 3):
        body = office.announce(office.store(reply(number)), received_at=at(60 * number))
        with metered() as bill:
            assert office.handle(body) == []
        bills.append((bill.dynamodb, bill.calls["TransactWriteItems"]))
    assert stage_of(office, admin) == "Waiting on us"
    # Tried as if nothing moved; asked whether it was done before; read what there is; written with the ticket.
    assert bills == [(8, 2), (3, 1)]
