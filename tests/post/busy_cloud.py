"""A cloud under load, in simulated time: answers by the thousand on the outbound queue, functions that work them off
beside one another, and an SES that takes so many a second and throttles what is over.

Every call to AWS takes time, some of it before and some after it has its effect. The queue gives each message to one
function, some of them a second time later (as SQS may), and again when a function failed.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.entries import handle_answers
from chalicelib.model.conversation import Message
from chalicelib.model.message_ids import message_id_of
from chalicelib.outbound import take_turn
from chalicelib.storage import automatic_keys, messages
from tests.post import cloud
from tests.post.memory_table import Item, MemoryTable
from tests.post.office import Office
from tests.post.played_time import PlayedTime

OF_A_CONVERSATION = 20  # answers
QUICK = (0.002, 0.006)  # seconds of a call to DynamoDB or SQS
TO_SES = (0.005, 0.03)  # seconds on the way to SES
OF_SES = (0.03, 0.12)  # seconds until SES has answered
TWICE = 0.02  # of the messages come a second time


class BusyCloud:
    """What the functions meet. `arrived`: when SES was given which message; `refused`: when it throttled."""

    def __init__(self, rate: int, office: Office, answers: int, seed: int = 7) -> None:
        self.time, self.rate, self.random = PlayedTime(), rate, random.Random(seed)
        self.arrived: list[tuple[float, str]] = []
        self.refused: list[float] = []
        self.asked: Counter[str] = Counter()
        self.invocations = 0
        self.failures: list[str] = []
        self._queue: list[tuple[float, int, str, int]] = []
        self._number = 0
        self.table, self.ids = self._filled(office, answers)
        for each in self.ids:
            self.put(json.dumps({"account_id": office.account_id, "message_id": each}), 0.0)

    def _filled(self, office: Office, answers: int) -> tuple[MemoryTable, list[str]]:
        """The office's table, in which its answer stands so often, in conversations of a few each."""
        (pattern,) = [each for each in office.messages() if each.sending is not None]
        limits = tuple(automatic_keys.sending_limits())  # as tests have them: here SES is asked
        content = {key: item for key, item in cloud.table_content().items() if key != limits}
        sent = f"MESSAGE#{pattern.created_at}#{pattern.id}"
        of_conversation = {key: item for key, item in content.items() if pattern.conversation_id in key[0]}
        copies: dict[tuple[str, str], Item] = {k: v for k, v in content.items() if k not in of_conversation}
        ids: list[str] = []
        for number in range(-(-answers // OF_A_CONVERSATION)):
            conversation_id = f"cnv_{number:016d}".translate(str.maketrans("0189", "abcd"))
            for (pk, sk), item in of_conversation.items():
                if sk != sent:
                    renamed = [_renamed(each, pattern.conversation_id, conversation_id) for each in (pk, sk, item)]
                    copies[renamed[0], renamed[1]] = renamed[2]
            for place in range(min(OF_A_CONVERSATION, answers - len(ids))):
                answer = self._copy(pattern, conversation_id, place)
                row = messages.message_row(answer, None, None)
                copies[row.key] = row.serialize()
                ids.append(answer.id)
        return MemoryTable(copies), ids

    def _copy(self, pattern: Message, conversation_id: str, place: int) -> Message:
        at = stamp(self.time.begin + timedelta(milliseconds=place))
        assert pattern.sending is not None
        return replace(
            pattern,
            conversation_id=conversation_id,
            id=message_id_of(conversation_id, at, "copy"),
            created_at=at,
            sending=replace(pattern.sending, due_at=at, queued_at=None),
        )

    # --- The queue

    def put(self, body: str, delay: float, receives: int = 1) -> None:
        """A message that can be taken after `delay` seconds."""
        self._number += 1
        heapq.heappush(self._queue, (self.time.seconds + delay, self._number, body, receives))

    def work(self) -> None:
        """A function's container: takes messages until none is left."""
        while self._queue:
            due, _, body, receives = self._queue[0]
            if due > self.time.seconds:
                self.time.sleep(due - self.time.seconds)
                continue
            heapq.heappop(self._queue)
            self.invocations += 1
            record = {"messageId": "m", "body": body, "attributes": {"ApproximateReceiveCount": str(receives)}}
            if handle_answers({"Records": [record]})["batchItemFailures"]:
                self.failures.append(body)
                self.put(body, 5.0, receives + 1)
            elif receives == 1 and self.random.random() < TWICE:
                self.put(body, self.random.uniform(0, 60), receives + 1)

    # --- What is called

    def call(self, operation: str, asked: dict[str, Any]) -> Any:
        """A call to AWS."""
        self.asked[operation] += 1
        if operation == "SendEmail":
            return self._send(asked)
        self.time.sleep(self.random.uniform(*QUICK) / 2)
        answer = self._answer(operation, asked)
        self.time.sleep(self.random.uniform(*QUICK) / 2)
        return answer

    def _answer(self, operation: str, asked: dict[str, Any]) -> Any:
        match operation:
            case "GetAccount":
                return {"SendQuota": {"MaxSendRate": float(self.rate), "Max24HourSend": -1.0, "SentLast24Hours": 0.0}}
            case "GetSecretValue":
                return {"SecretString": cloud.SIGNING_KEY}
            case "SendMessage":
                assert asked["QueueUrl"] == config().outbound_queue_url
                self.put(asked["MessageBody"], asked.get("DelaySeconds", 0))
                return {}
            case "ChangeMessageVisibility":
                return {}
        return self.table.call(operation, asked)

    def _send(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.time.sleep(self.random.uniform(*TO_SES))
        now = self.time.seconds
        if sum(1 for at in self._last_second(now)) >= self.rate:
            self.refused.append(now)
            said = {"Error": {"Code": "TooManyRequestsException", "Message": "Maximum sending rate exceeded."}}
            raise ClientError({**said, "ResponseMetadata": {"HTTPStatusCode": 429}}, "SendEmail")
        (message_id,) = [tag["Value"] for tag in asked["EmailTags"] if tag["Name"] == "message"]
        self.arrived.append((now, message_id))
        self.time.sleep(self.random.uniform(*OF_SES))
        return {"MessageId": f"{len(self.arrived):016x}-busy"}

    def _last_second(self, now: float) -> Iterator[float]:
        for at, _ in reversed(self.arrived):
            if at <= now - 1.0:
                return
            yield at

    # --- What is seen afterwards

    def most_in_a_second(self) -> int:
        """The most mails that SES took in any second, wherever it begins."""
        window: deque[float] = deque()
        most = 0
        for at, _ in self.arrived:
            window.append(at)
            while window[0] <= at - 1.0:
                window.popleft()
            most = max(most, len(window))
        return most

    def statuses(self) -> Counter[str]:
        """How far the answers got, as their rows say."""
        wanted = set(self.ids)
        return Counter(
            item["status"]["S"] for item in self.table.items() if item["sk"]["S"].rpartition("#")[2] in wanted
        )


def _renamed(value: Any, old: str, new: str) -> Any:
    """A value of DynamoDB's JSON with another id in all of its texts."""
    if isinstance(value, dict):
        return {name: _renamed(each, old, new) for name, each in value.items()}
    return value.replace(old, new) if isinstance(value, str) else value


def drained(busy: BusyCloud, functions: int) -> None:
    """Work everything off with so many functions beside one another."""
    with _calls_to(busy), clock.running(busy.time):
        take_turn.forget()
        busy.time.play([busy.work] * functions)
    take_turn.forget()


@contextmanager
def _calls_to(busy: BusyCloud) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", lambda client, operation, asked: busy.call(operation, asked))
        yield
