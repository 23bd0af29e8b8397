"""EventBridge, as what puts events on the bus sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from chalicelib import log
from chalicelib.config import config
from chalicelib.errors import TemporaryFault
from chalicelib.model.event import Event
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated

BATCH = 10  # entries that PutEvents takes at once
TRIES = 3
SOURCE = "postfach"


def put(events: Sequence[Event]) -> list[Event]:
    """Put events on the bus, ten a request; return those that it did not take, after it was asked again for them."""
    left = list(events)
    for _ in range(TRIES):
        left = [each for start in range(0, len(left), BATCH) for each in _put(left[start : start + BATCH])]
        if not left:
            break
    return left


def _put(batch: Sequence[Event]) -> list[Event]:
    """Those of up to ten events that were not taken."""
    try:
        with translated("put events on the bus"):
            answer = client("events").put_events(Entries=[_entry(event) for event in batch])
    except TemporaryFault as error:
        log.warning("events_not_taken", because=error.detail, events=len(batch))
        return list(batch)
    refused = [event for event, entry in zip(batch, answer["Entries"], strict=True) if "ErrorCode" in entry]
    if refused:
        codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
        log.warning("events_not_taken", because=", ".join(codes), events=len(refused))
    return refused


def _entry(event: Event) -> dict[str, Any]:
    detail = {"id": event.id, "type": event.type, "account_id": event.account_id, "at": event.at, **event.data}
    return {
        "Source": SOURCE,
        "DetailType": event.type,
        "Detail": msgspec.json.encode(detail).decode(),
        "EventBusName": config().event_bus,
        "Time": datetime.fromisoformat(event.at),
    }
