"""Tickets and the pipelines they move through."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .conversation import Reason
from .inbox import Priority


class StageKind(StrEnum):
    """Whether tickets of a stage are still being worked on."""

    OPEN = "open"
    CLOSED = "closed"


class Stage(Struct, frozen=True):
    """One step of a pipeline."""

    id: str
    name: str
    kind: StageKind = StageKind.OPEN


class Pipeline(Struct, frozen=True):
    """The ordered stages a ticket moves through; new tickets start in the first unless the channel says otherwise."""

    account_id: str
    id: str
    name: str
    stages: tuple[Stage, ...]
    created_at: str
    version: int = 1


class Ticket(Struct, frozen=True):
    """Something to be solved, opened from a conversation and linked with it (S4, S65)."""

    account_id: str
    id: str
    inbox_id: str
    conversation_id: str
    contact_id: str
    subject: str
    pipeline_id: str
    stage_id: str
    priority: Priority | None
    owner_id: str | None
    owned_because: Reason
    created_at: str
    version: int = 1
