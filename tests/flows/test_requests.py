"""The budgets of receiving: requests and units of each kind of mail, exactly. docs/budgets.md shows the table.

The mails have what mails have: long names and ids, a few references, text that deflates as prose does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chalicelib.model.inbox import Routing, RoutingMode
from tests.api.visitor import admin_of
from tests.post import cloud
from tests.post.letters import letter, long_text
from tests.post.meter import Bill, item_size, metered, read_units, write_units
from tests.post.office import Office
from tests.post.ses import at

ADA = "Augusta Ada Lovelace <augusta.lovelace@analytical-engines.example>"
BOB = "Charles Babbage <charles.babbage@analytical-engines.example>"
SUBJECT = "Order 2026-1234: two of the five parcels have not arrived"
KB = 1024


def message_id(number: int) -> str:
    """As long as those of the large providers."""
    return f"CAKdV8WZq+{number:04d}pTmV3xQ9fG7b1sYhL2nR8uKjE5cDwA0zXo6@mail.analytical-engines.example"


def mail(number: int, *cites: int, size: int = 10 * KB, sender: str = ADA) -> bytes:
    """Mail `number` of a thread, of `size` bytes, to the inbox and a colleague."""
    return letter(
        sender=sender,
        cc=[BOB],
        subject=f"Re: {SUBJECT}" if cites else SUBJECT,
        message_id=message_id(number),
        in_reply_to=message_id(cites[-1]) if cites else None,
        references=[message_id(each) for each in cites],
        text=long_text(size - 800, number + 1) if size > KB else "It came today. Thank you!\r\n",
    )


def begin(office: Office) -> Office:
    """A conversation of three mails with an assignee and a ticket, in a warm function."""
    user = office.add_user("Grace Hopper")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (user.id,)))
    for number in range(3):
        office.deliver(mail(number, *range(number)))
    return office


@pytest.fixture
def running(office: Office) -> Office:
    return begin(office)


def bill_of(office: Office, raw: bytes, *to: str, **found: str) -> Bill:
    """What one mail costs, from the queue message on."""
    body = office.announce(office.store(raw), to or None, **found)
    with metered() as bill:
        assert office.handle(body) == []
    return bill


@dataclass(frozen=True)
class Kind:
    """A kind of mail, how it is made, and what it costs: the rows of docs/budgets.md."""

    name: str
    handle: Callable[[Office], Bill]
    requests: int
    written: int
    read: float
    puts: int


def replied(office: Office, *to: str) -> Bill:
    return bill_of(office, mail(3, 0, 1, 2), *to)


def after_closing(office: Office, *to: str) -> Bill:
    office.close(office.conversation(), at(4))
    return bill_of(office, mail(3, 0, 1, 2), *to, received_at=at(5))


def signed(office: Office) -> str:
    return office.reply_address(office.conversation())


def after_a_transfer(office: Office) -> Bill:
    """Somebody moved the conversation to another inbox; the reply address is still that of its channel."""
    admin = admin_of(office)
    other = admin.post("/v1/inboxes", {"name": "Returns"}).json["id"]
    to, path = signed(office), f"/v1/conversations/{office.conversation().id}/transfer"
    assert admin.post(path, {"inbox_id": other}).status == 200
    return replied(office, to)


def moving_its_ticket(office: Office, *to: str) -> Bill:
    """The pipeline says where tickets go when the customer writes, and this one is not there yet."""
    admin = admin_of(office)
    (pipeline,) = admin.items("/v1/pipelines")
    waiting = {"on_reply_stage_id": pipeline["stages"][2]["id"]}
    assert admin.patch(f"/v1/pipelines/{pipeline['id']}", waiting).status == 200
    return replied(office, *to)


def moving_tickets_elsewhere(office: Office) -> Bill:
    """The same once the ticket is there: an account that moves tickets pays for those that move."""
    moving_its_ticket(office)
    return bill_of(office, mail(4, 0, 1, 2, 3))


def switched_off(office: Office) -> Bill:
    office.set_channel(enabled=False)
    return replied(office)


NEW = "Charlotte <charlotte@elsewhere.example>"
KINDS = [
    Kind("running conversation, 10 KB", replied, 3, 24, 5.5, 1),
    Kind("running conversation, a line", lambda o: bill_of(o, mail(3, 0, 1, 2, size=100)), 3, 24, 5.5, 0),
    Kind(
        "running conversation, 10 KB, reply address", lambda o: bill_of(o, mail(3, 0, 1, 2), signed(o)), 3, 24, 3.5, 1
    ),
    Kind("reply to a mail that is not there yet", lambda o: bill_of(o, mail(9, 0, 1, 8)), 3, 26, 5.5, 1),
    Kind("new conversation, contact and ticket", lambda o: bill_of(o, mail(20, sender=NEW)), 4, 32, 4.5, 1),
    Kind("new conversation of a known contact", lambda o: bill_of(o, mail(21)), 4, 27, 4.5, 1),
    Kind("reopening a closed conversation", after_closing, 7, 36, 17.5, 2),
    Kind("reopening, reply address", lambda o: after_closing(o, signed(o)), 3, 26, 3.5, 1),
    Kind("reply that moves its ticket", moving_its_ticket, 8, 43, 18.5, 2),
    Kind("reply that moves its ticket, reply address", lambda o: moving_its_ticket(o, signed(o)), 4, 33, 4.5, 1),
    Kind("reply after a transfer, reply address", after_a_transfer, 3, 22, 3.5, 1),
    Kind("running conversation, ticket moved before", moving_tickets_elsewhere, 3, 24, 6.0, 1),
    Kind("duplicate", lambda o: bill_of(o, b"X-Trace: 1\r\n" + mail(2, 0, 1)), 3, 4, 5.0, 0),
    Kind("quarantined", lambda o: bill_of(o, mail(3, 0, 1, 2), spam="FAIL"), 3, 4, 5.5, 0),
    Kind("channel off", switched_off, 3, 7, 5.5, 0),
    Kind("unknown recipient", lambda o: bill_of(o, mail(3), "nobody@acme.in.postfach.test"), 3, 4, 1.0, 0),
]
BUDGETS = {"running conversation": (3, 25, 8.0, 1), "new conversation": (4, 40, 8.0, 1)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_each_kind_costs(running: Office, kind: Kind) -> None:
    bill = kind.handle(running)
    assert (bill.dynamodb, bill.written, bill.read, bill.s3_puts) == (kind.requests, kind.written, kind.read, kind.puts)
    assert bill.s3_gets == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_budgets_hold_and_the_page_shows_what_is_measured(kind: Kind) -> None:
    measured = (kind.requests, kind.written, kind.read, kind.puts)
    row = f"| {kind.name} | {kind.requests} | {kind.written} | {kind.read:g} | 1 | {kind.puts} |"
    assert row in (cloud.ROOT / "docs" / "budgets.md").read_text().splitlines()
    for name, budget in BUDGETS.items():
        if kind.name.startswith(name):
            assert all(spent <= allowed for spent, allowed in zip(measured, budget, strict=True))


def test_a_mail_into_a_long_conversation_costs_the_same(running: Office) -> None:
    """The growth that matters: not with the messages of a conversation, nor with those of the account."""
    for number in range(3, 23):
        running.deliver(mail(number, 0, number - 2, number - 1))
        running.deliver(mail(100 + number))
    bill = bill_of(running, mail(30, 0, 21, 22))
    assert (bill.dynamodb, bill.written, bill.read) == (3, 24, 5.5)


# --- The meter


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "ab"}}, 4),
        ({"ü": {"S": "ü"}}, 4),
        ({"b": {"B": b"123"}}, 4),
        ({"n": {"N": "1"}}, 3),
        ({"n": {"N": "1234"}}, 4),
        ({"n": {"N": "-1200"}}, 4),
        ({"s": {"SS": ["ab", "c"]}}, 4),
        ({"t": {"BOOL": True}}, 2),
    ],
)
def test_sizes_of_items(item: dict[str, dict[str, object]], size: int) -> None:
    assert item_size(item) == size


def row(size: int, **keys: str) -> dict[str, dict[str, str]]:
    told = {name: {"S": value} for name, value in keys.items()}
    return {**told, "x": {"S": "y" * (size - 1 - item_size(told))}}


LISTED = {"list_pk": "a", "list_sk": "1"}


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, row(100), 2),
        (None, row(1024), 2),
        (None, row(1025), 4),
        (row(3000), row(100), 6),
        (row(100), None, 2),
        (None, row(1500, **LISTED), 4 + 2),
        (row(100, **LISTED), row(101, **LISTED), 2 + 1),
        (row(100, **LISTED), row(100, **LISTED), 2),
        (row(1500, **LISTED), row(1500, list_pk="a", list_sk="2"), 4 + 2 + 2),
        (row(100, **LISTED), None, 2 + 1),
        (row(100, **LISTED), row(100), 2 + 1),
    ],
)
def test_units_of_a_write_in_a_transaction(
    before: dict[str, dict[str, str]] | None, after: dict[str, dict[str, str]] | None, units: int
) -> None:
    assert write_units(before, after, in_transaction=True) == units


@pytest.mark.parametrize(
    ("size", "consistent", "units"), [(0, False, 0.5), (4096, False, 0.5), (4097, False, 1.0), (4097, True, 2.0)]
)
def test_units_of_a_read(size: int, consistent: bool, units: float) -> None:
    assert read_units(size, consistent=consistent) == units
