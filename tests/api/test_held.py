"""Mail that came while a channel was off: it shows nowhere, is counted, and comes in when it is released (S87-S90)."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.storage import aws
from tests.api.visitor import Visitor
from tests.post.cloud import BUCKET
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office


@pytest.fixture
def held(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}/held"


def switch(office: Office, admin: Visitor, on: bool) -> None:
    assert admin.patch(f"/v1/channels/{office.channel_id}", {"enabled": on}).status == 200


def deliver(office: Office, *numbers: int) -> None:
    """Mails of one thread, each answering the one before."""
    for number in numbers:
        office.deliver(
            letter(
                sender="Ada <ada@customer.example>",
                message_id=f"m{number}@x.example",
                in_reply_to=f"m{number - 1}@x.example" if number else None,
                text=f"Mail {number}\r\n",
            )
        )


def conversations(office: Office, admin: Visitor) -> list[Any]:
    return admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")


def texts(office: Office, admin: Visitor) -> list[str]:
    (conversation,) = conversations(office, admin)
    messages = admin.items(f"/v1/conversations/{conversation['id']}/messages")
    return [each["text"].strip() for each in messages]


def test_S87_what_comes_while_a_channel_is_off_is_counted_and_says_nothing(
    office: Office, admin: Visitor, held: str
) -> None:
    switch(office, admin, False)
    deliver(office, 0, 1, 2)
    answer = admin.get(f"{held}?limit=2").json
    assert answer["count"] == 3
    assert [each["verdict"] for each in answer["items"]] == ["channel_off"] * 2
    assert {(each["from_address"], each["subject"], each["raw_url"]) for each in answer["items"]} == {(None,) * 3}
    rest = admin.get(f"{held}?limit=2&cursor={answer['next']}").json
    assert (len(rest["items"]), rest["next"]) == (1, None)
    first, second = answer["items"]
    assert first["received_at"] < second["received_at"] < rest["items"][0]["received_at"]


def test_S88_it_leaves_no_trace_among_conversations_contacts_and_tickets(office: Office, admin: Visitor) -> None:
    switch(office, admin, False)
    deliver(office, 0)
    assert conversations(office, admin) == []
    assert admin.items("/v1/contacts") == []
    assert admin.items("/v1/tickets") == []


def test_S89_on_again_new_mail_comes_in_and_what_is_held_stays_held(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    deliver(office, 0)
    switch(office, admin, True)
    deliver(office, 5)
    assert texts(office, admin) == ["Mail 5"]
    assert admin.get(held).json["count"] == 1


def test_S90_released_mail_comes_in_in_the_order_it_came(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    deliver(office, 0, 1, 2, 3)
    switch(office, admin, True)
    released = admin.post(f"{held}/release")
    assert (released.status, released.json) == (202, {"released": 4, "next": None, "gone": 0})
    waiting = office.take_queue()
    assert office.handle(*reversed(waiting)) == []  # the queue keeps no order
    assert texts(office, admin) == ["Mail 0", "Mail 1", "Mail 2", "Mail 3"]
    assert admin.get(held).json == {"count": 0, "items": [], "next": None}


def test_S90_a_release_is_bounded_and_goes_on_where_it_stopped(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    deliver(office, 0, 1, 2, 3, 4)
    switch(office, admin, True)
    cursor, steps = None, []
    while True:
        answer = admin.post(f"{held}/release", {"limit": 2, "cursor": cursor}).json
        steps.append(answer["released"])
        cursor = answer["next"]
        if cursor is None:
            break
    assert steps == [2, 2, 1]
    assert office.handle(*office.take_queue()) == []
    assert len(texts(office, admin)) == 5


def test_S90_releasing_twice_files_each_mail_once(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    deliver(office, 0, 1)
    switch(office, admin, True)
    assert [admin.post(f"{held}/release").json["released"] for _ in range(2)] == [2, 2]
    assert office.handle(*office.take_queue()) == []
    assert sorted(texts(office, admin)) == ["Mail 0", "Mail 1"]
    assert admin.post(f"{held}/release").json == {"released": 0, "next": None, "gone": 0}
    assert admin.get(held).json["count"] == 0


def test_S90_released_as_if_it_came_now_spam_is_quarantined(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    office.deliver(letter(), spam="FAIL")
    switch(office, admin, True)
    admin.post(f"{held}/release")
    assert office.handle(*office.take_queue()) == []
    assert conversations(office, admin) == []
    assert [each["verdict"] for each in admin.items("/v1/deliveries")] == ["quarantined"]
    assert admin.get(held).json["count"] == 0


def test_S90_while_the_channel_is_off_a_release_is_refused(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    deliver(office, 0)
    refused = admin.post(f"{held}/release")
    assert (refused.status, refused.code) == (409, "channel_off")
    assert office.take_queue() == []


def test_S90_what_is_not_kept_any_more_is_told_and_holds_nothing_up(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    gone = [office.deliver(letter(message_id=f"g{number}@x.example")) for number in range(2)]
    deliver(office, 0)
    switch(office, admin, True)
    for raw_id in gone:
        aws.client("s3").delete_object(Bucket=BUCKET, Key=f"raw/{raw_id}")
    first = admin.post(f"{held}/release", {"limit": 1}).json
    assert (first["released"], first["gone"]) == (0, 1)
    rest = admin.post(f"{held}/release", {"cursor": first["next"]}).json
    assert rest == {"released": 1, "next": None, "gone": 1}
    assert office.handle(*office.take_queue()) == []
    assert texts(office, admin) == ["Mail 0"]
    refused = admin.post(f"{held}/release")
    assert (refused.status, refused.code) == (409, "raw_mail_gone")
    assert office.take_queue() == []


def test_switched_off_between_release_and_arrival_it_is_held_again(office: Office, admin: Visitor, held: str) -> None:
    switch(office, admin, False)
    deliver(office, 0)
    switch(office, admin, True)
    admin.post(f"{held}/release")
    switch(office, admin, False)
    assert office.handle(*office.take_queue()) == []
    assert admin.get(held).json["count"] == 1


def test_the_count_costs_the_same_however_much_is_held(office: Office, admin: Visitor, held: str) -> None:
    def cost() -> tuple[int, float]:
        with metered() as bill:
            assert admin.get(f"{held}?limit=1").status == 200
        return bill.dynamodb, bill.read

    switch(office, admin, False)
    deliver(office, 0, 1, 2)
    few = cost()
    deliver(office, *range(3, 12))
    assert cost() == few
