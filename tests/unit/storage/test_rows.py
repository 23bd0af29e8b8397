"""Values to rows and back; keys that begin with their account."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.model import Address, Attachment
from chalicelib.model.account import Availability, Role, Seat, User
from chalicelib.model.conversation import (
    Authentication,
    Contact,
    Conversation,
    ConversationStatus,
    Direction,
    Message,
    MessageBody,
    Reason,
)
from chalicelib.model.delivery import Arrival, Delivery, Verdict
from chalicelib.model.delivery_ids import delivery_id_of, locate_delivery
from chalicelib.model.message_ids import message_id_of
from chalicelib.storage import bodies, keys, messages, table
from chalicelib.storage.conversation_keys import index_keys
from chalicelib.storage.tables import ContactRow, ConversationRow, DeliveryRow, UserRow
from tests.post.ses import at

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SOME = st.none() | TEXT.filter(bool)
REASONS = st.builds(Reason, TEXT, TEXT)
STAMPS = st.integers(0, 10_000_000).map(at)
KEY = keys.Key("pk", "sk")

CONVERSATIONS = st.builds(
    Conversation,
    account_id=st.just("acc_a"),
    id=st.just("cnv_a"),
    inbox_id=st.just("inb_a"),
    channel_id=TEXT,
    contact_id=TEXT,
    contact_email=TEXT,
    contact_name=SOME,
    subject=TEXT,
    status=st.sampled_from(ConversationStatus),
    assignee_id=SOME,
    assigned_because=REASONS,
    started_because=REASONS,
    participants=st.lists(TEXT.filter(bool), unique=True).map(lambda found: tuple(sorted(found))),
    message_count=st.integers(0, 10**6),
    last_message_at=STAMPS,
    created_at=STAMPS,
    preview=TEXT,
    ticket_id=SOME,
    closed_at=SOME,
    version=st.integers(1, 99),
)
USERS = st.builds(
    User,
    account_id=st.just("acc_a"),
    id=TEXT,
    email=TEXT,
    name=TEXT,
    role=st.sampled_from(Role),
    seat=st.sampled_from(Seat),
    availability=st.sampled_from(Availability),
    created_at=STAMPS,
    team_ids=st.lists(TEXT).map(tuple),
    open_conversations=st.integers(0, 99),
    last_assigned_at=SOME,
    version=st.integers(1, 9),
)
DELIVERIES = st.builds(
    Delivery,
    id=TEXT,
    account_id=SOME,
    channel_id=SOME,
    inbox_id=SOME,
    recipients=st.lists(TEXT).map(tuple),
    verdict=st.sampled_from(Verdict),
    because=REASONS,
    arrival=st.builds(Arrival, TEXT, TEXT, STAMPS, st.lists(TEXT).map(tuple), SOME),
    received_at=STAMPS,
    conversation_id=SOME,
    from_address=SOME,
    subject=SOME,
    attempts=st.integers(1, 9),
)


@given(CONVERSATIONS)
def test_a_conversation_comes_back(value: Conversation) -> None:
    row = table.to_row(ConversationRow, KEY, value, **index_keys(value))
    again = ConversationRow.from_raw_data(row.to_dynamodb_dict())
    assert table.to_value(Conversation, again) == value


@given(USERS)
def test_a_user_comes_back(value: User) -> None:
    again = UserRow.from_raw_data(table.to_row(UserRow, KEY, value).to_dynamodb_dict())
    assert table.to_value(User, again) == value


@given(DELIVERIES)
def test_a_delivery_comes_back(value: Delivery) -> None:
    again = DeliveryRow.from_raw_data(table.to_row(DeliveryRow, KEY, value).to_dynamodb_dict())
    assert table.to_value(Delivery, again) == value


def test_attributes_of_a_newer_release_are_passed_over() -> None:
    """Rolling deploys: old code meets what new code wrote."""
    contact = Contact("acc_a", "ctc_a", "ada@x.example", at(0), "Ada")
    raw = table.to_row(ContactRow, KEY, contact).to_dynamodb_dict()
    again = ContactRow.from_raw_data({**raw, "invented_later": {"S": "x"}})
    assert table.to_value(Contact, again) == contact


MESSAGES = st.builds(
    Message,
    account_id=st.just("acc_a"),
    conversation_id=st.just("cnv_a"),
    id=st.just(message_id_of("cnv_a", at(1), "x")),
    inbox_id=st.just("inb_a"),
    contact_id=st.just("ctc_a"),
    direction=st.sampled_from(Direction),
    from_=st.none() | st.builds(Address, SOME, TEXT),
    to=st.lists(st.builds(Address, SOME, TEXT), max_size=3).map(tuple),
    cc=st.lists(st.builds(Address, SOME, TEXT), max_size=3).map(tuple),
    reply_to=st.just(()),
    subject=TEXT,
    authentication=st.builds(Authentication, TEXT, TEXT, TEXT),
    attachments=st.lists(st.builds(Attachment, st.integers(0, 9), SOME, TEXT, st.integers(0, 9), st.booleans())).map(
        tuple
    ),
    created_at=st.just(at(1)),
    status=st.just("received"),
    joined_because=REASONS,
    message_id=SOME,
    references=st.lists(TEXT).map(tuple),
    forwarded_by=st.none() | st.builds(Address, SOME, TEXT),
    forwarded_how=SOME,
    marks=st.lists(TEXT).map(tuple),
    delivery_id=SOME,
    raw_key=SOME,
    body=st.builds(MessageBody, TEXT, SOME, TEXT),
)


@given(MESSAGES)
def test_a_message_comes_back_with_its_body(value: Message) -> None:
    row = messages.message_row(value, bodies.pack(value.body or MessageBody()), None)
    again = type(row)("", "")
    again.from_dynamodb_dict(row.to_dynamodb_dict())
    assert messages.message_of(again) == value


@given(TEXT.filter(bool), TEXT)
def test_a_delivery_is_where_its_id_says(raw_id: str, door: str) -> None:
    place = keys.delivery(*locate_delivery(delivery_id_of(raw_id, door)))
    assert place.pk == keys.raw_mail(raw_id).pk
    assert (place == keys.raw_mail(raw_id)) is (door == "")


BEFORE_THE_ACCOUNT = {"address", "subdomain", "token", "delivery", "raw_mail", "requeues", "sweep"}


def test_every_key_of_an_account_begins_with_it() -> None:
    """A mistake or a policy cannot cross accounts."""
    looked_at = 0
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        parameters = list(inspect.signature(function).parameters)
        if function.__module__ != keys.__name__ or not parameters or parameters[0] != "account_id":
            continue
        made = function("acc_a", *("2" if each == "year" else each for each in parameters[1:]))
        text = made.pk if isinstance(made, keys.Key) else made
        assert text == "acc_a" or text.startswith("acc_a#"), name
        looked_at += 1
    assert looked_at > 20


@pytest.mark.parametrize("name", sorted(BEFORE_THE_ACCOUNT))
def test_what_is_looked_up_before_the_account_is_known(name: str) -> None:
    assert list(inspect.signature(getattr(keys, name)).parameters)[:1] != ["account_id"]


@given(TEXT, TEXT)
def test_addresses_are_found_in_any_case(local: str, domain: str) -> None:
    written = f"{local}@{domain}"
    assert keys.address(written.upper().lower()) == keys.address(written.upper())
