"""The gate, as a table and as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.conversations import access
from chalicelib.errors import Forbidden, NotFound, Refused
from chalicelib.model.account import Availability, Role, Seat, User
from chalicelib.model.inbox import Access, AccessMode, Inbox, Routing, RoutingMode

EVERYONE = Access()
CHOSEN = Access(AccessMode.SELECTED, ("usr_a",))
BY_TEAM = Access(AccessMode.SELECTED, (), ("tea_a", "tea_b"))
OTHERS = Access(AccessMode.SELECTED, ("usr_b",), ("tea_c",))
NOBODY = Access(AccessMode.SELECTED)


def user(role: Role = Role.MEMBER, seat: Seat = Seat.SERVICE, user_id: str = "usr_a", account: str = "acc_a") -> User:
    return User(account, user_id, "a@b.example", "Ann", role, seat, Availability.AVAILABLE, "2026", ("tea_a",))


def inbox(of: Access) -> Inbox:
    return Inbox("acc_a", "inb_a", "Inbox", of, "2026")


@pytest.mark.parametrize(
    ("role", "of", "may_read", "may_act"),
    [
        (Role.MEMBER, EVERYONE, True, True),
        (Role.MEMBER, CHOSEN, True, True),
        (Role.MEMBER, BY_TEAM, True, True),
        (Role.MEMBER, OTHERS, False, False),
        (Role.MEMBER, NOBODY, False, False),
        (Role.ACCOUNT_ACCESS, EVERYONE, True, True),
        (Role.ACCOUNT_ACCESS, CHOSEN, True, True),
        (Role.ACCOUNT_ACCESS, OTHERS, True, False),
        (Role.SUPER_ADMIN, BY_TEAM, True, True),
        (Role.SUPER_ADMIN, OTHERS, True, False),
        (Role.SUPER_ADMIN, NOBODY, True, False),
    ],
)
def test_S15_S16_S19_who_reads_and_who_acts(role: Role, of: Access, may_read: bool, may_act: bool) -> None:
    granted = access.grant(user(role), of)
    assert (granted.may_read, granted.may_act) == (may_read, may_act)
    assert granted.because.text.endswith(".")


IDS = st.sampled_from(["usr_a", "usr_b", "usr_c"])
TEAMS = st.sampled_from(["tea_a", "tea_b"])
ACCESSES = st.builds(
    Access,
    st.sampled_from(AccessMode),
    st.lists(IDS, max_size=3).map(tuple),
    st.lists(TEAMS, max_size=2).map(tuple),
)
USERS = st.builds(user, st.sampled_from(Role), st.sampled_from(Seat), IDS)


@given(USERS, ACCESSES)
def test_who_acts_reads_and_the_seat_plays_no_part(who: User, of: Access) -> None:
    granted = access.grant(who, of)
    assert granted.may_read or not granted.may_act
    assert granted == access.grant(user(who.role, Seat.FREE, who.id), of)  # S21


@given(USERS, ACCESSES, IDS)
def test_to_choose_one_more_takes_nothing_from_anybody(who: User, of: Access, added: str) -> None:
    before = access.grant(who, of)
    after = access.grant(who, Access(of.mode, (*of.user_ids, added), of.team_ids))
    assert (after.may_read, after.may_act) >= (before.may_read, before.may_act)


@pytest.mark.parametrize(
    ("who", "where"),
    [(user(), None), (user(), inbox(OTHERS)), (user(Role.SUPER_ADMIN, account="acc_b"), inbox(EVERYONE))],
)
def test_S16_missing_hidden_and_foreign_are_the_same_not_found(who: User, where: Inbox | None) -> None:
    with pytest.raises(NotFound) as raised:
        access.require_read(who, where, "inbox")
    assert raised.value.detail == "There is no such inbox."


def test_S19_reading_alone_does_not_let_act() -> None:
    where = access.require_read(user(Role.SUPER_ADMIN), inbox(OTHERS), "inbox")
    with pytest.raises(Forbidden, match="act only in inboxes they are chosen for"):
        access.require_act(user(Role.SUPER_ADMIN), where)
    access.require_act(user(Role.SUPER_ADMIN), inbox(CHOSEN))


RULE = Routing(RoutingMode.SPECIFIC, ("usr_a", "usr_b"))


def test_S53_a_rule_is_set_by_paid_seats_alone() -> None:
    with pytest.raises(Forbidden, match="paid seat"):
        access.require_rule(user(Role.SUPER_ADMIN, Seat.FREE), Routing(), {})
    for seat in (Seat.SALES, Seat.SERVICE):
        access.require_rule(user(seat=seat), Routing(), {})


@pytest.mark.parametrize(
    ("rule", "named", "code"),
    [
        (Routing(RoutingMode.SPECIFIC), {}, "rule_names_nobody"),
        (RULE, {"usr_a": user(), "usr_b": None}, "no_such_user"),
        (RULE, {"usr_a": user(), "usr_b": user(seat=Seat.FREE, user_id="usr_b")}, "seat_not_paid"),
        (Routing(RoutingMode.OFF, ("usr_b",)), {"usr_b": user(seat=Seat.FREE)}, "seat_not_paid"),
    ],
)
def test_S20_S64_a_rule_names_those_who_can_be_assigned(
    rule: Routing, named: dict[str, User | None], code: str
) -> None:
    with pytest.raises(Refused) as raised:
        access.require_rule(user(), rule, named)
    assert raised.value.code == code


def test_S16_conversations_are_given_to_those_who_act_in_the_inbox() -> None:
    access.require_assignable(user(seat=Seat.FREE), inbox(CHOSEN))
    with pytest.raises(Refused, match="no access"):
        access.require_assignable(user(Role.SUPER_ADMIN), inbox(OTHERS))
