"""Where envelope recipients lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.inbound.choose_channel import Visit, take_apart, visits
from chalicelib.model.filing import Door, Recipient

DOMAINS = ("in.postfach.test", "free.postfach.test")
SIGNED = f"r1.{'a' * 32}.5000.{'b' * 16}"


@pytest.mark.parametrize(
    ("recipient", "subdomain", "signed"),
    [
        ("support@acme.in.postfach.test", "acme", False),
        (" Support@ACME.in.Postfach.Test ", "acme", False),
        ("support@acme.free.postfach.test", "acme", False),
        ("support@acme.in.postfach.test.", "acme", False),
        (f"{SIGNED}@acme.in.postfach.test", "acme", True),
        (f"{SIGNED.upper()}@acme.in.postfach.test", "acme", True),
        (f"{SIGNED}@elsewhere.example", None, False),
        ("r1.a.b@acme.in.postfach.test", "acme", False),
        ("r2." + SIGNED[3:] + "@acme.in.postfach.test", "acme", False),
        ("support@in.postfach.test", None, False),
        ("support@x.acme.in.postfach.test", None, False),
        ("support@evilin.postfach.test", None, False),
        ("support@evil-in.postfach.test", None, False),
        ("support@acme.in.postfach.test.evil.example", None, False),
        ("in.postfach.test", None, False),
        ("@", None, False),
        ("", None, False),
        ('"a@b"@acme.in.postfach.test', "acme", False),
    ],
)
def test_taking_apart(recipient: str, subdomain: str | None, signed: bool) -> None:
    found = take_apart(recipient, DOMAINS)
    assert (found.subdomain, found.looks_signed) == (subdomain, signed)
    assert found.address == recipient.strip().lower()


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(text: str) -> None:
    found = take_apart(text, DOMAINS)
    assert isinstance(found, Recipient)
    if found.subdomain is not None:
        assert found.domain in {f"{found.subdomain}.{domain}" for domain in DOMAINS}


def door(recipient: str, channel: str | None = None, conversation: str | None = None) -> Door:
    return Door(recipient, "acc_a", channel_id=channel, conversation_id=conversation)


def test_one_visit_a_channel_in_the_order_of_the_recipients() -> None:
    doors = [door("b", "chn_2"), door("a", "chn_1"), door("x"), door("c", "chn_2"), door("y")]
    assert [(visit.door.channel_id, visit.recipients) for visit in visits(doors)] == [
        ("chn_2", ("b", "c")),
        ("chn_1", ("a",)),
        (None, ("x",)),
        (None, ("y",)),
    ]


def test_a_signed_door_wins_over_the_plain_address_of_its_channel() -> None:
    signed = door("r1", "chn_1", "cnv_1")
    assert visits([door("a", "chn_1"), signed]) == (Visit(signed, ("a", "r1")),)


DOORS = st.lists(
    st.builds(
        door, st.text("ab", max_size=2), st.sampled_from([None, "chn_1", "chn_2"]), st.sampled_from([None, "cnv_1"])
    ),
    max_size=12,
)


@given(DOORS)
def test_no_recipient_is_lost_and_no_channel_visited_twice(doors: list[Door]) -> None:
    found = visits(doors)
    assert sorted(each for visit in found for each in visit.recipients) == sorted(each.recipient for each in doors)
    channels = [visit.door.channel_id for visit in found if visit.door.channel_id]
    assert len(channels) == len(set(channels))
