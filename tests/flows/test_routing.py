"""Who gets a new conversation (S52-S64), seen on mail that comes in."""

from __future__ import annotations

import pytest

from chalicelib.model.account import Availability, Seat
from chalicelib.model.inbox import Routing, RoutingMode, Ticketing
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import at

OWNER = Routing(RoutingMode.CONTACT_OWNER)


def deliver_new(office: Office, number: int = 0) -> str:
    """A mail of a new thread; the assignee's id, or `nobody`."""
    office.deliver(letter(message_id=f"new{number}@customer.example", subject=f"New {number}"))
    return office.conversations()[0].assignee_id or "nobody"


def test_S55_off_means_unassigned(office: Office) -> None:
    office.add_user("Grace")
    assert deliver_new(office) == "nobody"
    assert office.conversation().assigned_because.code == "assignment_off"


def test_S56_the_fewest_open_conversations_then_the_longest_wait(office: Office) -> None:
    ada, bob = office.add_user("Ada"), office.add_user("Bob")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id, bob.id)))
    got = [deliver_new(office, number) for number in range(6)]
    assert sorted(got[:2]) == sorted(got[2:4]) == sorted(got[4:]) == sorted([ada.id, bob.id])
    assert got[0] == got[2] == got[4]  # who was assigned longest ago comes first among equals
    assert [office.user(each.id).open_conversations for each in (ada, bob)] == [3, 3]
    newest = office.conversations()[0]
    assert newest.assigned_because.code == "fewest_open_conversations"
    assert office.user(newest.assignee_id or "").last_assigned_at == newest.created_at


def test_S56_members_of_a_chosen_team(office: Office) -> None:
    office.add_user("Ada")
    bob = office.add_user("Bob", team_ids=("tea_support",))
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, team_ids=("tea_support",)))
    assert deliver_new(office) == bob.id


def test_S56_who_closes_gets_the_next(office: Office) -> None:
    ada, bob = office.add_user("Ada"), office.add_user("Bob")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id, bob.id)))
    first, _ = deliver_new(office, 1), deliver_new(office, 2)
    office.close(office.conversations()[1], at(3))
    assert office.user(first).open_conversations == 0
    assert deliver_new(office, 3) == first


def test_S57_S58_S59_the_owner_in_the_contacts_record(office: Office) -> None:
    grace = office.add_user("Grace")
    office.set_channel(routing=OWNER)
    assert deliver_new(office, 1) == "nobody"
    assert office.conversation().assigned_because.code == "no_owner"
    office.own_contact(CONTACT, grace.id)
    assert deliver_new(office, 2) == grace.id
    assert office.conversations()[0].assigned_because.code == "contact_owner"
    office.deliver(letter(sender="Eve <eve@customer.example>", message_id="eve@x.example", subject="Another"))
    of_another = next(
        each for each in office.conversations() if each.subject == "Another"
    )  # found by the address alone
    assert (of_another.assignee_id, of_another.assigned_because.code) == (None, "no_owner")


@pytest.mark.parametrize(
    ("settings", "only_available", "code"),
    [
        ({"availability": Availability.AWAY}, True, "owner_away"),
        ({"availability": Availability.AWAY}, False, "contact_owner"),
        ({"seat": Seat.FREE}, True, "owner_without_seat"),
    ],
)
def test_S60_S61_S64_an_owner_who_is_away_or_has_no_seat(
    office: Office, settings: dict[str, str], only_available: bool, code: str
) -> None:
    grace = office.add_user("Grace", **settings)
    deliver_new(office, 1)
    office.own_contact(CONTACT, grace.id)
    office.set_channel(routing=Routing(RoutingMode.CONTACT_OWNER, only_available=only_available))
    got = deliver_new(office, 2)
    assert office.conversations()[0].assigned_because.code == code
    assert got == (grace.id if code == "contact_owner" else "nobody")


def test_S61_S62_S63_nobody_available(office: Office) -> None:
    ada = office.add_user("Ada", availability=Availability.AWAY)
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id,)))
    assert deliver_new(office, 1) == "nobody"
    assert office.conversation().assigned_because.code == "nobody_available"
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id,), only_available=False))
    assert deliver_new(office, 2) == ada.id


def test_S20_S64_users_without_a_seat_are_passed_over(office: Office) -> None:
    without, with_seat = office.add_user("Ada", seat=Seat.FREE), office.add_user("Bob", seat=Seat.SALES)
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (without.id, with_seat.id)))
    assert {deliver_new(office, number) for number in range(3)} == {with_seat.id}


def test_S68_the_ticket_belongs_to_the_assignee(office: Office) -> None:
    ada = office.add_user("Ada")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id,)))
    deliver_new(office)
    (ticket,) = office.tickets()
    assert (ticket.owner_id, ticket.owned_because.code) == (ada.id, "assignee")


def test_S52_a_further_mail_assigns_nobody_anew(office: Office) -> None:
    ada = office.add_user("Ada")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id,)))
    office.deliver(letter())
    office.deliver(letter(message_id="s@customer.example", in_reply_to="first@customer.example"))
    assert office.user(ada.id).open_conversations == 1
    assert office.conversation().assignee_id == ada.id


def test_reopening_counts_for_the_assignee(office: Office) -> None:
    ada = office.add_user("Ada")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ada.id,)))
    office.deliver(letter())
    office.close(office.conversation(), at(2))
    assert office.user(ada.id).open_conversations == 0
    office.deliver(letter(message_id="s@customer.example", in_reply_to="first@customer.example"), received_at=at(3))
    assert office.user(ada.id).open_conversations == 1
    assert [each.assignee_id for each in office.conversations()] == [ada.id]


def test_S65_without_a_pipeline_no_ticket(office: Office) -> None:
    office.set_channel(ticketing=Ticketing(enabled=True))
    office.deliver(letter())
    assert office.conversation().ticket_id is None
    assert office.tickets() == []
