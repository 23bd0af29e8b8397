"""Whoever dies while a contact is erased or merged leaves nothing that the sweep does not end, and nothing is counted
twice.
"""

from __future__ import annotations

from chalicelib import clock
from chalicelib.contacts import unfinished
from chalicelib.contacts.merging import SETTLED
from tests.api.visitor import Visitor, admin_of
from tests.flows.test_crash_sending import Deaths, Site, deaths
from tests.post import cloud
from tests.post.letters import letter, long_text
from tests.post.office import Office

__all__ = ["deaths"]  # the fixture


def sites(made: list[Site]) -> list[tuple[Site, bool]]:
    """Dying before each call, and after the last: to die after one is to die before the next."""
    return [*((site, False) for site in made), (made[-1], True)]


def settle() -> None:
    unfinished.go_on(lambda: False, clock.now())
    unfinished.go_on(lambda: False, clock.now() + SETTLED)


def write_in(office: Office, number: int) -> tuple[Visitor, str, str]:
    """A long mail of a new contact; a visitor, the contact's address and its id."""
    email = f"ada{number}@customer.example"
    office.deliver(letter(sender=email, message_id=f"{number}@ada.example", text=long_text(4_000)), mail_from=email)
    visitor = admin_of(office)
    return visitor, email, str(visitor.items(f"/v1/contacts?email={email}")[0]["id"])


def test_an_erasure_is_ended_wherever_it_died(office: Office, deaths: Deaths) -> None:
    visitor, _, contact_id = write_in(office, 0)
    made = deaths.run(lambda: visitor.delete(f"/v1/contacts/{contact_id}"))
    assert len(made) > 20
    settle()
    assert cloud.bucket_content() == {}
    for number, (site, after) in enumerate(sites(made), 1):
        visitor, email, contact_id = write_in(office, number)

        def erase(by: Visitor = visitor, contact_id: str = contact_id) -> None:
            by.delete(f"/v1/contacts/{contact_id}")

        deaths.run(erase, site, after=after)
        deaths.run(erase)
        settle()
        assert cloud.bucket_content() == {}, (site, after)
        assert not [key for key, item in cloud.table_content().items() if email in repr((key, item))], (site, after)
        told = visitor.items("/v1/erasures?limit=1")[0]
        assert (told["status"], told["counts"]["conversations"], told["counts"]["messages"]) == ("erased", 1, 1), site


def test_a_merge_is_ended_wherever_it_died(office: Office, deaths: Deaths) -> None:
    visitor, _, first = write_in(office, 0)
    _, _, second = write_in(office, 1)
    made = deaths.run(lambda: visitor.post(f"/v1/contacts/{first}/merge", {"contact_id": second}))
    assert len(made) > 8
    settle()
    for number, (site, after) in enumerate(sites(made), 2):
        visitor, _, other = write_in(office, number)

        def merge(by: Visitor = visitor, other: str = other) -> None:
            assert by.post(f"/v1/contacts/{first}/merge", {"contact_id": other}).status == 200

        deaths.run(merge, site, after=after)
        deaths.run(merge)
        settle()
        assert len(visitor.items(f"/v1/contacts/{first}/conversations?limit=100")) == number + 1, (site, after)
        assert len(visitor.items(f"/v1/contacts/{other}/timeline?limit=100")) == number + 1, (site, after)
        if number == 18:  # a contact has at most twenty addresses
            break
