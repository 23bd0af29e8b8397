"""In whose name mail leaves: S24-S37, as one pure decision."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.mail import read_mail
from chalicelib.mail.compose import Draft, compose
from chalicelib.model.account import Availability, Role, Seat, User
from chalicelib.model.inbox import Channel, ChannelType, FromNameMode, Sender
from chalicelib.outbound.choose_sender import choose_sender, from_name, is_proven, refused_because

CHANNEL = Channel(
    account_id="acc",
    id="chn_a",
    inbox_id="inb",
    type=ChannelType.FALLBACK_EMAIL,
    address="support@acme.in.example",
    created_at="2026-03-02T08:00:00.000Z",
)
GRACE = User(
    account_id="acc",
    id="usr",
    email="grace@acme.example",
    name="Grace Hopper",
    role=Role.MEMBER,
    seat=Seat.SERVICE,
    availability=Availability.AVAILABLE,
    created_at="2026-03-02T08:00:00.000Z",
)


def channel(**sender: Any) -> Channel:
    return replace(CHANNEL, sender=Sender(**sender))


@pytest.mark.parametrize(
    ("mode", "company_name", "user", "shown"),
    [
        (FromNameMode.USER_AND_COMPANY, "", GRACE, "Grace Hopper (Acme)"),
        (FromNameMode.USER_AND_COMPANY, "Acme Sales", GRACE, "Grace Hopper (Acme Sales)"),
        (FromNameMode.USER_AND_COMPANY, "Acme Sales", None, "Acme Sales"),
        (FromNameMode.USER_AND_COMPANY, "Grace Hopper", GRACE, "Grace Hopper"),
        (FromNameMode.COMPANY, "", GRACE, "Acme"),
        (FromNameMode.COMPANY, "Acme Sales", GRACE, "Acme Sales"),
    ],
)
def test_S29_S31_S32_the_from_name(mode: FromNameMode, company_name: str, user: User | None, shown: str) -> None:
    chosen = choose_sender(channel(from_name_mode=mode, company_name=company_name), user, "Acme")
    assert chosen.from_.name == shown
    assert (chosen.user_name is None) == (user is None or mode is FromNameMode.COMPANY)


@pytest.mark.parametrize(
    ("wanted", "proven", "address", "code"),
    [
        (None, None, CHANNEL.address, "own_address"),
        (None, "help@acme.example", CHANNEL.address, "own_address"),
        ("help@acme.example", None, CHANNEL.address, "custom_address_not_proven"),
        ("help@acme.example", "other@acme.example", CHANNEL.address, "custom_address_not_proven"),
        ("help@acme.example", "help@acme.example.evil.example", CHANNEL.address, "custom_address_not_proven"),
        ("help@acme.example", "", CHANNEL.address, "custom_address_not_proven"),
        ("help@acme.example", "help@acme.example", "help@acme.example", "custom_address"),
        ("Help@acme.example", "help@acme.example", "Help@acme.example", "custom_address"),
    ],
)
def test_S33_S36_S37_the_from_address(wanted: str | None, proven: str | None, address: str, code: str) -> None:
    asked = replace(channel(from_address=wanted), proven_address=proven)
    chosen = choose_sender(asked, GRACE, "Acme")
    assert (chosen.from_.address, chosen.because.code) == (address, code)
    assert is_proven(asked) == (code == "custom_address")


def test_S24_the_fallback_stands_in_with_its_own_name_address_and_signature() -> None:
    fallback = replace(CHANNEL, id="chn_b", address="fallback@acme.in.example", signature="<p>B</p>")
    team = replace(channel(company_name="Team", from_name_mode=FromNameMode.COMPANY), signature="<p>A</p>")
    chosen = choose_sender(team, GRACE, "Acme", fallback)
    assert (chosen.from_.address, chosen.from_.name) == (fallback.address, "Grace Hopper (Acme)")
    assert (chosen.signature, chosen.channel_id) == ("<p>B</p>", "chn_b")
    assert chosen.because.code == "fallback_took_over"
    assert team.address in chosen.because.text


@pytest.mark.parametrize(
    ("enabled", "use_for_sending", "takes_over", "code"),
    [
        (True, True, False, None),
        (True, False, False, "not_used_for_sending"),
        (True, False, True, None),
        (False, True, False, "channel_off"),
        (False, False, True, "channel_off"),
    ],
)
def test_S25_S28_S86_what_may_not_be_sent_through(
    enabled: bool, use_for_sending: bool, takes_over: bool, code: str | None
) -> None:
    asked = replace(channel(use_for_sending=use_for_sending), enabled=enabled)
    refused = refused_because(asked, takes_over=takes_over)
    assert (refused and refused.code) == code


NAMES = st.text(alphabet=st.characters(), max_size=60) | st.sampled_from(
    ["a\r\nBcc: x@evil.example", 'quo"te', "back\\slash", "\u202eexe", "<x@evil.example>", "=?utf-8?q?a?=", "\x00", " "]
)


@given(NAMES, NAMES, st.sampled_from(FromNameMode))
def test_names_inject_nothing_and_survive_the_wire(user: str, company: str, mode: FromNameMode) -> None:
    chosen = choose_sender(channel(from_name_mode=mode, company_name=company), replace(GRACE, name=user), "Acme")
    told = Draft(
        from_=chosen.from_,
        to=(),
        subject="x",
        message_id="m@acme.example",
        date=datetime(2026, 3, 2, tzinfo=UTC),
        text="x",
    )
    head, _, _ = compose(told).partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n[ \t]", b" ", head)
    assert len(re.findall(rb"^From:", unfolded, re.MULTILINE)) == 1
    assert not re.search(rb"^bcc:", unfolded, re.MULTILINE | re.IGNORECASE)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", chosen.from_.name or "")
    read = read_mail(compose(told)).from_
    assert read is not None
    assert read.address == CHANNEL.address


@given(st.text(max_size=40))
def test_S29_with_company_the_users_name_plays_no_part(name: str) -> None:
    asked = channel(from_name_mode=FromNameMode.COMPANY)
    assert choose_sender(asked, replace(GRACE, name=name), "Acme") == choose_sender(asked, None, "Acme")


def test_a_name_of_nothing_leaves_the_address_alone() -> None:
    assert from_name(None, "") is None
    assert from_name("Grace", "") == "Grace"
