"""Thirty-two mails of one thread at once, half of them twice, in any order: one conversation, each mail once.

Twice over: by threads in this process, as many Lambdas at once would, and by SMTP and the one queue of a local cloud,
in the packaged function.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.entries import handle_batch
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.storage import keys
from tests.cloud.local import LocalCloud, eventually
from tests.post import cloud, ministack
from tests.post.letters import letter, long_text
from tests.post.office import Office
from tests.post.ses import at

pytestmark = pytest.mark.cloud

MAILS, ROUNDS, AT_ONCE = 32, 10, 16
MAX_RETURNS = 5  # how often the queue brings a message back before it is a dead letter


def thread_of(number: int, to: str) -> bytes:
    """Mail `number` of a thread that Ada and Bob write in turns; every eighth has a body too long for its row."""
    writer, other = ("ada", "bob") if number % 2 else ("bob", "ada")
    ids = [f"m{each}@customer.example" for each in range(number)]
    return letter(
        sender=f"{writer}@customer.example",
        to=[to],
        cc=[f"{other}@customer.example"],
        message_id=f"m{number}@customer.example",
        in_reply_to=ids[-1] if ids else None,
        references=ids,
        text=f"Message {number}.\r\n" + (long_text(12_000, number + 1) if number % 8 == 0 else ""),
    )


def record(number: int, body: str) -> dict[str, Any]:
    """A record of the queue."""
    return {"messageId": str(number), "body": body, "receiptHandle": "none", "eventSourceARN": "arn:aws:sqs:::inbound"}


@pytest.fixture(scope="module")
def at_ministack() -> Iterator[None]:
    """A cloud whose transactions hold under many threads."""
    with ministack.empty_cloud():
        yield


def handle_at_once(bodies: list[str]) -> Counter[int]:
    """Handle queue messages, many at once, again while they fail; how often each failed."""
    failures: Counter[int] = Counter()

    def until_done(number: int) -> None:
        while handle_batch({"Records": [record(number, bodies[number])]})["batchItemFailures"]:
            failures[number] += 1
            assert failures[number] < MAX_RETURNS, "the message would be a dead letter"

    with ThreadPoolExecutor(AT_ONCE) as functions:
        for done in [functions.submit(until_done, number) for number in range(len(bodies))]:
            done.result()
    return failures


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_thread_all_at_once_is_one_conversation(at_ministack: None, seed: int) -> None:
    chance = random.Random(seed)
    office = Office(f"acme{seed}")
    user = office.add_user("Grace")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (user.id, office.admin_id)))
    bodies = []
    for number in chance.sample(range(MAILS), MAILS):
        raw = thread_of(number, office.address)
        bodies.append(office.announce(office.store(raw, f"{seed}-{number}"), received_at=at(number)))
        if number % 2:
            bodies.append(bodies[-1])  # the queue delivers it twice
        if number % 4 == 0:  # the sender's server sends it twice
            trace = b"Received: by relay.example; now\r\n"
            bodies.append(office.announce(office.store(trace + raw, f"{seed}-{number}-copy"), received_at=at(number)))
    chance.shuffle(bodies)

    failures = handle_at_once(bodies)

    conversation = office.conversation()
    messages = office.messages()
    last = MAILS - 1
    assert sorted(each.message_id or "" for each in messages) == sorted(f"m{n}@customer.example" for n in range(MAILS))
    assert (conversation.message_count, conversation.last_message_at) == (MAILS, at(last))
    assert conversation.preview == f"Message {last}."
    assert set(conversation.participants) == {"ada@customer.example", "bob@customer.example"}
    assert len(office.tickets()) == 1
    assert len(office.contacts()) == 2
    counted = {each: office.user(each).open_conversations for each in (user.id, office.admin_id)}
    assert counted == {each: int(each == conversation.assignee_id) for each in counted}
    whole = [item for item in cloud.table_content().values() if item.get("account_id") == {"S": office.account_id}]
    kinds = Counter(item["kind"]["S"] for item in whole)
    assert (kinds["conversation"], kinds["message"], kinds["ticket"]) == (1, MAILS, 1)
    assert kinds["claim"] + sum("claimed_by" in item for item in whole) == MAILS
    assert (kinds["delivery"], len(office.unfiled())) == (MAILS + MAILS // 4, MAILS // 4)
    (row,) = [item for item in whole if item["kind"]["S"] == "conversation"]
    assert row["list_sk"] == row["person_sk"] == {"S": f"{at(last)}#{conversation.id}"}
    referred = {item["body_key"]["S"] for item in whole if "body_key" in item}
    stored = {name for name in cloud.bucket_content() if name.startswith(f"bodies/{office.account_id}/")}
    assert len(referred) == MAILS // 8
    assert referred <= stored
    # A body that nobody refers to is that of a copy which lost to its twin after it had been stored.
    copies = {f"bodies/{office.account_id}/{keys.digest(each.id)}" for each in office.unfiled()}
    assert stored - referred <= copies
    assert sum(failures.values()) <= len(bodies)


def test_a_thread_at_once_by_smtp_and_queue(local: LocalCloud) -> None:
    """The same, through the packaged function as the queue runs it: many batches at once."""
    raws = [thread_of(number, local.told["fallback_address"]) for number in range(MAILS)]
    twice = [*raws, *raws[::2]]
    random.Random(0).shuffle(twice)
    with ThreadPoolExecutor(AT_ONCE) as senders:
        for sent in [senders.submit(local.send, raw, sender="ada@customer.example") for raw in twice]:
            sent.result()

    def settled() -> list[dict[str, Any]]:
        copies = local.get("/deliveries?verdict=duplicate&limit=100")["items"]
        found = [each for each in local.conversations() if each["subject"] == "A question"]
        enough = sum(each["message_count"] for each in found) >= MAILS and len(copies) >= MAILS // 2
        return found if enough else []

    (conversation,) = eventually(settled, seconds=90)
    assert conversation["message_count"] == MAILS
    messages = local.get(f"/conversations/{conversation['id']}/messages?limit=100")["items"]
    numbers = sorted(int(each["text"].split(".")[0].removeprefix("Message ")) for each in messages)
    assert numbers == list(range(MAILS))
    tickets = [each for each in local.get("/tickets?limit=100")["items"] if each["subject"] == "A question"]
    assert [each["conversation_id"] for each in tickets] == [conversation["id"]]
