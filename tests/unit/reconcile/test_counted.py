"""What operators are alarmed of: troubles that begin, and faults of the installation for as long as they last."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib import log
from chalicelib.clock import stamp
from chalicelib.model.conversation import Reason
from chalicelib.model.health import ChannelHealth, ChannelStatus, DirectionHealth, HealthChange, HealthDirection
from chalicelib.reconcile.counted import Counted, count

AT = stamp(datetime(2026, 3, 2, tzinfo=UTC))
W, DEG, DIS, OFF = ChannelStatus.WORKING, ChannelStatus.DEGRADED, ChannelStatus.DISCONNECTED, ChannelStatus.OFF


def shown(status: ChannelStatus, code: str) -> ChannelHealth:
    incoming = DirectionHealth(status, Reason(code, ""), AT)
    return ChannelHealth("acc", "chn", incoming, DirectionHealth(W, Reason("in_order", ""), AT), AT)


def change(after: ChannelStatus, code: str) -> HealthChange:
    return HealthChange("acc", "chn", AT, HealthDirection.INCOMING, W, after, Reason(code, ""))


@pytest.mark.parametrize(
    ("state", "changed", "expected"),
    [
        (shown(W, "in_order"), [], Counted()),
        (shown(DIS, "rule_missing"), [change(DIS, "rule_missing")], Counted(disconnected=1, cut_off=1)),
        (shown(DIS, "rule_missing"), [], Counted(cut_off=1)),  # for as long as it lasts
        (shown(DIS, "probe_missing"), [], Counted()),  # one customer's affair, told once
        (shown(DEG, "probe_missing"), [change(DEG, "probe_missing")], Counted(probes_lost=1)),
        (shown(DIS, "probe_bounced"), [change(DIS, "probe_bounced")], Counted(disconnected=1, probes_lost=1)),
        (shown(OFF, "switched_off"), [change(OFF, "switched_off")], Counted()),
        (shown(W, "in_order"), [change(W, "in_order")], Counted()),
    ],
)
def test_what_is_counted(state: ChannelHealth, changed: list[HealthChange], expected: Counted) -> None:
    assert count(state, changed) == expected


def test_counts_add_up() -> None:
    assert Counted(1, 2, 3) + Counted(10, 20, 30) == Counted(11, 22, 33)


def test_every_metric_that_an_alarm_watches_is_counted_under_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    """An alarm on a name that nobody counts would stay silent for ever."""
    root = Path(__file__).parents[3]
    template = (root / "infra/resources.yaml").read_text()
    watched = set(re.findall(r"MetricName: ((?:Channels|Probes|Raw)\w+)", template))
    assert len(watched) == 6
    code = (root / "chalicelib/reconcile/observe.py").read_text() + (root / "chalicelib/reconcile/sweep.py").read_text()
    assert watched <= set(re.findall(r'"(\w+)": \(', code))
    log.metrics("x", {"ChannelsCutOff": (1, "Count")}, dimensions={"Function": "reconcile"})
    told = json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"][0]
    assert (told["Namespace"], told["Dimensions"]) == ("Postfach", [["Function"]])
