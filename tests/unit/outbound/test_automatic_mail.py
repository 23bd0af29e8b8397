"""Whether automatic mail leaves: every single reason against it, by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.mail.model import Address
from chalicelib.model.conversation import Authentication, Conversation, ConversationStatus, Direction, Message, Reason
from chalicelib.model.inbox import Acknowledgement, Channel, ChannelType, Sender
from chalicelib.outbound.automatic_mail import (
    UNFIT,
    is_for_absent_owner,
    is_machine,
    is_own,
    not_acknowledged_because,
)
from tests.post.ses import at

NOW = datetime.fromisoformat(at(1))
OWN = ("in.postfach.test", "free.postfach.test")
ADA = "ada@customer.example"
CONVERSATION = Conversation(
    "acc", "cnv", "inb", "chn", "ctc", ADA, "Ada", "Hi", ConversationStatus.OPEN, None,
    Reason("owner_away", ""), Reason("new", ""), (ADA,), 1, at(0), at(0),
)  # fmt: skip
MESSAGE = Message(
    "acc", "cnv", "msg", "inb", "ctc", Direction.INCOMING, Address("Ada", ADA), (), (), (), "Hi",
    Authentication("pass", "pass", "pass"), (), at(0), "received", Reason("new", ""),
)  # fmt: skip
CHANNEL = Channel(
    "acc", "chn", "inb", ChannelType.FALLBACK_EMAIL, "support@acme.in.postfach.test", at(0),
    sender=Sender(use_for_sending=True), acknowledgement=Acknowledgement(True),
)  # fmt: skip


def refused(message: Message = MESSAGE, channel: Channel = CHANNEL, now: datetime = NOW) -> str | None:
    because = not_acknowledged_because(message, CONVERSATION, channel, OWN, now)
    return because.code if because else None


def test_a_proven_persons_first_mail_is_acknowledged() -> None:
    assert refused() is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"direction": Direction.COMMENT}, "not_the_first_mail"),
        ({"created_at": at(1)}, "not_the_first_mail"),
        ({"authentication": Authentication("pass", "pass", "none")}, "sender_not_proven"),
        ({"authentication": Authentication("pass", "pass", "fail")}, "sender_not_proven"),
        ({"automatic": "list"}, "automatic"),
        ({"from_": None}, "no_person"),
        ({"from_": Address(None, "eve@else.example")}, "no_person"),
        *[({"marks": (mark,)}, "automatic") for mark in sorted(UNFIT)],
        ({"marks": ("wants_no_automatic_answer",)}, "wants_no_automatic_answer"),
    ],
)
def test_each_reason_of_the_mail_stands_alone(changes: dict[str, Any], code: str) -> None:
    assert refused(replace(MESSAGE, **changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"acknowledgement": Acknowledgement()}, "acknowledgement_off"),
        ({"enabled": False}, "channel_off"),
        ({"sender": Sender()}, "not_used_for_sending"),
    ],
)
def test_each_reason_of_the_channel_stands_alone(changes: dict[str, Any], code: str) -> None:
    assert refused(channel=replace(CHANNEL, **changes)) == code


def test_a_day_later_is_too_late() -> None:
    assert refused(now=NOW + timedelta(days=1)) == "too_late"
    assert refused(now=NOW + timedelta(hours=23)) is None


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"assignee_id": "usr"}, False),
        ({"assigned_because": Reason("nobody_available", "")}, False),
    ],
)
def test_S60_mail_is_the_absent_owners_while_nobody_has_it(changes: dict[str, Any], holds: bool) -> None:
    assert is_for_absent_owner(MESSAGE, replace(CONVERSATION, **changes)) is holds
    assert not is_for_absent_owner(replace(MESSAGE, automatic="auto_replied"), replace(CONVERSATION, **changes))
    asks = replace(MESSAGE, marks=("wants_no_automatic_answer",))  # of us, not of the owner's mailbox
    assert is_for_absent_owner(asks, replace(CONVERSATION, **changes)) is holds


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("x@in.postfach.test", True),
        ("x@acme.in.postfach.test", True),
        ("x@evilin.postfach.test", False),
        ("x@in.postfach.test.evil.example", False),
        ("x@postfach.test", False),
    ],
)
def test_domains_are_compared_label_by_label(address: str, own: bool) -> None:
    """Discourse CVE-2026-33393: an ending is no domain."""
    assert is_own(address, OWN) is own


@given(st.emails())
def test_nothing_asked_of_an_address_raises(address: str) -> None:
    assert is_machine(address.lower()) in (True, False)
    assert is_own(address.lower(), OWN) is False
