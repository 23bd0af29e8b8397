"""The ticket of a new conversation (S65-S69)."""

from __future__ import annotations

import pytest

from chalicelib.model.conversation import Conversation, ConversationStatus, Reason
from chalicelib.model.inbox import Priority, Ticketing, TicketOwner
from chalicelib.routing.open_ticket import open_ticket

WHY = Reason("x", "y")


def conversation(assignee: str | None = "usr_a") -> Conversation:
    return Conversation(
        "acc_a",
        "cnv_a",
        "inb_a",
        "chn_a",
        "ctc_a",
        "ada@customer.example",
        "Ada",
        "It broke",
        ConversationStatus.OPEN,
        assignee,
        WHY,
        WHY,
        (),
        1,
        "2026-03-02T08:00:00.000Z",
        "2026-03-02T08:00:00.000Z",
    )


@pytest.mark.parametrize(
    "ticketing", [Ticketing(False, "pip_a", "stg_a"), Ticketing(True, None, "stg_a"), Ticketing(True, "pip_a", None)]
)
def test_S65_none_where_the_channel_opens_none(ticketing: Ticketing) -> None:
    assert open_ticket(ticketing, "tck_a", conversation()) is None


def test_S65_S66_S67_linked_both_ways_with_the_channels_properties() -> None:
    ticket = open_ticket(Ticketing(True, "pip_a", "stg_a", Priority.HIGH), "tck_a", conversation())
    assert ticket is not None
    assert (ticket.id, ticket.conversation_id, ticket.contact_id, ticket.inbox_id, ticket.account_id) == (
        "tck_a",
        "cnv_a",
        "ctc_a",
        "inb_a",
        "acc_a",
    )
    assert (ticket.pipeline_id, ticket.stage_id, ticket.priority, ticket.subject) == (
        "pip_a",
        "stg_a",
        Priority.HIGH,
        "It broke",
    )
    assert ticket.created_at == conversation().created_at


@pytest.mark.parametrize(
    ("owner", "owner_id", "assignee", "expected", "code"),
    [
        (TicketOwner.ASSIGNEE, None, "usr_a", "usr_a", "assignee"),
        (TicketOwner.ASSIGNEE, "usr_b", "usr_a", "usr_a", "assignee"),
        (TicketOwner.ASSIGNEE, None, None, None, "assignee"),
        (TicketOwner.USER, "usr_b", "usr_a", "usr_b", "fixed_owner"),
        (TicketOwner.USER, "usr_b", None, "usr_b", "fixed_owner"),
        (TicketOwner.USER, None, "usr_a", "usr_a", "assignee"),
    ],
)
def test_S68_S69_the_owner(
    owner: TicketOwner, owner_id: str | None, assignee: str | None, expected: str | None, code: str
) -> None:
    ticketing = Ticketing(True, "pip_a", "stg_a", owner=owner, owner_id=owner_id)
    ticket = open_ticket(ticketing, "tck_a", conversation(assignee))
    assert ticket is not None
    assert (ticket.owner_id, ticket.owned_because.code) == (expected, code)
