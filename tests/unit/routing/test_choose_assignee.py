"""Who gets a new conversation, as a table (S20, S52-S64)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.account import Availability, Role, Seat, User
from chalicelib.model.inbox import Access, AccessMode, Routing, RoutingMode
from chalicelib.routing.choose_assignee import choose_assignee

AWAY, AVAILABLE = Availability.AWAY, Availability.AVAILABLE


def user(name: str, **more: Any) -> User:
    settings = {"seat": Seat.SERVICE, "availability": AVAILABLE, **more}
    return User("acc_a", name, f"{name}@x.example", name, Role.MEMBER, created_at="", **settings)


def specific(*users: str, teams: tuple[str, ...] = (), only_available: bool = True) -> Routing:
    return Routing(RoutingMode.SPECIFIC, users, teams, only_available)


def choose(routing: Routing, *people: User, owner: str | None = None) -> tuple[str | None, str]:
    found = choose_assignee(routing, people, owner)
    assert found.because.text
    return (found.assignee.id if found.assignee else None), found.because.code


def test_S52_S54_S55_off_by_default() -> None:
    assert Routing().mode is RoutingMode.OFF
    assert choose(Routing(), user("ada"), owner="ada") == (None, "assignment_off")


FEWEST = "fewest_open_conversations"


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([user("a", open_conversations=2), user("b", open_conversations=1)], "b"),
        ([user("a"), user("b", open_conversations=1)], "a"),
        # as many: who waited longest
        ([user("a", last_assigned_at="2026-03-02"), user("b", last_assigned_at="2026-03-01")], "b"),
        # never assigned waits longest
        ([user("a", last_assigned_at="2026-03-02"), user("b")], "b"),
        # all alike: the same one whatever the order
        ([user("b"), user("a")], "a"),
        # fewer conversations come before a longer wait
        ([user("a", open_conversations=1), user("b", last_assigned_at="2026-03-02")], "b"),
    ],
)
def test_S56_fewest_then_longest_wait(people: list[User], expected: str) -> None:
    assert choose(specific("a", "b"), *people) == (expected, FEWEST)
    assert choose(specific("a", "b"), *reversed(people)) == (expected, FEWEST)


@pytest.mark.parametrize(
    ("routing", "expected"),
    [
        (specific("b"), "b"),
        (specific(teams=("t",)), "c"),
        (specific("b", teams=("t",)), "b"),
        (specific(teams=("other",)), None),
        (specific("gone"), None),
        (specific(), None),
    ],
)
def test_S56_only_the_chosen_and_members_of_chosen_teams(routing: Routing, expected: str | None) -> None:
    people = [user("a"), user("b"), user("c", team_ids=("t", "u"))]
    assert choose(routing, *people)[0] == expected


def test_S57_the_contacts_owner() -> None:
    assert choose(Routing(RoutingMode.CONTACT_OWNER), user("a"), user("b"), owner="b") == ("b", "contact_owner")


@pytest.mark.parametrize(("people", "owner"), [((), None), ((user("a"),), None), ((user("a"),), "gone")])
def test_S58_no_owner_means_unassigned(people: tuple[User, ...], owner: str | None) -> None:
    assert choose(Routing(RoutingMode.CONTACT_OWNER), *people, owner=owner) == (None, "no_owner")


def test_S60_an_owner_who_is_away() -> None:
    away = user("a", availability=AWAY)
    assert choose(Routing(RoutingMode.CONTACT_OWNER), away, owner="a") == (None, "owner_away")
    anyway = Routing(RoutingMode.CONTACT_OWNER, only_available=False)
    assert choose(anyway, away, owner="a") == ("a", "contact_owner")


def test_S61_only_available_users_by_default() -> None:
    assert Routing(RoutingMode.SPECIFIC).only_available
    assert choose(specific("a", "b"), user("a", availability=AWAY), user("b", open_conversations=9))[0] == "b"


def test_S62_none_available_means_unassigned() -> None:
    assert choose(specific("a"), user("a", availability=AWAY)) == (None, "nobody_available")


def test_S63_the_switch_can_be_turned_off() -> None:
    assert choose(specific("a", only_available=False), user("a", availability=AWAY))[0] == "a"


@pytest.mark.parametrize(("seat", "gets"), [(Seat.FREE, False), (Seat.SALES, True), (Seat.SERVICE, True)])
def test_S20_S64_only_paid_seats(seat: Seat, gets: bool) -> None:
    one = user("a", seat=seat)
    assert choose(specific("a"), one) == (("a", FEWEST) if gets else (None, "nobody_with_seat"))
    owned = choose(Routing(RoutingMode.CONTACT_OWNER), one, owner="a")
    assert owned == (("a", "contact_owner") if gets else (None, "owner_without_seat"))


def test_S64_a_user_who_lost_the_seat_is_passed_over() -> None:
    assert choose(specific("a", "b"), user("a", seat=Seat.FREE), user("b", open_conversations=5))[0] == "b"


USERS = st.lists(
    st.builds(
        user,
        st.sampled_from("abcdef"),
        seat=st.sampled_from(Seat),
        availability=st.sampled_from(Availability),
        open_conversations=st.integers(0, 3),
        last_assigned_at=st.none() | st.sampled_from(["1", "2"]),
        team_ids=st.sampled_from([(), ("t",), ("t", "u")]),
    ),
    unique_by=lambda each: each.id,
)
ROUTINGS = st.builds(
    Routing,
    st.sampled_from(RoutingMode),
    st.lists(st.sampled_from("abcdef")).map(tuple),
    st.sampled_from([(), ("t",), ("u",)]),
    st.booleans(),
)


@given(ROUTINGS, USERS, st.none() | st.sampled_from("abcdef"), st.randoms())
def test_nobody_gets_what_the_rule_does_not_give(
    routing: Routing, people: list[User], owner: str | None, random: Any
) -> None:
    found = choose_assignee(routing, people, owner)
    shuffled = random.sample(people, len(people))
    assert choose_assignee(routing, shuffled, owner) == found
    picked = found.assignee
    if picked is None:
        return
    assert picked.seat.is_paid
    assert not routing.only_available or picked.availability is AVAILABLE
    if routing.mode is RoutingMode.CONTACT_OWNER:
        assert picked.id == owner
    else:
        assert picked.id in routing.user_ids or set(picked.team_ids) & set(routing.team_ids)


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (Access(), ("ada", FEWEST)),
        (Access(AccessMode.SELECTED, ("bob",)), ("bob", FEWEST)),
        (Access(AccessMode.SELECTED, (), ("tea_b",)), ("bob", FEWEST)),
        (Access(AccessMode.SELECTED, ("eve",)), (None, "nobody_with_access")),
    ],
)
def test_S16_nobody_gets_a_conversation_that_does_not_exist_for_them(access: Access, expected: tuple[str, str]) -> None:
    people = [user("ada"), user("bob", open_conversations=3, team_ids=("tea_b",))]
    found = choose_assignee(specific("ada", "bob"), people, None, access)
    assert (found.assignee.id if found.assignee else None, found.because.code) == expected


def test_S16_S57_an_owner_who_is_not_chosen_for_the_inbox_is_passed_over() -> None:
    access = Access(AccessMode.SELECTED, ("bob",))
    found = choose_assignee(Routing(RoutingMode.CONTACT_OWNER), [user("ada")], "ada", access)
    assert (found.assignee, found.because.code) == (None, "owner_without_access")
