"""What a reconcile costs: requests grow with pages of channels, and a look at channels that are well writes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from chalicelib.reconcile.gather import PAGE
from chalicelib.reconcile.observe import ObservingReport, observe_channels
from chalicelib.storage import health
from chalicelib.storage.channel_keys import OBSERVED_LISTS
from tests.post.aws_seen import AwsSeen, installation
from tests.post.big_table import BigTable, big_table
from tests.post.many_channels import items, set_up
from tests.post.ses_control import SesControl, ses_control

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def aws(empty_cloud: None) -> Iterator[AwsSeen]:
    with installation() as seen:
        yield seen


class World:
    """So many channels, all well, and an SES."""

    def __init__(self, count: int) -> None:
        self.table, self.ses = BigTable(), SesControl()
        for item in items(count, NOW):
            self.table.put(item)
        set_up(self.ses, count, NOW)

    def observe(self, now: datetime) -> tuple[ObservingReport, int, float, int]:
        """A look at all: what it tells, and its requests, units written and control calls of SES."""
        self.table.calls.clear()
        self.table.written, calls = 0.0, len(self.ses.calls)
        self.ses.clock.sleep(1)
        report = observe_channels(now, time.monotonic() + 60, self.ses.pace())
        return report, self.table.calls.total(), self.table.written, len(self.ses.calls) - calls


CALM = 4  # observations that are remembered: so often a channel that was just connected is written about


@pytest.mark.parametrize("count", [1000, 2000])
def test_requests_grow_with_pages_and_nothing_is_written_about_what_is_well(aws: AwsSeen, count: int) -> None:
    world = World(count)
    with big_table(world.table), ses_control(world.ses):
        for number in range(CALM):
            first, *_ = world.observe(NOW + number * timedelta(minutes=5))
            assert (first.looked_at, first.failed, first.finished) == (count, 0, True)
        later = [world.observe(NOW + timedelta(minutes=each)) for each in (30, 120)]
        pages = [health.page_of_channels(number, limit=200, cursor=None) for number in range(OBSERVED_LISTS)]
    shown = [each.observed for page in pages for each in page.items]
    assert {(each.incoming, each.outgoing) for each in shown} == {("working", "working")}
    assert len(shown) == count
    read = ceil(count / PAGE)
    for report, requests, written, calls in later:
        assert (report.looked_at, report.changed, report.finished) == (count, 0, True)
        # A page is four batch reads, and a query of each of the sixteen lists that it takes channels from.
        assert requests == 5 * read + 15 + 2  # and the position read and written
        assert written == 1
        assert calls == 4
    assert world.ses.throttled == 0
