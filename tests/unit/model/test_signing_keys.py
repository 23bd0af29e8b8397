"""Which key signs, which are believed, and when one goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.clock import stamp
from chalicelib.model.signing_keys import NOTICE, in_order, read_keys, rotated

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
OLD, NEW, NEWER = "o" * 40, "n" * 40, "m" * 40


def believed(secret: str, at: datetime) -> list[bytes]:
    return list(in_order(read_keys(secret), stamp(at)))


def test_the_key_of_a_new_stack_signs_and_is_the_only_one() -> None:
    assert believed(OLD, NOW) == [OLD.encode()]


def test_a_new_key_is_believed_at_once_and_signs_after_its_notice() -> None:
    secret = rotated(OLD, NEW, NOW)
    assert believed(secret, NOW) == [OLD.encode(), NEW.encode()]
    assert believed(secret, NOW + NOTICE) == [NEW.encode(), OLD.encode()]


def test_a_key_goes_when_all_it_signed_has_expired() -> None:
    secret = rotated(rotated(OLD, NEW, NOW), NEWER, NOW + timedelta(days=30))
    assert set(believed(secret, NOW + timedelta(days=31))) == {OLD.encode(), NEW.encode(), NEWER.encode()}
    late = rotated(secret, "x" * 40, NOW + timedelta(days=402))
    assert set(believed(late, NOW + timedelta(days=403))) == {NEW.encode(), NEWER.encode(), b"x" * 40}


@pytest.mark.parametrize("secret", ["", "short", '{"keys": []}', '{"keys": [{"key": ""}]}', "{", '{"key": "x"}'])
def test_what_holds_no_key_is_refused(secret: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_keys(secret)
