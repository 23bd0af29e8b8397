"""What calls cost in an account with 300 inboxes, 3,000 channels and 2,000 users, against one with one of each.

The numbers are exact and stand in `docs/budgets.md`, too: requests to DynamoDB, write units, read units, as
`tests/post/meter.py` counts them. A row of `CALLS` says the cost in both; where they differ, the small one first. Lists
read what lies on their page, up to 25 of each kind; those of `GROWING` read more, each for the reason it gives.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import moto.dynamodb.models
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from msgspec.structs import replace

from chalicelib.clock import derived_id
from chalicelib.model.account import Role, Team
from chalicelib.model.inbox import Access, AccessMode, Routing, RoutingMode, Sender
from chalicelib.storage import inboxes, people, pipelines, tickets
from chalicelib.storage.tables import Row
from tests.api.visitor import Reply, Visitor, admin_of, visitor_for
from tests.conftest import running_cloud
from tests.post import cloud
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office
from tests.post.ses import at

INBOXES, CHANNELS, USERS, TEAMS, PIPELINES, TICKETS = 300, 3000, 2000, 100, 50, 60


class Cost(NamedTuple):
    """Requests to DynamoDB, write units, read units."""

    requests: int
    written: float
    read: float


class Call(NamedTuple):
    """A request, or a mail that comes in (its Message-ID, and which one it answers); what it costs small and large."""

    what: str
    small: Cost
    large: Cost | None = None  # as small
    body: Any = None
    status: int = 200
    who: str = "admin"


class Company:
    """An account with one of each, whose ids fill the places in paths and bodies."""

    def __init__(self) -> None:
        self.office = office = Office()
        mia = office.add_user("Mia")
        team = Team(office.account_id, derived_id("tea", "support"), "Support", at(0))
        people.add_team(team, office.noted("team.added", team.id))
        rule = Routing(RoutingMode.SPECIFIC, (mia.id,))
        office.set_channel(routing=rule, sender=Sender(use_for_sending=True))
        office.deliver(letter(message_id="first@x.example"))
        found = office.conversation()
        self.ids = {
            "inbox": office.inbox_id,
            "channel": office.channel_id,
            "user": mia.id,
            "boss": office.admin_id,
            "team": team.id,
            "pipeline": office.tickets()[0].pipeline_id,
            "conversation": found.id,
            "contact": found.contact_id,
        }
        self.visitors = {"admin": admin_of(office), "member": visitor_for(office.add_user("Leo"))}

    def does(self, call: Call) -> None:
        """Make a call, and hold its status."""
        method, path = call.what.split(" ", 1)
        if method == "MAIL":
            self.office.deliver(letter(message_id=path, in_reply_to=call.body))
            return
        visitor: Visitor = self.visitors[call.who]
        headers = {} if method in ("GET", "POST") else {"if_match": "*"}
        reply: Reply = visitor.send(method, path.format_map(self.ids), filled(call.body, self.ids), **headers)
        assert reply.status == call.status, reply.text


def filled(body: Any, ids: dict[str, str]) -> Any:
    """A body with ids in the places of their names."""
    if isinstance(body, dict):
        return {name: filled(each, ids) for name, each in body.items()}
    if isinstance(body, list):
        return [filled(each, ids) for each in body]
    return ids[body[1:-1]] if isinstance(body, str) and body[:1] == "{" else body


def grown(company: Company) -> list[Row]:
    """The rows that make the account large. Channels: half of them in the first inbox; users: a tenth in the team."""
    office, rows = company.office, list[Row]()
    first, channel, user = office.inboxes()[0], office.channel(), office.user(office.admin_id)
    team = people.get_team(office.account_id, company.ids["team"])
    (pipeline,) = pipelines.page_of_pipelines(office.account_id, limit=1, cursor=None).items
    (ticket,) = office.tickets()
    assert team is not None
    for n in range(INBOXES):
        chosen = Access(AccessMode.SELECTED, (derived_id("usr", str(n)),))
        rows.append(inboxes.inbox_row(replace(first, id=derived_id("inb", str(n)), access=chosen)))
    for n in range(CHANNELS):
        place = office.inbox_id if n % 2 else derived_id("inb", str(n % INBOXES))
        address = f"a{n:04}@acme.in.postfach.test"
        rows.append(
            inboxes.channel_row(replace(channel, id=derived_id("chn", str(n)), inbox_id=place, address=address))
        )
    for n in range(USERS):
        teams = (team.id,) if n % 10 == 0 else ()
        another = replace(user, id=derived_id("usr", str(n)), email=f"u{n:04}@acme.example", team_ids=teams)
        rows.append(people.user_row(replace(another, role=Role.MEMBER)))
    for n in range(TEAMS):
        rows.append(people.team_row(replace(team, id=derived_id("tea", str(n)))))
    for n in range(PIPELINES):
        rows.append(pipelines.pipeline_row(replace(pipeline, id=derived_id("pip", str(n)))))
    for n in range(TICKETS):
        another_inbox = replace(ticket, id=derived_id("tck", str(n)), inbox_id=derived_id("inb", str(n)))
        rows.append(tickets.ticket_row(another_inbox))
    return rows


def put(rows: list[Row]) -> None:
    """Put rows straight into moto's table: its batches would take a minute."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[cloud.TABLE]
    for row in rows:
        table.put_item(row.serialize())


ONLY = {"mode": "selected", "user_ids": ["{user}", "{boss}"]}
BY_TEAM = {"mode": "specific", "team_ids": ["{team}"]}
REPLY = {"type": "reply", "text": "It leaves today."}
CALLS = [
    Call("GET /v1/inboxes?limit=25", Cost(4, 0, 4.5), Cost(4, 0, 30.5)),
    Call("GET /v1/inboxes/{inbox}/channels?limit=25", Cost(3, 0, 4.5), Cost(3, 0, 7.5)),
    Call("GET /v1/users?limit=25", Cost(3, 0, 3.5), Cost(3, 0, 4)),
    Call("GET /v1/teams?limit=25", Cost(3, 0, 3.5), Cost(3, 0, 4)),
    Call("GET /v1/pipelines?limit=25", Cost(3, 0, 3.5), Cost(3, 0, 5)),
    Call("GET /v1/tickets?limit=25", Cost(4, 0, 4.5), Cost(4, 0, 32)),
    Call("GET /v1/contacts/{contact}/timeline?limit=25", Cost(5, 0, 5.5)),
    Call("GET /v1/inboxes/{inbox}/conversations?limit=25", Cost(3, 0, 4.5)),
    Call("GET /v1/conversations/{conversation}", Cost(4, 0, 5), who="member"),
    Call("PATCH /v1/inboxes/{inbox}", Cost(4, 7, 5), body={"access": ONLY}),
    Call("GET /v1/conversations/{conversation}", Cost(4, 0, 5), status=404, who="member"),
    Call("PATCH /v1/channels/{channel}", Cost(5, 8, 5), body={"signature": "<p>Acme</p>"}),
    Call("PATCH /v1/users/{user}", Cost(4, 6, 4), body={"name": "Mia M."}),
    Call("PATCH /v1/teams/{team}", Cost(4, 6, 3.5), body={"name": "Helpers"}),
    Call("PATCH /v1/teams/{team}/members", Cost(6, 6, 5), body={"add": ["{user}"]}, status=204),
    Call("PATCH /v1/pipelines/{pipeline}", Cost(4, 7, 4), body={"name": "Questions"}),
    Call("PATCH /v1/account", Cost(3, 7, 3), body={"locale": "de"}),
    Call("PATCH /v1/conversations/{conversation}", Cost(6, 16, 6), body={"assignee_id": "{boss}"}),
    Call("POST /v1/conversations/{conversation}/messages", Cost(7, 24, 6.5), body=REPLY, status=201),
    Call("MAIL second@x.example", Cost(4, 27, 4.5)),  # assigned to one of those whom the rule names
    Call("MAIL third@x.example", Cost(3, 24, 4.5), body="second@x.example"),
]
GROWING = [
    # A member who sees one of 300 inboxes: the list goes through those that are hidden, 200 at once.
    Call("GET /v1/inboxes?limit=25", Cost(4, 0, 4.5), Cost(9, 0, 316.5), who="member"),
    Call("GET /v1/tickets?limit=25", Cost(4, 0, 4.5), Cost(6, 0, 71), who="member"),
    # Who belongs to a team stands on the users: 200 of them at once, and for a rule all, a megabyte at once.
    Call("GET /v1/teams/{team}/members?limit=25", Cost(4, 0, 4), Cost(6, 0, 18.5)),
    Call(
        "PATCH /v1/channels/{channel}", Cost(7, 12, 6), body={"routing": {"mode": "specific", "team_ids": ["{team}"]}}
    ),
    Call("MAIL fourth@x.example", Cost(4, 27, 4.5), Cost(4, 27, 73.5)),
    # Whether an address has a user already is asked of all users.
    Call(
        "POST /v1/users", Cost(6, 8, 4.5), Cost(6, 8, 73.5), body={"email": "n@acme.example", "name": "N"}, status=201
    ),
]


@pytest.fixture(scope="module")
def costs() -> Iterator[dict[str, list[Cost]]]:
    """What each call cost in the small account, and in the large one."""
    found: dict[str, list[Cost]] = {}
    with pytest.MonkeyPatch.context() as patched:
        # moto keeps a copy of the whole table while a transaction runs, to undo it; none fails here.
        quick = SimpleNamespace(deepcopy=lambda thing: thing if isinstance(thing, Table) else copy.deepcopy(thing))
        patched.setattr(moto.dynamodb.models, "copy", quick)
        for is_large in (False, True):
            with running_cloud():
                company = Company()
                if is_large:
                    put(grown(company))
                for call in (*CALLS, *GROWING):
                    with metered() as bill:
                        company.does(call)
                    found.setdefault(name_of(call), []).append(Cost(bill.dynamodb, bill.written, bill.read))
        yield found


def name_of(call: Call) -> str:
    """What tells a call from the others."""
    return f"{call.what} {call.who} {call.status}" + (f" {sorted(call.body)}" if isinstance(call.body, dict) else "")


@pytest.mark.parametrize("call", [*CALLS, *GROWING], ids=name_of)
def test_a_call_costs_what_its_row_says_in_a_small_and_in_a_large_account(
    costs: dict[str, list[Cost]], call: Call
) -> None:
    assert costs[name_of(call)] == [call.small, call.large or call.small]


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_a_large_account_asks_as_often_and_a_list_reads_at_most_its_page(call: Call) -> None:
    """Holds the rows themselves: requests and write units are the same; what is read besides, 25 things of a kind."""
    large = call.large or call.small
    assert large[:2] == call.small[:2]
    assert call.large is None or "limit=25" in call.what
    assert large.read - call.small.read <= 25 + 25 / 4
