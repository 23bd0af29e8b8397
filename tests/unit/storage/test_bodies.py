"""Bodies: packed and unpacked, and when one stays with its row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.model import Fold
from chalicelib.model.conversation import MessageBody
from chalicelib.storage import bodies

FOLDS = st.lists(st.builds(Fold, st.integers(0, 99), st.integers(0, 99), st.sampled_from(["quote", "signature"])))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(st.builds(MessageBody, TEXTS, st.none() | TEXTS, TEXTS, FOLDS.map(tuple)))
def test_what_was_packed_is_unpacked(body: MessageBody) -> None:
    assert bodies.unpack(bodies.pack(body)) == body


@pytest.mark.parametrize(
    ("size", "envelope", "stays"),
    [
        (0, 400, True),
        (bodies.ROW_LIMIT - bodies.REST_OF_ROW - 400, 400, True),
        (bodies.ROW_LIMIT - bodies.REST_OF_ROW - 399, 400, False),
        (bodies.SMALL, 100_000, True),
        (bodies.SMALL + 1, 100_000, False),
    ],
)
def test_a_body_stays_as_far_as_there_is_room(size: int, envelope: int, stays: bool) -> None:
    assert bodies.fits(b"x" * size, envelope) is stays
