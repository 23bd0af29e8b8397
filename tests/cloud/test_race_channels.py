"""Channels, domains, inboxes and plans that two people change at the same moment, and a move that dies half-way.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.conversations.transfer import transfer
from chalicelib.errors import Conflict, Fault, LostRace, PlanDoesNotAllow, Refused
from chalicelib.model.account import Plan
from chalicelib.model.inbox import Inbox, SignatureImage
from chalicelib.model.sending_domain import SendingDomain
from chalicelib.outbound.render_signature import shown_ids
from chalicelib.settings import account, channels, connect, domains, inboxes, signature_images
from chalicelib.settings.channel_types import FallbackEmailForm
from chalicelib.storage import accounts, sending_domains
from chalicelib.storage.inboxes import all_inboxes
from tests.api.visitor import admin_of
from tests.cloud.test_race_from_names import at_ministack, at_once
from tests.post.identities import Identities, ses_identities
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.uploading import PNG, upload

__all__ = ["at_ministack"]  # the fixture
pytestmark = pytest.mark.cloud
ROUNDS = 5
DOMAINS = {"paid_domain": "in.postfach.test", "free_domain": "free.postfach.test"}


class _Killed(BaseException):
    """The function is gone: nothing catches this."""


@pytest.fixture
def ses(at_ministack: None) -> Iterator[Identities]:
    with ses_identities() as identities:
        yield identities


def office_of(name: str) -> Office:
    return Office(f"{name}-{clock.new_id('x')[2:10]}")


def told(job: Callable[[], object]) -> Callable[[], object]:
    """The job, with a fault that asks to try again as its result: at these the API answers 503."""

    def run() -> object:
        try:
            return job()
        except Fault as fault:
            return fault

    return run


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_two_accounts_that_claim_one_domain_at_once_one_has_it(ses: Identities, number: int) -> None:
    offices, domain = [office_of("one"), office_of("two")], f"shop{number}.example"
    found = at_once([lambda o=o: domains.claim(o.account_id, domain, clock.now()) for o in offices])  # type: ignore[misc]
    (winner,) = [each for each in found if isinstance(each, SendingDomain)]
    (told_so,) = [each for each in found if isinstance(each, Conflict)]
    assert told_so.code == "domain_taken"
    stored = sending_domains.find(domain)
    assert stored is not None
    assert stored.account_id == winner.account_id
    assert ses.known[domain]["mail_from"] == stored.mail_from_domain
    with pytest.raises(Conflict):
        domains.claim(next(o.account_id for o in offices if o.account_id != winner.account_id), domain, clock.now())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_S8_of_two_fallback_addresses_disconnected_at_once_one_stays(at_ministack: None, number: int) -> None:
    office = office_of("last")
    caller = office.caller()
    inbox = next(each for each in office.inboxes() if each.id == office.inbox_id)
    form = FallbackEmailForm(local_part="second", company_name="Second")
    both = [office.channel(), connect.connect(caller, inbox, form, clock.new_id("chn"), clock.now())]
    found = at_once([told(lambda c=c: connect.disconnect(caller, c, clock.now())) for c in both])  # type: ignore[misc]
    gone = [each for each in both if office.channel(each.id).disconnected_at is not None]
    assert len(gone) == found.count(None) <= 1
    left = [each for each in both if each not in gone]
    for each in left[: len(left) - 1]:  # whoever lost tries again, until one address is left
        connect.disconnect(caller, office.channel(each.id), clock.now())
    (last,) = [each for each in both if office.channel(each.id).disconnected_at is None]
    with pytest.raises(Conflict) as refused:
        connect.disconnect(caller, office.channel(last.id), clock.now())
    assert refused.value.code == "last_fallback_address"


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.parametrize("form", [None, FallbackEmailForm()], ids=["without a channel", "with one"])
def test_S6_a_smaller_plan_and_a_further_inbox_at_once_never_both_succeed(
    at_ministack: None, form: FallbackEmailForm | None, number: int
) -> None:
    office = office_of("plan")
    caller = office.caller()
    smaller = replace(account.settings_of(caller.account), plan=Plan.STARTER)
    jobs = [
        told(lambda: account.change(caller, smaller, None, **DOMAINS, now=clock.now())),
        told(lambda: inboxes.add(caller, clock.new_id("inb"), inboxes.InboxSettings("Sales"), form, clock.now())),
    ]
    changed, added = at_once(jobs)
    stored = accounts.read(office.account_id, consistent=True)
    assert stored is not None
    further = len(all_inboxes(office.account_id)) - 1
    assert (stored.plan is Plan.STARTER, further) in ((True, 0), (False, 1), (False, 0))
    assert isinstance(added, Inbox) == (further == 1)
    if further:
        assert isinstance(changed, Refused | Fault)


def test_S6_an_inbox_that_was_added_after_the_look_stops_a_smaller_plan_and_the_other_way_round(
    at_ministack: None,
) -> None:
    """The worst moment, made: each reads before the other writes."""
    office = office_of("moment")
    caller, seen = office.caller(), all_inboxes(office.account_id)
    smaller = replace(account.settings_of(caller.account), plan=Plan.FREE)
    inboxes.add(caller, clock.new_id("inb"), inboxes.InboxSettings("Sales"), None, clock.now())
    after = replace(caller.account, plan=Plan.STARTER, version=caller.account.version + 1)
    with pytest.raises(LostRace):
        accounts.change(caller.account, after, office.noted("account.changed", office.account_id), taken=0)
    assert len(seen) == 1
    with pytest.raises(PlanDoesNotAllow):
        account.change(caller, smaller, None, **DOMAINS, now=clock.now())
    other = office_of("other")
    stale = other.caller()
    account.change(
        stale, replace(account.settings_of(stale.account), plan=Plan.STARTER), None, **DOMAINS, now=clock.now()
    )
    with pytest.raises(PlanDoesNotAllow):  # its caller was read while the plan was professional
        inboxes.add(stale, clock.new_id("inb"), inboxes.InboxSettings("Sales"), None, clock.now())
    fresh = other.caller()
    account.change(
        fresh, replace(account.settings_of(fresh.account), plan=Plan.ENTERPRISE), None, **DOMAINS, now=clock.now()
    )
    added = inboxes.add(other.caller(), clock.new_id("inb"), inboxes.InboxSettings("Sales"), None, clock.now())
    assert added.id in {each.id for each in all_inboxes(other.account_id)}


def test_a_move_that_died_before_its_messages_followed_is_ended_by_asking_again(
    at_ministack: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_of("move")
    caller = office.caller()
    sales = inboxes.add(caller, clock.new_id("inb"), inboxes.InboxSettings("Sales"), FallbackEmailForm(), clock.now())
    office.deliver(letter(to=[office.address]))
    office.deliver(letter(to=[office.address], message_id="m@x.example", in_reply_to="first@customer.example"))
    before = office.conversation()

    real = BaseClient._make_api_call
    written: list[str] = []

    def call(client: BaseClient, operation: str, told: dict[str, Any]) -> Any:
        if written and operation == "Query":
            raise _Killed
        answer = real(client, operation, told)
        written.extend([operation] if operation == "TransactWriteItems" else [])
        return answer

    with monkeypatch.context() as dying:
        dying.setattr(BaseClient, "_make_api_call", call)
        with pytest.raises(_Killed):
            transfer(caller, before.id, sales.id, None, clock.now())
    (moved,) = office.conversations(sales.id)
    assert (moved.id, office.conversations()) == (before.id, [])
    assert {each.inbox_id for each in office.messages(moved)} == {office.inbox_id, sales.id}  # the event is there
    again = transfer(caller, before.id, sales.id, None, clock.now())
    assert (again.inbox_id, again.message_count) == (sales.id, moved.message_count)
    messages = office.messages(again)
    assert {each.inbox_id for each in messages} == {sales.id}
    assert len([each for each in messages if "moved_to_another_inbox" in each.marks]) == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_S42_images_added_at_once_are_all_kept_and_a_signature_never_shows_one_that_went(
    at_ministack: None, number: int
) -> None:
    office = office_of("images")
    caller, path = office.caller(), office.channel_id
    uploaded = [upload(admin_of(office), f"{each}.png", PNG) for each in range(3)]

    def add(upload_id: str) -> SignatureImage:
        return signature_images.add(caller, path, upload_id, clock.new_id("img"), clock.now())

    found = at_once([told(partial(add, each)) for each in uploaded])
    kept = office.channel().signature_images
    assert {each.id for each in kept} == {each.id for each in found if isinstance(each, SignatureImage)}
    assert kept
    before, image = office.channel(), kept[0]
    shown = replace(channels.settings_of(before), signature=f'<img src="cid:{image.content_id}">')
    at_once(
        [
            told(lambda: channels.change(caller, before, shown, None, clock.now())),
            told(lambda: signature_images.remove(caller, path, image.id, clock.now())),
        ]
    )
    after = office.channel()
    assert shown_ids(after.signature) <= {each.content_id for each in after.signature_images}
