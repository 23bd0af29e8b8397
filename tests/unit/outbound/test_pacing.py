"""How fast mail may leave, and what waits for the quota (decision 140)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.pacing import SendingLimits
from chalicelib.outbound.pacing import MARGIN, UNKNOWN, held_back, length, must_look, rows, spread
from chalicelib.outbound.retry import LONGEST_PAUSE
from tests.post.ses import FIRST_MAIL_AT as NOW

LIMITS = SendingLimits(14.0, 1000.0, 10.0, stamp(NOW))


@pytest.mark.parametrize(
    ("seen", "recipients", "microseconds"),
    [
        (LIMITS, 1, 79_366),  # a tenth less than 14 a second
        (LIMITS, 10, 793_651),  # SES counts recipients
        (UNKNOWN, 1, 1_111_112),  # as in a sandbox
        (replace(LIMITS, slowed_until=stamp(NOW + timedelta(seconds=1))), 1, 158_731),
        (replace(LIMITS, slowed_until=stamp(NOW)), 1, 79_366),
        (replace(LIMITS, rate=1000.0), 1, 3_334),  # in each of three rows
    ],
)
def test_what_a_mail_takes(seen: SendingLimits, recipients: int, microseconds: int) -> None:
    assert length(seen, recipients, NOW) == microseconds


@given(some.floats(min_value=0.1, max_value=5000))
def test_all_rows_together_stay_below_the_rate(rate: float) -> None:
    seen = replace(LIMITS, rate=rate)
    assert rows(seen) * 1e6 / length(seen, 1, NOW) <= rate * MARGIN + 1e-6


@pytest.mark.parametrize(
    ("sent", "quota", "automatic", "code"),
    [
        (0, 1000, True, None),
        (899, 1000, True, None),
        (900, 1000, True, "quota_nearly_used_up"),
        (900, 1000, False, None),
        (999, 1000, False, None),
        (1000, 1000, False, "quota_used_up"),
        (1000, 1000, True, "quota_used_up"),
        (10**9, -1, True, None),  # SES sets no quota
    ],
)
def test_what_waits_for_the_quota(sent: float, quota: float, automatic: Any, code: str | None) -> None:
    hold = held_back(replace(LIMITS, sent=sent, quota=quota), automatic=automatic)
    assert (hold.code if hold else None) == code


@pytest.mark.parametrize(
    ("sent", "minutes", "looks"), [(10, 4, False), (10, 5, True), (800, 0.5, False), (800, 1, True)]
)
def test_ses_is_asked_more_often_near_the_quota(sent: float, minutes: float, looks: bool) -> None:
    assert must_look(replace(LIMITS, sent=sent), NOW + timedelta(minutes=minutes)) is looks


@given(some.integers(1, LONGEST_PAUSE), some.text())
def test_a_pause_is_spread_by_up_to_half(seconds: int, name: str) -> None:
    assert min(seconds, LONGEST_PAUSE) <= spread(seconds, name) <= min(seconds * 1.5 + 1, LONGEST_PAUSE)
