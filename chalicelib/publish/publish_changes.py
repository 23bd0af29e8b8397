"""The story of a batch of the table's stream: each change's events go onto the bus, and automatic mail follows.

Changes come at least once and, of one row, in order. Telling twice is harmless: events have stable ids, and automatic
mail is written under ids that follow from the change. A change that fails is named, and the stream begins again at the
first that did; what fails too often or grows too old is noted in the dead-letter queue, and the stream goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from chalicelib import clock, log
from chalicelib.model.event import Event
from chalicelib.publish.events import events_of
from chalicelib.publish.follow_mail import follow
from chalicelib.storage import event_bus
from chalicelib.storage.stream import read_change


class Published(Struct, frozen=True):
    """What became of a batch: how many events were told, and the positions of the changes that failed."""

    events: int
    failed: tuple[str, ...]


def publish_changes(records: Sequence[Mapping[str, Any]]) -> Published:
    """Handle the records of one batch, in their order."""
    events: dict[str, tuple[Event, str]] = {}  # by id: with the position of its change
    failed: set[str] = set()
    for record in records:
        position = str(record["dynamodb"]["SequenceNumber"])
        log.follow(str(record["eventID"]))
        try:
            change = read_change(record)
            events |= {event.id: (event, position) for event in events_of(change)}
            follow(change, clock.now())
        except Exception as error:
            log.error("change_not_published", error, position=position)
            failed.add(position)
    untold = event_bus.put([event for event, _ in events.values()])
    failed |= {events[event.id][1] for event in untold}
    in_order = [str(record["dynamodb"]["SequenceNumber"]) for record in records]
    return Published(len(events) - len(untold), tuple(each for each in in_order if each in failed))
