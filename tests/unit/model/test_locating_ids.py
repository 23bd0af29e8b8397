"""Ids of messages and deliveries lead back to what they were made of; anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.clock import stamp
from chalicelib.model.delivery_ids import delivery_id_of, locate_delivery
from chalicelib.model.message_ids import locate_message, message_id_of

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(stamp)
CONVERSATIONS = st.text("abcdefghijklmnopqrstuvwxyz234567_", min_size=1, max_size=40)


@given(CONVERSATIONS, MOMENTS, st.text(max_size=50))
def test_a_message_id_leads_back_to_its_row(conversation_id: str, created_at: str, seed: str) -> None:
    made = message_id_of(conversation_id, created_at, seed)
    assert locate_message(made) == (conversation_id, created_at)
    assert made == message_id_of(conversation_id, created_at, seed)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz234567_")


@given(st.lists(st.text(max_size=20), min_size=2, max_size=6, unique=True))
def test_messages_of_one_millisecond_stay_apart(seeds: list[str]) -> None:
    ids = {message_id_of("cnv_a", "2026-01-01T00:00:00.000Z", seed) for seed in seeds}
    assert len(ids) == len(seeds)


@given(st.text(max_size=60), st.text(max_size=180))
def test_a_delivery_id_leads_back_to_its_row(raw_id: str, door: str) -> None:
    assert locate_delivery(delivery_id_of(raw_id, door)) == (raw_id, door)


@given(st.one_of(st.text(max_size=80), st.text("abcdefghijklmnopqrstuvwxyz234567=_A0", max_size=80)), st.booleans())
def test_any_other_text_is_a_value_error_or_an_id_that_was_made(text: str, with_prefix: bool) -> None:
    for prefix, locate in (("msg_", locate_message), ("dlv_", locate_delivery)):
        try:
            parts = locate(prefix * with_prefix + text)
        except ValueError:
            continue
        assert with_prefix or text.startswith(prefix)
        assert all(isinstance(part, str) for part in parts)


@pytest.mark.parametrize(
    "wrong",
    ["", "msg_", "msg_a", "MSG_" + "a" * 40, "msg_" + "A" * 40, "msg_" + "a" * 5000, "msg_é" + "a" * 40, "cnv_aaaa"],
)
def test_malformed_message_ids_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        locate_message(wrong)


@pytest.mark.parametrize("wrong", ["", "dlv_", "dlv_a", "dlv_" + "7" * 16, "dlv_" + "a" * 5000, "msg_aaaa"])
def test_malformed_delivery_ids_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        locate_delivery(wrong)


@pytest.mark.parametrize(
    "wrong", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+00:00", "1969-12-31T00:00:00.000Z", "x"]
)
def test_a_time_that_is_no_stamp_makes_no_message_id(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        message_id_of("cnv_a", wrong, "seed")
