"""Tickets, the pipelines they move through, and what happens to them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from .conversation import Reason
from .inbox import Priority
from .ticket_property import PropertyValue

MAX_LINKED = 20  # conversations of one ticket: each change of its stage is written to all of them at once


class StageKind(StrEnum):
    """Whether tickets of a stage are still being worked on."""

    OPEN = "open"
    CLOSED = "closed"


class Stage(Struct, frozen=True):
    """One step of a pipeline."""

    id: str
    name: str
    kind: StageKind = StageKind.OPEN


class StageMove(Struct, frozen=True):
    """Where a ticket goes."""

    stage_id: str
    kind: StageKind


class StageMoves(Struct, frozen=True):
    """Where tickets of a pipeline go by themselves; None: they stay."""

    on_answer: StageMove | None = None
    on_reply: StageMove | None = None


class Pipeline(Struct, frozen=True):
    """The ordered stages a ticket moves through; new tickets start in the first unless the channel says otherwise.

    `on_answer_stage_id`: where a ticket goes when a user answers; `on_reply_stage_id`: when the customer writes again.
    """

    account_id: str
    id: str
    name: str
    stages: tuple[Stage, ...]
    created_at: str
    on_answer_stage_id: str | None = None
    on_reply_stage_id: str | None = None
    version: int = 1

    def stage(self, stage_id: str | None) -> Stage | None:
        """The stage with this id, if it is one of the pipeline's."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


class TicketLink(Struct, frozen=True):
    """A conversation that a ticket is linked with, and the inbox it is in."""

    conversation_id: str
    inbox_id: str


class Ticket(Struct, frozen=True):
    """Something to be solved, opened from a conversation and linked with it (S4, S65).

    `conversation_id` and `inbox_id` are of the first conversation, `further` are the others. `staged_because` None: it
    has been in this stage from the start.
    """

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
    further: tuple[TicketLink, ...] = ()
    properties: dict[str, PropertyValue] = {}
    staged_because: Reason | None = None
    closed_at: str | None = None
    version: int = 1

    @property
    def links(self) -> tuple[TicketLink, ...]:
        """Every conversation it is linked with."""
        return (TicketLink(self.conversation_id, self.inbox_id), *self.further)

    @property
    def inbox_ids(self) -> frozenset[str]:
        """The inboxes of those conversations: whoever may read one of them may read the ticket."""
        return frozenset(link.inbox_id for link in self.links)


class EntryType(StrEnum):
    """What an entry of a ticket is."""

    COMMENT = "comment"
    EVENT = "event"


class FieldChange(Struct, frozen=True):
    """What a field was, and what it became."""

    before: Any
    after: Any


class TicketEntry(Struct, frozen=True):
    """One entry of a ticket's history: what somebody wrote, or what happened (`code`, stable) and to which fields.

    `link`: the conversation that was linked, or is not any more; who may not read its inbox does not learn of it.
    """

    account_id: str
    ticket_id: str
    id: str
    type: EntryType
    created_at: str
    text: str
    author_id: str | None = None
    code: str | None = None
    changes: dict[str, FieldChange] = {}
    link: TicketLink | None = None


class TicketChange(Struct, frozen=True):
    """A ticket before and after, and the event that tells of it. Written on the version that `before` has."""

    before: Ticket
    after: Ticket
    told: TicketEntry
