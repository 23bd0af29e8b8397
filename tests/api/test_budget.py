"""How many requests to DynamoDB a call costs: exact, since each is money and time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pynamodb.connection.base import Connection

from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """DynamoDB's operations, counted from the last `clear()` on."""
    counter: Counter[str] = Counter()
    dispatch = Connection.dispatch

    def counting(self: Connection, operation_name: str, operation_kwargs: dict[str, Any]) -> Any:
        counter[operation_name] += 1
        return dispatch(self, operation_name, operation_kwargs)

    monkeypatch.setattr(Connection, "dispatch", counting)
    return counter


# The token and its user are two of the requests of each.
BUDGET = {
    "/v1/me": {"GetItem": 1, "BatchGetItem": 1},
    "/v1/inboxes/{inbox}": {"GetItem": 1, "BatchGetItem": 1},
    "/v1/inboxes/{inbox}/conversations": {"GetItem": 1, "BatchGetItem": 1, "Query": 1},
    "/v1/inboxes/{inbox}/conversations?assignee=none": {"GetItem": 1, "BatchGetItem": 1, "Query": 1},
    "/v1/inboxes/{inbox}/channels": {"GetItem": 1, "BatchGetItem": 1, "Query": 1},
    "/v1/conversations/{conversation}": {"GetItem": 3, "BatchGetItem": 1},
    "/v1/conversations/{conversation}/messages": {"GetItem": 3, "BatchGetItem": 1, "Query": 1},
    "/v1/messages/{message}": {"GetItem": 2, "BatchGetItem": 2},
    "/v1/inboxes": {"GetItem": 1, "BatchGetItem": 2, "Query": 1},
    "/v1/tickets": {"GetItem": 1, "BatchGetItem": 2, "Query": 1},
    "/v1/contacts": {"GetItem": 1, "BatchGetItem": 1, "Query": 1},
    "/v1/contacts/{contact}/conversations": {"GetItem": 2, "BatchGetItem": 2, "Query": 1},
    "/v1/users": {"GetItem": 1, "BatchGetItem": 1, "Query": 1},
    "/v1/health": {},
}


@pytest.mark.parametrize("path", BUDGET)
def test_a_call_costs_what_its_budget_says(office: Office, admin: Visitor, asked: Counter[str], path: str) -> None:
    for number in range(3):
        office.deliver(letter(message_id=f"m{number}@x.example"))
    conversation = office.conversations()[0]
    filled = path.format(
        inbox=office.inbox_id,
        conversation=conversation.id,
        message=office.messages(conversation)[0].id,
        contact=conversation.contact_id,
    )
    asked.clear()
    assert admin.get(filled).status == 200
    assert dict(asked) == BUDGET[path]


def test_a_page_costs_the_same_however_long_the_list(office: Office, admin: Visitor, asked: Counter[str]) -> None:
    path = f"/v1/inboxes/{office.inbox_id}/conversations?limit=2"
    costs = []
    for number in range(6):
        office.deliver(letter(message_id=f"m{number}@x.example"))
        asked.clear()
        admin.get(path)
        costs.append(sum(asked.values()))
    assert costs == [3] * 6


def test_assigning_by_hand_is_one_transaction(office: Office, admin: Visitor, asked: Counter[str]) -> None:
    """It writes conversation, lists and counters; before it come token, user, conversation, inbox and users."""
    office.deliver(letter())
    path, mia = f"/v1/conversations/{office.conversation().id}", office.add_user("Mia")
    asked.clear()
    assert admin.patch(path, {"assignee_id": mia.id}).status == 200
    assert dict(asked) == {"GetItem": 3, "BatchGetItem": 2, "TransactWriteItems": 1}
