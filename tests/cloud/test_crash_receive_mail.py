"""The receiving function dies before or after any of its calls to AWS; handled again, all is as if it never had.

For every call of every scenario: the function dies before the call, and after it with the answer lost. The queue then
delivers the message again. The whole table and the whole bucket must equal those of an undisturbed run.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.inbound.replay import replay
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.storage import aws
from tests.post import cloud, ministack
from tests.post.letters import letter, long_text
from tests.post.office import Office, moment
from tests.post.ses import at

pytestmark = pytest.mark.cloud

SENT = "0100019a-sent-0001@eu-central-1.amazonses.com"
FIRST = "first@customer.example"
LONG = long_text(30_000)
Site = tuple[str, int]  # an operation, and which call of it


class Died(BaseException):
    """The function's process is gone; nothing in it can catch this."""


@dataclass
class Calls:
    """Watches the calls to AWS, and ends the function at one of them."""

    made: list[Site] = field(default_factory=list)
    dies_at: Site | None = None
    after: bool = False
    dead: bool = False
    watching: bool = False
    run: int = 0  # counts how often the table was set back

    def begin(self, dies_at: Site | None = None, *, after: bool = False) -> None:
        """Watch a run from its beginning."""
        self.made, self.dies_at, self.after, self.dead, self.watching = [], dies_at, after, False, True

    def end(self) -> None:
        """Calls from here on are the test's own."""
        self.watching = False


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    """A MiniStack, with every call to it watched."""
    watched = Calls()
    real, lock = BaseClient._make_api_call, threading.Lock()

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if not watched.watching:
            return real(client, operation, arguments)
        if "ClientRequestToken" in arguments:
            # DynamoDB remembers tokens for ten minutes, so a table that was set back needs those of another run.
            salted = f"{watched.run} {arguments['ClientRequestToken']}"
            arguments = {**arguments, "ClientRequestToken": hashlib.sha256(salted.encode()).hexdigest()[:36]}
        with lock:
            if watched.dead:
                raise Died
            site = (operation, Counter(name for name, _ in watched.made)[operation])
            watched.made.append(site)
        if site != watched.dies_at:
            return real(client, operation, arguments)
        if watched.after:
            real(client, operation, arguments)
        watched.dead = True
        raise Died

    with ministack.empty_cloud(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield watched


# --- Scenarios: what is there before, and the queue message that is then handled


def opening(office: Office) -> str:
    """Contact, conversation, assignee, ticket, the own id and two cited ones."""
    users = [office.add_user(name) for name in ("Ada", "Bob")]
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, tuple(user.id for user in users)))
    return office.announce(office.store(letter(references=["a@x.example", "b@x.example"], cc=["bob@x.example"])))


def opening_with_a_long_body(office: Office) -> str:
    """The body lies in S3."""
    return office.announce(office.store(letter(text=LONG)))


def running(office: Office) -> str:
    """A reply, which brings somebody in."""
    office.deliver(letter())
    raw = letter(message_id="two@customer.example", in_reply_to=FIRST, cc=["bob@customer.example"])
    return office.announce(office.store(raw))


def running_with_a_long_body(office: Office) -> str:
    """A reply whose body lies in S3."""
    office.deliver(letter())
    return office.announce(office.store(letter(message_id="two@customer.example", in_reply_to=FIRST, text=LONG)))


def question_after_its_answer(office: Office) -> str:
    """The mail's id is known as cited before."""
    office.deliver(letter(message_id="two@customer.example", in_reply_to=FIRST))
    return office.announce(office.store(letter()))


def older_than_the_last(office: Office) -> str:
    """The first decision loses: the conversation has a later mail."""
    office.deliver(letter(), received_at=at(50))
    raw = letter(message_id="two@customer.example", in_reply_to=FIRST)
    return office.announce(office.store(raw), received_at=at(40))


def reopening(office: Office) -> str:
    """A closed conversation of an assignee."""
    user = office.add_user("Ada")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (user.id,)))
    office.deliver(letter())
    office.close(office.conversation(), at(2))
    return office.announce(office.store(letter(message_id="two@customer.example", in_reply_to=FIRST)))


def stranger(office: Office) -> str:
    """Somebody else answers our mail: the conversation is looked at, a contact made."""
    office.deliver(letter())
    office.note_sent(office.conversation(), SENT)
    return office.announce(
        office.store(letter(sender="mallory@evil.example", message_id="m@evil.example", in_reply_to=SENT))
    )


def reply_address(office: Office) -> str:
    """By signed address: the key is fetched."""
    office.deliver(letter())
    to = [office.reply_address(office.conversation())]
    return office.announce(office.store(letter(message_id="two@customer.example")), to)


def reply_address_of_a_closed_one(office: Office) -> str:
    """By signed address into a closed conversation."""
    office.deliver(letter())
    conversation = office.close(office.conversation(), at(2))
    return office.announce(
        office.store(letter(message_id="two@customer.example")), [office.reply_address(conversation)]
    )


def duplicate(office: Office) -> str:
    """The same content once more."""
    office.deliver(letter())
    return office.announce(office.store(letter()))


def quarantined(office: Office) -> str:
    """Spam."""
    return office.announce(office.store(letter()), spam="FAIL")


def channel_off(office: Office) -> str:
    """A channel that is switched off."""
    office.set_channel(enabled=False)
    return office.announce(office.store(letter()))


def no_channel(office: Office) -> str:
    """Nobody's address in an account, and one of no account."""
    return office.announce(office.store(letter()), ["nobody@acme.in.postfach.test", "x@y.example"])


def three_recipients(office: Office) -> str:
    """Two channels of two inboxes, and an address that is nobody's."""
    sales = office.add_channel("sales", office.add_inbox("Sales").id)
    to = [office.address, sales.address, "nobody@acme.in.postfach.test"]
    return office.announce(office.store(letter(text=LONG)), to)


def replay_of_channel_off(office: Office) -> str:
    """Released after the channel was switched on again."""
    office.set_channel(enabled=False)
    raw_id = office.deliver(letter(text=LONG))
    office.set_channel(enabled=True)
    return _replayed(office, raw_id)


def replay_of_spam(office: Office) -> str:
    """Released by an admin."""
    raw_id = office.deliver(letter(), spam="FAIL")
    return _replayed(office, raw_id, released=True)


def replay_of_a_filed_one(office: Office) -> str:
    """Understood again."""
    return _replayed(office, office.deliver(letter(text=LONG)))


def _replayed(office: Office, raw_id: str, *, released: bool = False) -> str:
    replay(office.delivery(raw_id), moment(at(60)), released=released)
    (body,) = office.take_queue()
    return body


SCENARIOS: list[Callable[[Office], str]] = [
    opening,
    opening_with_a_long_body,
    running,
    running_with_a_long_body,
    question_after_its_answer,
    older_than_the_last,
    reopening,
    stranger,
    reply_address,
    reply_address_of_a_closed_one,
    duplicate,
    quarantined,
    channel_off,
    no_channel,
    three_recipients,
    replay_of_channel_off,
    replay_of_spam,
    replay_of_a_filed_one,
]

State = tuple[dict[tuple[str, str], dict[str, Any]], dict[str, bytes]]


def state() -> State:
    """Everything that is stored."""
    return cloud.table_content(), cloud.bucket_content()


def restore(wanted: State, calls: Calls) -> None:
    """Make what is stored what it was."""
    calls.run += 1
    items, objects = state()
    dynamodb, s3 = aws.client("dynamodb"), aws.client("s3")
    for pk, sk in items.keys() - wanted[0].keys():
        dynamodb.delete_item(TableName=cloud.TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for key, item in wanted[0].items():
        if items.get(key) != item:
            dynamodb.put_item(TableName=cloud.TABLE, Item=item)
    for name in objects.keys() - wanted[1].keys():
        s3.delete_object(Bucket=cloud.BUCKET, Key=name)


def handle(office: Office, body: str, calls: Calls, dies_at: Site | None = None, *, after: bool = False) -> list[Site]:
    """The function handles the message in a fresh process, and may die; the calls it made."""
    cloud.forget_everything()
    calls.begin(dies_at, after=after)
    try:
        failed = office.handle(body)
    except Died:
        assert dies_at is not None
    else:
        assert failed == []
    finally:
        calls.end()
    return calls.made


_sites: Counter[str] = Counter()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_dying_at_any_call_changes_nothing_in_the_end(scenario: Callable[[Office], str], calls: Calls) -> None:
    restore(({}, {}), calls)
    office = Office()
    body = scenario(office)
    before = state()
    sites = handle(office, body, calls)
    whole = state()
    assert whole != before
    assert len(sites) >= 3
    for site in sites:
        for after in (False, True):
            restore(before, calls)
            handle(office, body, calls, site, after=after)
            handle(office, body, calls)
            assert state() == whole, f"died {'after' if after else 'before'} {site}"
            _sites[scenario.__name__] += 1
    assert handle(office, body, calls)
    assert state() == whole


def test_every_call_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    """The count, for whoever reads the run with -s."""
    with capsys.disabled():
        told = ", ".join(f"{name} {count}" for name, count in _sites.items())
        print(f"\n{sum(_sites.values())} deaths survived, at {sum(_sites.values()) // 2} calls: {told}")
    if len(_sites) == len(SCENARIOS):
        assert sum(_sites.values()) >= 2 * 4 * len(SCENARIOS)
