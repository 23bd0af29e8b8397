"""People that two admins change at the same moment: a super admin always remains, one address is one user's, an
invitation is accepted once, and two contacts that take each other over end as one.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib import clock
from chalicelib.contacts import merging, records
from chalicelib.errors import Fault, Refused
from chalicelib.model.account import Role, Seat, User, UserStatus
from chalicelib.model.caller import Caller
from chalicelib.outbound.invitation_mail import token_of
from chalicelib.settings import invitations, users
from chalicelib.settings.tokens import caller_of
from chalicelib.storage import accounts, contacts, people
from chalicelib.storage.secrets import signing_key
from tests.cloud.test_race_from_names import at_ministack, at_once
from tests.post.office import Office

__all__ = ["at_ministack"]  # the fixture
pytestmark = pytest.mark.cloud
ROUNDS = 5


def never() -> bool:
    return False


def caller_as(user: User) -> Caller:
    account = accounts.read(user.account_id)
    assert account is not None
    return Caller(account, user, (), "tok_test")


@pytest.fixture
def office(at_ministack: None) -> Office:
    return Office(f"acme-{clock.new_id('x')[2:10]}")


def test_a_super_admin_remains_when_all_remove_one_another(office: Office) -> None:
    admins = [office.user(office.admin_id), *(office.add_user(f"A{n}", role=Role.SUPER_ADMIN) for n in range(3))]

    def removing(by: User, user: User) -> Callable[[], str]:
        def remove() -> str:
            try:
                users.remove(caller_as(by), user.id, never, clock.now())
            except Fault:  # too many at once: try again, says the API
                return "again"
            return "removed"

        return remove

    at_once([removing(by, user) for by, user in zip(admins, admins[1:] + admins[:1], strict=True)])
    left = [user for user in people.list_users(office.account_id) if user.role is Role.SUPER_ADMIN]
    assert left
    last = left[0]
    for user in left[1:]:
        users.remove(caller_as(last), user.id, never, clock.now())
    with pytest.raises(Refused) as refused:
        users.remove(caller_as(last), last.id, never, clock.now())
    assert refused.value.code == "last_super_admin"


def test_an_invitation_is_accepted_once(office: Office) -> None:
    caller = caller_as(office.user(office.admin_id))
    for number in range(ROUNDS):
        settings = users.UserSettings("New", seat=Seat.SERVICE)
        email = f"new{number}@acme.example"
        user = users.add(caller, email, settings, None, clock.now(), UserStatus.INVITED)
        invitations.invite(caller, user, f"ivt_{number}", clock.now())
        code = token_of(signing_key(), user.account_id, user.id, f"ivt_{number}", email)
        found = at_once([lambda code=code: invitations.accept(code, clock.now())] * 4)  # type: ignore[misc]
        made = [each for each in found if isinstance(each, tuple)]
        assert len(made) == 1
        assert caller_of(made[0][0], None, clock.now()) is not None


def test_one_address_is_one_users_and_one_contacts(office: Office) -> None:
    caller = caller_as(office.user(office.admin_id))
    for number in range(ROUNDS):
        told = users.UserSettings("New")
        email = f"n{number}@acme.example"
        added = at_once([lambda t=told, e=email: users.add(caller, e, t, None, clock.now())] * 4)  # type: ignore[misc]
        assert sum(isinstance(each, User) for each in added) == 1
        new = records.NewContact(f"c{number}@x.example")
        found = at_once([lambda new=new: records.add(caller, new, clock.new_id("ctc"), clock.now())] * 4)  # type: ignore[misc]
        assert sum(not isinstance(each, Refused) for each in found) == 1


def test_two_contacts_that_take_each_other_over_end_as_one(office: Office) -> None:
    caller = caller_as(office.user(office.admin_id))
    for number in range(ROUNDS):
        one, two = (
            records.add(caller, records.NewContact(f"{name}{number}@x.example"), clock.new_id("ctc"), clock.now())
            for name in ("a", "b")
        )
        at_once(
            [
                lambda a=a, b=b: merging.merge(caller, a.id, b.id, never, clock.now())  # type: ignore[misc]
                for a, b in ((one, two), (two, one))
            ]
        )
        found = [contacts.find_by_email(office.account_id, each.email) for each in (one, two)]
        assert found[0] is not None
        assert found[0] == found[1]
        assert len(found[0].all_ids) == 2
