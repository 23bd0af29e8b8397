"""Inboxes and the channels by which messages reach them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class AccessMode(StrEnum):
    """Who may see an inbox (S15, S16)."""

    EVERYONE = "everyone"
    SELECTED = "selected"


class Access(Struct, frozen=True):
    """With `selected`: the chosen users and the members of the chosen teams (S16)."""

    mode: AccessMode = AccessMode.EVERYONE
    user_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()


class Inbox(Struct, frozen=True):
    """A list of conversations with channels and access of its own (S1, S72)."""

    account_id: str
    id: str
    name: str
    access: Access
    created_at: str
    version: int = 1


class ChannelType(StrEnum):
    """The kinds of channel that work."""

    FALLBACK_EMAIL = "fallback_email"


class RoutingMode(StrEnum):
    """Whom new conversations are assigned to (S54-S57)."""

    OFF = "off"
    SPECIFIC = "specific"
    CONTACT_OWNER = "contact_owner"


class Routing(Struct, frozen=True):
    """The assignment rule of a channel (S52-S63)."""

    mode: RoutingMode = RoutingMode.OFF
    user_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    only_available: bool = True


class TicketOwner(StrEnum):
    """Who owns a new ticket (S68, S69)."""

    ASSIGNEE = "assignee"
    USER = "user"


class Priority(StrEnum):
    """How urgent a ticket is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Ticketing(Struct, frozen=True):
    """Whether and how new conversations open tickets (S65-S69). Without a stage: the pipeline's first."""

    enabled: bool = True
    pipeline_id: str | None = None
    stage_id: str | None = None
    priority: Priority | None = None
    owner: TicketOwner = TicketOwner.ASSIGNEE
    owner_id: str | None = None


class Channel(Struct, frozen=True):
    """One way into an inbox. `enabled` is what the admin wants (S85); mail for `address` arrives here."""

    account_id: str
    id: str
    inbox_id: str
    type: ChannelType
    address: str
    created_at: str
    enabled: bool = True
    forwards_to_original_sender: bool = True  # S49
    routing: Routing = Routing()
    ticketing: Ticketing = Ticketing()
    version: int = 1
