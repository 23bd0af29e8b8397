"""The scheduled function dies at any of its calls to AWS, and the next run ends in the same state.

What is to be mended: a raw mail without a row, an answer that never left, and an SES that has nothing of ours. The
function dies before its first call that changes anything, and after each with the answer lost: between them it only
reads. Nothing of a dead process runs on, so its lease stays. Two minutes later the next run begins. Printed (`-s`) is
how many ways there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib import clock
from chalicelib.config import config
from chalicelib.model.inbox import Sender
from chalicelib.reconcile.run import reconcile
from chalicelib.storage import aws, keys
from tests.api.visitor import admin_of
from tests.flows.test_crash_sending import Died, Site
from tests.flows.test_lost_mail import stored
from tests.post import cloud, outbox
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses_control import SesControl, ses_control

SET = "postfach-test"
READS = ("Get", "BatchGet", "Query", "List", "Describe")  # to die at one changes nothing


class Later:
    """An hour later: queues have had their chance."""

    def now(self) -> datetime:
        """That time."""
        return datetime.now(UTC) + timedelta(hours=1)

    def sleep(self, seconds: float) -> None:
        """Nobody sleeps."""
        raise AssertionError(seconds)


class Process:
    """One process after the other; each may die at one of its calls, and makes none after that."""

    def __init__(self) -> None:
        self.made: list[Site] = []
        self.dies_at: Site | None = None
        self.after = self.watching = self.dead = False

    def run(self, act: Callable[[], object], dies_at: Site | None = None, *, after: bool = False) -> list[Site]:
        """A function's run in a fresh process; the calls it made."""
        cloud.forget_everything()
        self.made, self.dies_at, self.after, self.watching, self.dead = [], dies_at, after, True, False
        try:
            act()
        except Died:
            assert dies_at is not None
        finally:
            self.watching = False
        assert self.dead is (dies_at is not None)
        return self.made

    def call(self, real: Callable[..., Any], client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        """One call to AWS."""
        if not self.watching:
            return real(client, operation, arguments)
        if self.dead:
            raise Died
        site = (operation, Counter(name for name, _ in self.made)[operation])
        self.made.append(site)
        if site == self.dies_at:
            self.dead = True
            if self.after:
                real(client, operation, arguments)
            raise Died
        return real(client, operation, arguments)


@pytest.fixture
def ses(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[SesControl]:
    for name, value in {
        "RECEIPT_RULE_SET": SET,
        "INBOUND_TOPIC": "arn:aws:sns:eu-central-1:1:inbound",
        "FEEDBACK_TOPIC": "arn:aws:sns:eu-central-1:1:feedback",
    }.items():
        monkeypatch.setenv(name, value)
    with ses_control() as made:
        yield made


@pytest.fixture
def process(ses: SesControl) -> Iterator[Process]:
    watched, real = Process(), BaseClient._make_api_call
    with pytest.MonkeyPatch.context() as patched:  # undone before `ses_control` undoes its own
        patched.setattr(BaseClient, "_make_api_call", lambda client, *call: watched.call(real, client, *call))
        yield watched


def break_all(office: Office, ses: SesControl, snapshot: dict[tuple[str, str], Any]) -> None:
    """The same trouble as the time before."""
    for pk, sk in cloud.table_content().keys() - snapshot.keys():
        aws.client("dynamodb").delete_item(TableName=cloud.TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for item in snapshot.values():
        aws.client("dynamodb").put_item(TableName=cloud.TABLE, Item=item)
    outbox.take(config().outbound_queue_url)
    office.take_queue()
    ses.active, ses.rule_sets, ses.configuration_sets = None, {}, {}


def minutes_pass() -> None:
    """The dead run's lease runs out."""
    key = dict(zip(("pk", "sk"), ({"S": each} for each in keys.sweep()), strict=True))
    found = aws.client("dynamodb").get_item(TableName=cloud.TABLE, Key=key).get("Item", {})
    if "leased_until" in found:
        assert found["leased_until"]["S"] < (Later().now() + timedelta(minutes=5)).isoformat()
        found["leased_until"]["S"] = (Later().now() - timedelta(seconds=1)).isoformat()
        aws.client("dynamodb").put_item(TableName=cloud.TABLE, Item=found)


def state(office: Office, ses: SesControl) -> object:
    """What was mended: queues without their repetitions, SES, and every row but the runs' own."""
    answers = {json.loads(body)["message_id"] for body in outbox.take(config().outbound_queue_url)}
    mails = {"lost" in body for body in office.take_queue()}
    own = ("RUNS#", "SWEEP")
    rows = {key for key in cloud.table_content() if not key[0].startswith(own) and "#HEALTH#" not in key[0]}
    return answers, mails, ses.state(), rows


def test_the_next_run_ends_in_the_same_state_wherever_one_dies(
    office: Office, ses: SesControl, process: Process
) -> None:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "Soon."}, idempotency_key="first").status == 201
    stored(office, letter(message_id="lost@customer.example"), "lost")
    snapshot = cloud.table_content()

    def act() -> object:
        ses.clock.sleep(1)
        with clock.running(Later()):
            return reconcile(pace=ses.pace())

    break_all(office, ses, snapshot)
    made = process.run(act)
    wanted = state(office, ses)
    assert isinstance(wanted, tuple)
    assert (len(wanted[0]), wanted[1], ses.active) == (1, {True}, SET)
    assert len(made) >= 40
    changing = [site for site in made if not site[0].startswith(READS)]
    ways = [(changing[0], False), *((site, True) for site in changing)]
    for site, after in ways:
        break_all(office, ses, snapshot)
        process.run(act, site, after=after)
        minutes_pass()
        process.run(act)
        assert state(office, ses) == wanted, (site, after)
    print(f"{len(ways)} deaths at {len(changing)} of {len(made)} calls: {sorted({site[0] for site in changing})}")
