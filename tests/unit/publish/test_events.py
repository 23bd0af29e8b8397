"""Events of changes that no flow makes easily, and that removed or unknown rows tell nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.model.conversation import Reason
from chalicelib.model.event import Change, Told
from chalicelib.model.health import ChannelStatus, HealthChange, HealthDirection
from chalicelib.model.inbox import Priority
from chalicelib.model.ticket import Ticket
from chalicelib.publish.events import events_of
from chalicelib.storage.stream import read_change
from tests.post.ses import at

TICKET = Ticket("acc", "tck", "inb", "cnv", "ctc", "Secret", "pip", "new", None, None, Reason("assignee", ""), at(0))
HEALTH = HealthChange(
    "acc",
    "chn",
    at(0),
    HealthDirection.INCOMING,
    ChannelStatus.WORKING,
    ChannelStatus.DISCONNECTED,
    Reason("probe_lost", "Secret"),
)


def change(old: Told | None, new: Told | None) -> Change:
    return Change("one", "1", at(0), old, new)


def test_a_channels_status_is_told_with_its_reasons_code() -> None:
    (event,) = events_of(change(None, HEALTH))
    assert (event.type, event.account_id) == ("channel.status_changed", "acc")
    assert event.data == {
        "channel_id": "chn",
        "direction": "incoming",
        "before": "working",
        "after": "disconnected",
        "because": "probe_lost",
    }


def test_a_changed_ticket_is_told_with_its_former_stage() -> None:
    after = Ticket(
        "acc", "tck", "inb", "cnv", "ctc", "Secret", "pip", "done", Priority.HIGH, "usr", Reason("a", ""), at(0)
    )
    (event,) = events_of(change(TICKET, after))
    assert event.type == "ticket.changed"
    assert (event.data["stage_id"], event.data["previous_stage_id"]) == ("done", "new")
    assert "Secret" not in str(event)
    assert events_of(change(TICKET, TICKET)) == ()


@pytest.mark.parametrize(("old", "new"), [(TICKET, None), (None, None), (HEALTH, HEALTH), (HEALTH, None)])
def test_what_is_removed_or_not_new_tells_nothing(old: Told | None, new: Told | None) -> None:
    assert events_of(change(old, new)) == ()


def test_an_id_follows_from_the_change_and_the_type() -> None:
    (one,), (same,) = events_of(change(None, TICKET)), events_of(change(None, TICKET))
    (other,) = events_of(Change("two", "2", at(0), None, TICKET))
    assert one.id == same.id != other.id


def test_a_row_of_a_kind_that_a_later_release_wrote_tells_nothing() -> None:
    told = {"ApproximateCreationDateTime": 1772438400, "SequenceNumber": "1", "NewImage": {"kind": {"S": "from_later"}}}
    read = read_change({"eventID": "one", "dynamodb": told})
    assert (read.old, read.new, read.at) == (None, None, "2026-03-02T08:00:00.000Z")
    assert events_of(read) == ()


def test_every_event_is_described() -> None:
    root = Path(__file__).resolve().parents[3]
    code = (root / "chalicelib" / "publish" / "events.py").read_text()
    kinds = set(re.findall(r'"((?:conversation|message|ticket|channel|setting)\.[a-z_]+)"', code))
    assert len(kinds) >= 14
    described = (root / "docs" / "events.md").read_text()
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in described] == []
