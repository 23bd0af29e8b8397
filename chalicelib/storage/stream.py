"""The table's stream, as Lambda hands it over: rows before and after a write, as values of `model/`.

Format: "Tutorial: process DynamoDB Streams with Lambda", AWS Lambda developer guide. Rows of kinds that nothing follows
from, or that this release does not know, give no values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.clock import stamp
from chalicelib.model.audit import AuditEntry
from chalicelib.model.conversation import Conversation
from chalicelib.model.event import Change, Told
from chalicelib.model.health import HealthChange
from chalicelib.model.ticket import Ticket
from chalicelib.storage import table
from chalicelib.storage.messages import message_of
from chalicelib.storage.tables import (
    AuditRow,
    ConversationRow,
    HealthChangeRow,
    MessageRow,
    Row,
    TicketRow,
)

_READ: dict[type[Row], Callable[[Any], Told]] = {
    ConversationRow: lambda row: table.to_value(Conversation, row),
    MessageRow: lambda row: message_of(row, with_body=False),
    TicketRow: lambda row: table.to_value(Ticket, row),
    AuditRow: lambda row: table.to_value(AuditEntry, row),
    HealthChangeRow: lambda row: table.to_value(HealthChange, row),
}
KINDS = ("audit", "conversation", "health_change", "message", "ticket")  # as the event source's filter has them


def read_change(record: Mapping[str, Any]) -> Change:
    """One record of the stream."""
    told = record["dynamodb"]
    return Change(
        id=record["eventID"],
        position=told["SequenceNumber"],
        at=stamp(datetime.fromtimestamp(told["ApproximateCreationDateTime"], UTC)),
        old=_value_of(told.get("OldImage")),
        new=_value_of(told.get("NewImage")),
    )


def _value_of(image: Mapping[str, Any] | None) -> Told | None:
    kind = (image or {}).get("kind", {}).get("S")
    if image is None or kind not in KINDS:
        return None
    # Bodies are the only binary attributes here: base64 in JSON, and nothing that follows needs them.
    fields = {name: value for name, value in image.items() if "B" not in value}
    row = Row.from_raw_data(fields)
    return _READ[type(row)](row)
