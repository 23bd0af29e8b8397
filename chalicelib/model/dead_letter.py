"""What a queue gave up on."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class QueueName(StrEnum):
    """The queues whose dead letters can be put back."""

    INBOUND = "inbound"  # mail that came
    OUTBOUND = "outbound"  # mail that is to leave
    FEEDBACK = "feedback"  # what SES tells of it


class DeadLetter(Struct, frozen=True):
    """One message of a dead-letter queue. `since`: when it was first put on its queue."""

    queue: QueueName
    body: str
    since: str
    receipt_handle: str
