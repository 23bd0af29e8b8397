"""Functions that die at any of their calls to AWS: an answer is written once, leaves at most once, and what is told
of it is true in the end.

For every call: the function dies before it, and after it with the answer lost. Then what AWS does happens: the queue
delivers again, the lease runs out, the sweep looks, and SES tells of what it was given.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.config import config
from chalicelib.model.conversation import ConversationStatus, Direction, Message, SendingStatus
from chalicelib.model.inbox import Sender
from chalicelib.reconcile.sweep import sweep
from chalicelib.storage import aws
from tests.api.visitor import Visitor, admin_of
from tests.post import cloud, outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import at

READS = {"GetItem", "BatchGetItem", "Query", "GetObject", "GetSecretValue"}  # to die at one changes nothing
Site = tuple[str, int]  # an operation, and which call of it


class Died(BaseException):
    """The function's process is gone; nothing in it can catch this."""


class Deaths:
    """Ends the function at one of its calls."""

    def __init__(self) -> None:
        self.made: list[Site] = []
        self.dies_at: Site | None = None
        self.after = self.watching = False

    def run(self, act: Callable[[], object], dies_at: Site | None = None, *, after: bool = False) -> list[Site]:
        """A function's run in a fresh process; the calls it made."""
        cloud.forget_everything()
        self.made, self.dies_at, self.after, self.watching = [], dies_at, after, True
        try:
            act()
        except Died:
            assert dies_at is not None
        finally:
            self.watching = False
        return self.made


@pytest.fixture
def deaths(office: Office, monkeypatch: pytest.MonkeyPatch) -> Deaths:
    watched = Deaths()
    real = BaseClient._make_api_call

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if not watched.watching:
            return real(client, operation, arguments)
        site = (operation, Counter(name for name, _ in watched.made)[operation])
        watched.made.append(site)
        if site != watched.dies_at:
            return real(client, operation, arguments)
        if watched.after:
            real(client, operation, arguments)
        raise Died

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return watched


def sites(made: list[Site]) -> Iterator[tuple[Site, bool]]:
    """Every way to die in a run that made these calls."""
    return ((site, after) for site in made for after in (False, True))


def prepared(office: Office) -> Visitor:
    """A channel that may send, and a question in a conversation."""
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


def write(office: Office, visitor: Visitor, key: str) -> Callable[[], object]:
    path = f"/v1/conversations/{office.conversation().id}/messages"
    return lambda: visitor.post(path, {"type": "reply", "text": "Soon."}, idempotency_key=key)


def newest_answer(office: Office) -> Message:
    return [each for each in office.messages() if each.direction is Direction.OUTGOING][-1]


def let_lease_run_out(message: Message) -> None:
    """Minutes pass."""
    for (pk, sk), item in cloud.table_content().items():
        if message.id in sk and "sending" in item:
            sending = json.loads(item["sending"]["S"])
            if sending["leased_until"] is not None:
                sending["leased_until"] = at(0)
                item["sending"]["S"] = json.dumps(sending)
                item["list_sk"]["S"] = f"{at(0)}#{message.id}"
                aws.client("dynamodb").put_item(TableName=cloud.TABLE, Item={**item, "pk": {"S": pk}, "sk": {"S": sk}})


def test_an_answer_is_written_once_wherever_the_api_dies(office: Office, deaths: Deaths) -> None:
    visitor = prepared(office)
    made = deaths.run(write(office, visitor, "first"))
    assert len(made) >= 6
    for number, (site, after) in enumerate(sites(made), 1):
        act = write(office, visitor, f"key-{number}")
        deaths.run(act, site, after=after)
        deaths.run(act)
        written = [each for each in office.messages() if each.direction is Direction.OUTGOING]
        assert len(written) == number + 1, (site, after)
        assert office.conversation().message_count == number + 2, (site, after)
        sweep(everything=True)
        queued = {json.loads(body)["message_id"] for body in outbox.take(config().outbound_queue_url)}
        assert {each.id for each in written} == queued, (site, after)
    assert office.user(office.admin_id).open_conversations == 1


def test_S7_9_an_answer_leaves_at_most_once_wherever_sending_dies(office: Office, deaths: Deaths) -> None:
    visitor = prepared(office)

    def answer() -> tuple[Message, Callable[[], object]]:
        write(office, visitor, f"{len(office.messages())}")()
        (body,) = outbox.take(config().outbound_queue_url)
        return newest_answer(office), lambda: outbox.handle(office, "send_mail", body)

    _, act = answer()
    made = deaths.run(act)
    assert ("SendEmail", 0) in made
    assert len(made) >= 5
    asked = made.index(("SendEmail", 0))
    ended: Counter[str] = Counter()
    for site, after in sites(made):
        before = len(outbox.sent())
        message, act = answer()
        deaths.run(act, site, after=after)
        deaths.run(act)  # the queue delivers again
        let_lease_run_out(message)
        sweep(everything=True)
        for body in outbox.take(config().outbound_queue_url):
            assert outbox.handle(office, "send_mail", body) == []
        left = outbox.sent()[before:]
        assert len(left) <= 1, (site, after)
        for mail in left:
            assert outbox.handle(office, "take_feedback", outbox.event("Send", mail, message)) == []
        message = newest_answer(office)
        claimed = made.index(site) + after >= asked  # the claim is the call before SES is asked
        assert len(left) == 1 or claimed, (site, after)
        assert message.status == ("sent" if left else "unconfirmed"), (site, after)
        ended[message.status] += 1
        if left:
            known = [key for key, item in cloud.table_content().items() if left[0].public_id in str(item)]
            assert any("MESSAGE-ID" in pk for pk, _ in known), (site, after)
    assert set(ended) == {"sent", "unconfirmed"}
    assert ended["sent"] > ended["unconfirmed"]


def test_S7_9_a_bounce_is_told_once_wherever_noting_it_dies(office: Office, deaths: Deaths) -> None:
    visitor = prepared(office)
    made: list[Site] = []
    deaths_tried = 0
    while True:
        write(office, visitor, f"{len(office.messages())}")()
        (mail,) = outbox.send_all(office)
        answer = newest_answer(office)
        office.close(office.conversation(), at(90))
        told = len(events(office))
        bounce = outbox.bounce(mail, answer, CONTACT)

        def act(bounce: str = bounce) -> object:
            return outbox.handle(office, "take_feedback", bounce)

        if not made:
            made = deaths.run(act)
        else:
            site, after = list(sites(made))[deaths_tried]
            deaths.run(act, site, after=after)
            deaths.run(act)
            deaths_tried += 1
        assert len(events(office)) == told + 1
        assert newest_answer(office).status == SendingStatus.BOUNCED
        assert office.conversation().status is ConversationStatus.OPEN
        assert office.user(office.admin_id).open_conversations == 1
        if deaths_tried == 2 * len(made):
            break
    assert deaths_tried >= 4


def events(office: Office) -> list[Message]:
    return [each for each in office.messages() if each.direction is Direction.EVENT]


def test_an_answer_is_taken_back_whole_or_leaves_wherever_taking_back_dies(office: Office, deaths: Deaths) -> None:
    visitor = prepared(office)
    made: list[Site] = []
    ways: list[tuple[Site, bool]] = []
    tried = 0
    while True:
        office.set_answering(undo_seconds=30)
        write(office, visitor, f"{len(office.messages())}")()
        answer = newest_answer(office)

        def act(path: str = f"/v1/messages/{answer.id}/cancel") -> object:
            return visitor.post(path)

        if not made:
            made = deaths.run(act)
            ways = list(sites([site for site in made if site[0] not in READS]))
        else:
            site, after = ways[tried]
            deaths.run(act, site, after=after)
            draft = visitor.get(f"/v1/conversations/{answer.conversation_id}/draft")
            taken = newest_answer(office).status == SendingStatus.CANCELLED
            assert taken == (draft.status == 200) == visitor_has_draft(office), (site, after)
            deaths.run(act)
            tried += 1
        assert newest_answer(office).status == SendingStatus.CANCELLED
        assert visitor_has_draft(office)
        assert visitor.delete(f"/v1/conversations/{answer.conversation_id}/draft").status == 204
        sweep(everything=True)
        assert outbox.send_all(office) == []
        if tried == len(ways):
            break
    assert tried >= 2


def test_an_answer_is_sent_again_once_wherever_sending_again_dies(office: Office, deaths: Deaths) -> None:
    visitor = prepared(office)
    made: list[Site] = []
    ways: list[tuple[Site, bool]] = []
    tried = 0
    while True:
        write(office, visitor, f"{len(office.messages())}")()
        (first,) = outbox.send_all(office)
        answer = newest_answer(office)
        assert outbox.handle(office, "take_feedback", outbox.bounce(first, answer, CONTACT)) == []

        def act(path: str = f"/v1/messages/{answer.id}/resend") -> object:
            return visitor.post(path)

        if not made:
            made = deaths.run(act)
            ways = list(sites([site for site in made if site[0] not in READS]))
        else:
            site, after = ways[tried]
            deaths.run(act, site, after=after)
            deaths.run(act)  # the user presses again: 409 if the first press did it
            tried += 1
        sweep(everything=True)
        assert len(outbox.send_all(office)) == 1
        answer = newest_answer(office)
        assert answer.status == SendingStatus.SENT
        assert answer.sending is not None
        assert [each.round for each in answer.sending.recipients] == [1]
        if tried == len(ways):
            break
    assert tried >= 4


def visitor_has_draft(office: Office) -> bool:
    return office.admin_id in office.conversation().drafting
