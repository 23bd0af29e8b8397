"""What others are told of: something that happened in an account, in ids and codes alone.

No words of a message, no address and no name is ever in an event, since whoever subscribes to the bus has no access
rule of an inbox in the way; the API gives the rest to who may read it.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .audit import AuditEntry
from .conversation import Conversation, Message
from .health import HealthChange
from .ticket import Ticket

# The values that events follow from.
Told = Conversation | Message | Ticket | AuditEntry | HealthChange


class Change(Struct, frozen=True):
    """One row before and after a write; None where it was not there, or is not any more.

    `id` is the same each time the change is read from the stream, `position` says where in it to go on from.
    """

    id: str
    position: str
    at: str
    old: Told | None
    new: Told | None


class Event(Struct, frozen=True):
    """One event. `id` is the same each time it is told: who hears it twice passes over the second.

    `type` is a thing and what happened to it (`conversation.closed`); `data` holds ids, codes, counts and switches.
    """

    id: str
    type: str
    account_id: str
    at: str
    data: dict[str, Any]
