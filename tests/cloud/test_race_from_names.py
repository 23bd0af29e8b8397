"""Settings that two people save at the same moment: no two addresses get one from name (S30), no code works twice.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.errors import Conflict, PreconditionFailed, Refused
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Channel
from chalicelib.outbound.proof_mail import token_of
from chalicelib.settings import channels, from_addresses, inboxes
from chalicelib.settings.channel_types import FallbackEmailForm
from chalicelib.settings.from_names import folded_name
from chalicelib.storage import from_names
from chalicelib.storage.secrets import signing_key
from tests.post import cloud, ministack
from tests.post.office import Office

pytestmark = pytest.mark.cloud

SPELLINGS = (
    "Acme Shop",
    "ACME SHOP",
    "acme  shop",
    "Ａｃｍｅ Shop",
    "Acme\u00a0Shop",
    "Ac\u200bme Shop",
    "acme shop ",
    "Acme Shop",
)
ROUNDS = 5
Found = TypeVar("Found")


@pytest.fixture(scope="module")
def at_ministack() -> Iterator[None]:
    """A cloud whose transactions hold under many threads."""
    with ministack.empty_cloud():
        yield


def at_once(jobs: list[Callable[[], Found]]) -> list[Found | Refused]:
    """What each job returned or was refused with, all begun at the same moment."""
    ready = Barrier(len(jobs))

    def run(job: Callable[[], Found]) -> Found | Refused:
        ready.wait()
        try:
            return job()
        except Refused as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as threads:
        return [each.result() for each in [threads.submit(run, job) for job in jobs]]


def renaming(caller: Caller, before: Channel, name: str) -> Callable[[], Channel]:
    settings = channels.settings_of(before)
    after = replace(settings, sender=replace(settings.sender, company_name=name))
    return lambda: channels.change(caller, before, after, None, clock.now())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_S30_of_many_saves_of_one_from_name_at_once_one_wins(at_ministack: None, number: int) -> None:
    office = Office(f"names{number}")
    caller = office.caller()
    before = [office.add_channel(f"shop{each}") for each in range(len(SPELLINGS))]
    found = at_once([renaming(caller, each, name) for each, name in zip(before, SPELLINGS, strict=True)])
    (winner,) = [each for each in found if isinstance(each, Channel)]
    assert {type(each) for each in found} == {Channel, Conflict}
    assert from_names.holders(office.account_id, [folded_name("Acme Shop")]) == {"acme shop": winner.id}
    stored = [office.channel(each.id) for each in before]
    assert [each.id for each in stored if each.sender.company_name] == [winner.id]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_S30_of_two_saves_of_one_channel_at_once_one_wins_and_holds_its_name_alone(
    at_ministack: None, number: int
) -> None:
    office = Office(f"saves{number}")
    caller, before = office.caller(), office.channel()
    names = [f"Name {each}" for each in range(6)]
    found = at_once([renaming(caller, before, name) for name in names])
    (winner,) = [each for each in found if isinstance(each, Channel)]
    assert Counter(type(each) for each in found) == {Channel: 1, PreconditionFailed: 5}
    held = from_names.holders(office.account_id, map(folded_name, [*names, "Acme Inc."]))
    assert held == {folded_name(winner.sender.company_name): office.channel_id}


def test_S30_inboxes_made_at_once_get_names_of_their_own(at_ministack: None) -> None:
    office = Office("made")
    caller, settings = office.caller(), inboxes.InboxSettings("Sales")

    def add() -> object:
        return inboxes.add(caller, clock.new_id("inb"), settings, FallbackEmailForm(), clock.now())

    found = at_once([add] * 3)
    made = [each for each in found if not isinstance(each, Refused)]
    assert made
    rows = [item for item in cloud.table_content().values() if item.get("account_id") == {"S": office.account_id}]
    held = [item["channel_id"]["S"] for item in rows if item["kind"]["S"] == "from_name"]
    stored = [item["id"]["S"] for item in rows if item["kind"]["S"] == "channel"]
    assert sorted(held) == sorted(stored)
    assert len(stored) == 1 + len(made)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_S36_a_code_that_is_handed_in_many_times_at_once_works_once(at_ministack: None, number: int) -> None:
    office = Office(f"proof{number}")
    from_addresses.begin(office.caller(), clock.new_id("prf"), office.channel(), "help@acme.example", clock.now())
    (proof,) = [
        item
        for item in cloud.table_content().values()
        if item["kind"]["S"] == "proof" and item["account_id"]["S"] == office.account_id
    ]
    token = token_of(signing_key(), office.account_id, office.channel_id, proof["id"]["S"], "help@acme.example")
    found = at_once([lambda: from_addresses.give(token, clock.now())] * 6)
    assert sum(isinstance(each, Channel) for each in found) == 1
    after = office.channel()
    assert (after.proven_address, after.version) == ("help@acme.example", 3)
