"""Tickets that several people, and mail, change at the same moment: one wins, and the others are told so.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from chalicelib import clock
from chalicelib.errors import Conflict, Refused
from chalicelib.model.account import Scope
from chalicelib.model.caller import Caller
from chalicelib.model.ticket import Pipeline, Ticket
from chalicelib.settings import pipelines as settings
from chalicelib.storage import accounts, pipelines, tickets
from chalicelib.tickets import change, links
from chalicelib.tickets.open_by_hand import TicketWish, open_by_hand
from chalicelib.tickets.read import SeenTicket
from chalicelib.tickets.wishes import TicketPatch
from tests.cloud.test_race_from_names import at_once
from tests.post import ministack
from tests.post.letters import letter
from tests.post.office import Office

pytestmark = pytest.mark.cloud

ROUNDS = 5
FIRST = count(0, 100)


@pytest.fixture(scope="module")
def at_ministack() -> Iterator[None]:
    """A cloud whose transactions hold under many threads."""
    with ministack.empty_cloud():
        yield


def an_office(subdomain: str) -> Office:
    """An account whose raw mails are named like nobody else's: they share a bucket."""
    office = Office(subdomain)
    office.count = next(FIRST)
    return office


def admin_of(office: Office) -> Caller:
    account = accounts.read(office.account_id)
    assert account is not None
    return Caller(account, office.user(office.admin_id), tuple(Scope), "tok")


def pipeline_of(office: Office) -> Pipeline:
    (found,) = pipelines.page_of_pipelines(office.account_id, limit=2, cursor=None).items
    return found


def now_of(ticket: Ticket) -> Ticket:
    found = tickets.get_ticket(ticket.account_id, ticket.id)
    assert found is not None
    return found


def moving(caller: Caller, ticket: Ticket, stage_id: str) -> Callable[[], SeenTicket]:
    patch = TicketPatch(stage_id=stage_id, version=ticket.version)
    return lambda: change.change(caller, ticket.id, patch, clock.now())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_many_moves_of_one_ticket_at_once_one_wins(at_ministack: None, number: int) -> None:
    office = an_office(f"moves{number}")
    office.deliver(letter())
    (ticket,), caller = office.tickets(), admin_of(office)
    stages = [stage.id for stage in pipeline_of(office).stages[1:]]
    found = at_once([moving(caller, ticket, stages[each % 3]) for each in range(6)])
    (winner,) = [each.ticket for each in found if isinstance(each, SeenTicket)]
    assert Counter(each.code for each in found if isinstance(each, Refused)) == {"ticket_changed": 5}
    assert now_of(ticket) == winner
    conversation = office.conversation()
    assert (conversation.ticket_stage_id, winner.version) == (winner.stage_id, ticket.version + 1)
    entries = tickets.page_of_entries(office.account_id, ticket.id, limit=10, cursor=None).items
    assert [entry.changes["stage_id"].after for entry in entries] == [winner.stage_id]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_S4_of_two_tickets_for_one_conversation_at_once_one_is_opened(at_ministack: None, number: int) -> None:
    office = an_office(f"opens{number}")
    office.set_channel(ticketing=type(office.channel().ticketing)(enabled=False))
    office.deliver(letter())
    caller, conversation = admin_of(office), office.conversation()

    def opening(ticket_id: str) -> Callable[[], SeenTicket]:
        return lambda: open_by_hand(caller, ticket_id, (conversation.id,), TicketWish(), clock.now())

    found = at_once([opening(f"tck_{number}{each % 4}") for each in range(8)])  # each asked for twice
    made = {each.ticket.id for each in found if isinstance(each, SeenTicket)}
    assert len(made) == 1
    assert {each.code for each in found if isinstance(each, Conflict)} == {"has_ticket"}
    assert [each.id for each in office.tickets()] == list(made)
    assert office.conversation().ticket_id in made


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_conversation_linked_with_many_tickets_at_once_gets_one(at_ministack: None, number: int) -> None:
    office = an_office(f"links{number}")
    for each in range(4):
        office.deliver(letter(message_id=f"m{each}@x.example"))
    office.set_channel(ticketing=type(office.channel().ticketing)(enabled=False))
    office.deliver(letter(message_id="free@x.example"))
    caller = admin_of(office)
    (free,) = [each for each in office.conversations() if each.ticket_id is None]
    opened = office.tickets()

    def linking(ticket: Ticket) -> Callable[[], SeenTicket]:
        return lambda: links.link(caller, ticket.id, free.id, clock.now())

    found = at_once([linking(each) for each in opened])
    (winner,) = [each.ticket for each in found if isinstance(each, SeenTicket)]
    assert Counter(type(each) for each in found) == {SeenTicket: 1, Conflict: 3}
    having = [each.id for each in map(now_of, opened) if free.id in {link.conversation_id for link in each.links}]
    assert having == [winner.id]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_mail_and_a_change_by_hand_at_once_both_happen(at_ministack: None, number: int) -> None:
    """The mail moves the ticket before or after; whoever changed the subject is told, or done."""
    office = an_office(f"mails{number}")
    office.deliver(letter())
    (ticket,), caller, pipeline = office.tickets(), admin_of(office), pipeline_of(office)
    waiting = pipeline.stages[2].id
    told = settings.settings_of(pipeline, pipeline.id)
    after = type(told)(told.name, told.stages, None, waiting, is_default=True)
    settings.change(caller, pipeline, after, None, clock.now())
    raw_id = office.store(letter(message_id="reply@x.example", in_reply_to="first@customer.example"))
    body = office.announce(raw_id, received_at="2030-01-01T00:00:00.000Z")
    patch = TicketPatch(subject="Changed meanwhile")
    found = at_once(
        [
            lambda: office.handle(body),
            lambda: change.change(caller, ticket.id, patch, clock.now()),
        ]
    )
    assert found[0] == []
    changed = isinstance(found[1], SeenTicket)
    assert changed or (isinstance(found[1], Conflict) and found[1].code == "ticket_changed")
    stored, conversation = now_of(ticket), office.conversation()
    assert (stored.stage_id, conversation.ticket_stage_id, conversation.message_count) == (waiting, waiting, 2)
    assert (stored.subject == "Changed meanwhile") is changed
    assert stored.version == ticket.version + 1 + changed


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_two_saves_of_one_pipeline_at_once_one_wins_and_the_account_follows_it(
    at_ministack: None, number: int
) -> None:
    office = an_office(f"pipelines{number}")
    caller, pipeline = admin_of(office), pipeline_of(office)
    told = settings.settings_of(pipeline, pipeline.id)

    def saving(stage_id: str) -> Callable[[], Pipeline]:
        after = type(told)(told.name, told.stages, stage_id, None, is_default=True)
        return lambda: settings.change(caller, pipeline, after, {pipeline.version}, clock.now())

    found = at_once([saving(stage.id) for stage in pipeline.stages])
    (winner,) = [each for each in found if isinstance(each, Pipeline)]
    assert {each.code for each in found if isinstance(each, Refused)} == {"precondition_failed"}
    account = accounts.read(office.account_id)
    assert account is not None
    assert account.stage_moves == {pipeline.id: settings.moves_of(winner)}
