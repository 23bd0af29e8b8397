"""Signed reply addresses: what holds leads to its conversation, anything else nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.inbound.choose_channel import open_signed_door, take_apart
from chalicelib.inbound.reply_address import ReplyAddress, looks_signed, make_reply_address, read_reply_address
from chalicelib.model.filing import Door

KEY = b"k" * 32
DOMAIN = "acme.in.postfach.test"
NOW = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16)
CONVERSATION, CHANNEL = "cnv_" + "a2" * 8, "chn_" + "b3" * 8


def made(account: str = "acc_a", expires: datetime = NOW, *, key: bytes = KEY, conversation: str = CONVERSATION) -> str:
    return make_reply_address(key, DOMAIN, account, conversation, CHANNEL, expires=expires)


@given(IDS, IDS, st.integers(0, 4000))
def test_what_was_made_is_read(conversation: str, channel: str, days: int) -> None:
    address = make_reply_address(
        KEY, DOMAIN, "acc_a", f"cnv_{conversation}", f"chn_{channel}", expires=NOW + timedelta(days=days)
    )
    assert read_reply_address(KEY, address, "acc_a", now=NOW) == ReplyAddress(f"cnv_{conversation}", f"chn_{channel}")
    assert looks_signed(address)
    assert len(address.partition("@")[0]) <= 64  # RFC 5321 §4.5.3.1.1
    assert address == address.lower()


@pytest.mark.parametrize("days", [0, 1, 365])
def test_it_holds_until_its_day_is_over(days: int) -> None:
    address = made(expires=NOW)
    assert (read_reply_address(KEY, address, "acc_a", now=NOW + timedelta(days=days)) is None) == (days > 0)


def test_lower_casing_does_no_harm_and_upper_case_is_made_lower_at_the_door() -> None:
    recipient = take_apart(made().upper(), ["in.postfach.test"])
    assert open_signed_door(recipient, "acc_a", [KEY], NOW) == Door(
        made(), "acc_a", channel_id=CHANNEL, conversation_id=CONVERSATION
    )


def test_what_does_not_hold_is_a_door_of_the_account_that_leads_nowhere() -> None:
    recipient = take_apart(made(account="acc_b"), ["in.postfach.test"])
    assert open_signed_door(recipient, "acc_a", [KEY], NOW) == Door(recipient.address, "acc_a")


@given(st.data())
def test_no_change_of_any_letter_holds(data: st.DataObject) -> None:
    """FreeScout CVE-2026-47123: what the outside can write is no credential."""
    local = made().partition("@")[0]
    place = data.draw(st.integers(0, len(local) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567.01890-+é").filter(lambda c: c != local[place]))
    assert read_reply_address(KEY, f"{local[:place]}{letter}{local[place + 1 :]}@{DOMAIN}", "acc_a", now=NOW) is None


@given(st.integers(0, 56))
def test_nothing_cut_off_holds(length: int) -> None:
    local = made().partition("@")[0]
    assert read_reply_address(KEY, f"{local[:length]}@{DOMAIN}", "acc_a", now=NOW) is None
    assert read_reply_address(KEY, f"{local[len(local) - length :]}@{DOMAIN}", "acc_a", now=NOW) is None


@pytest.mark.parametrize(
    "address",
    [
        made(account="acc_b"),
        made(key=b"x" * 32),
        made().replace("r1.", "r0."),
        made().replace("r1.", "r2."),
        made().replace("r1.", "."),
        "r1....@" + DOMAIN,
        "r1." + "a" * 32 + "..@" + DOMAIN,
        "r1." + "a" * 32 + ".-1.@" + DOMAIN,
        "reply-1@" + DOMAIN,
        "cnv_aaaaaaaaaaaaaaaa@" + DOMAIN,
        "",
        "@",
    ],
)
def test_other_accounts_keys_versions_and_forms(address: str) -> None:
    assert read_reply_address(KEY, address, "acc_a", now=NOW) is None


def test_parts_of_two_addresses_do_not_make_a_third() -> None:
    one = made().partition("@")[0].split(".")
    two = made(conversation="cnv_" + "c4" * 8, expires=NOW + timedelta(days=9)).partition("@")[0].split(".")
    for mixed in (
        [one[0], two[1], one[2], one[3]],
        [one[0], one[1], two[2], one[3]],
        [one[0], one[1], one[2], two[3]],
    ):
        assert read_reply_address(KEY, ".".join(mixed) + "@" + DOMAIN, "acc_a", now=NOW) is None


@given(st.text(max_size=90))
def test_garbage_leads_nowhere_and_raises_nothing(text: str) -> None:
    assert read_reply_address(KEY, text, "acc_a", now=NOW) is None
    assert read_reply_address(KEY, f"r1.{text}@{DOMAIN}", "acc_a", now=NOW) is None
