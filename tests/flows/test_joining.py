"""Joining a conversation: what the write is conditional on, and what stays bounded."""

from __future__ import annotations

import pytest

from chalicelib.errors import LostRace
from chalicelib.inbound.choose_channel import Visit
from chalicelib.inbound.decide import Case, decide
from chalicelib.mail import read_mail
from chalicelib.model.delivery import Arrival
from chalicelib.model.filing import MAX_PARTICIPANTS, Door, Filing
from chalicelib.storage import filing as store
from tests.api.visitor import admin_of
from tests.post import cloud
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses import at

FIRST = "first@customer.example"
AUTOMATIC = {"Auto-Submitted": "auto-replied"}


def decided(office: Office, raw: bytes, received_at: str, signed: str | None = None) -> Filing:
    """What is decided about a mail, not yet written; `signed`: at first sight, of one to a conversation's address."""
    raw_id = office.store(raw)
    arrival = Arrival(raw_id, f"raw/{raw_id}", received_at, (office.address,), "ada@customer.example")
    door = Door(office.address, office.account_id, office.inbox_id, office.channel_id, signed)
    case = Case(arrival, Visit(door, (office.address,)), completes=True)
    return decide(case, read_mail(raw), afresh=signed is None)


def test_a_closed_conversation_that_moved_on_is_looked_at_again(office: Office) -> None:
    """A late mail reopens it while an automatic one becomes its last: the list must follow the later of the two."""
    office.deliver(letter(), received_at=at(10))
    office.close(office.conversation(), at(11))
    late = letter(message_id="late@customer.example", in_reply_to=FIRST)
    reopening = decided(office, late, at(5))
    assert reopening.joining is not None
    assert reopening.joining.reopens
    office.deliver(letter(message_id="auto@x.example", in_reply_to=FIRST, headers=AUTOMATIC), received_at=at(20))
    with pytest.raises(LostRace):
        store.commit(reopening)
    office.deliver(late, received_at=at(5))
    (row,) = [item for item in cloud.table_content().values() if item["kind"]["S"] == "conversation"]
    assert row["last_message_at"]["S"] == at(20)
    assert row["list_sk"]["S"].startswith(at(20))


def test_a_ticket_that_was_linked_after_the_first_look_is_looked_at_again(office: Office) -> None:
    """The look is eventually consistent: what it takes for granted, the write asks."""
    admin = admin_of(office)
    (pipeline,) = admin.items("/v1/pipelines")
    waiting = pipeline["stages"][2]["id"]
    assert admin.patch(f"/v1/pipelines/{pipeline['id']}", {"on_reply_stage_id": waiting}).status == 200
    admin.patch(f"/v1/channels/{office.channel_id}", {"ticketing": {"enabled": False}})
    office.deliver(letter(), received_at=at(1))
    conversation = office.close(office.conversation(), at(2))
    reply = letter(message_id="reply@customer.example", in_reply_to=FIRST)
    reopening = decided(office, reply, at(5), conversation.id)
    assert reopening.joining is not None
    assert reopening.joining.reopens
    assert admin.post("/v1/tickets", {"conversation_ids": [conversation.id]}).status == 201
    with pytest.raises(LostRace):
        store.commit(reopening)
    office.deliver(reply, [office.reply_address(conversation)], received_at=at(5))
    (ticket,) = office.tickets()
    assert ticket.stage_id == waiting


def test_those_who_take_part_stay_bounded(office: Office) -> None:
    """A sender who is proven and takes part adds a hundred others with each mail."""
    office.deliver(letter())
    for number in range(1, 6):
        many = [f"person{number}.{each}@customer.example" for each in range(MAX_PARTICIPANTS - 1)]
        office.deliver(letter(message_id=f"m{number}@customer.example", in_reply_to=FIRST, cc=many))
    conversation = office.conversation()
    assert conversation.message_count == 6
    assert len(conversation.participants) < 3 * MAX_PARTICIPANTS
    assert "ada@customer.example" in conversation.participants
