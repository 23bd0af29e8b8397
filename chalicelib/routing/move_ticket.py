"""Where a ticket goes by itself when a user answers or the customer writes again: pure.

What pipelines say of it stands on the account (`Account.stage_moves`), and where a conversation's ticket is, on the
conversation, so that whether anything is to be done is known without reading pipeline or ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from chalicelib.clock import derived_id
from chalicelib.model.conversation import Conversation, Reason, TicketPlace
from chalicelib.model.ticket import (
    EntryType,
    FieldChange,
    Pipeline,
    StageKind,
    StageMove,
    StageMoves,
    Ticket,
    TicketChange,
    TicketEntry,
    TicketLink,
)

TAKEN_BACK = Reason("moved_back", "The answer that moved the ticket was taken back.")
OPENED = Reason("opened", "The ticket was opened in this stage.")
SHOWN = ("subject", "pipeline_id", "stage_id", "priority", "owner_id", "properties", "closed_at")


class Trigger(StrEnum):
    """What moves a ticket by itself."""

    ANSWER = "answer"
    REPLY = "reply"


REASONS = {
    Trigger.ANSWER: Reason("moved_on_answer", "A user answered, and the pipeline says where its tickets go then."),
    Trigger.REPLY: Reason("moved_on_reply", "The customer wrote, and the pipeline says where its tickets go then."),
}


def move_of(moves: StageMoves | None, trigger: Trigger) -> StageMove | None:
    """What a pipeline says of a trigger; None: its tickets stay."""
    if moves is None:
        return None
    return moves.on_answer if trigger is Trigger.ANSWER else moves.on_reply


def targets(stage_moves: Mapping[str, StageMoves], trigger: Trigger) -> dict[str, str]:
    """Where tickets go, by pipeline, without the pipelines whose tickets stay."""
    found = {pipeline_id: move_of(moves, trigger) for pipeline_id, moves in stage_moves.items()}
    return {pipeline_id: move.stage_id for pipeline_id, move in found.items() if move is not None}


def may_move(stage_moves: Mapping[str, StageMoves], conversation: Conversation, trigger: Trigger) -> bool:
    """Whether the conversation's ticket has to be read, since it has to go elsewhere.

    A conversation of an older release does not say where its ticket is.
    """
    going = targets(stage_moves, trigger)
    if conversation.ticket_id is None or not going:
        return False
    if conversation.ticket_pipeline_id is None:
        return True
    return going.get(conversation.ticket_pipeline_id, conversation.ticket_stage_id) != conversation.ticket_stage_id


def moved(ticket: Ticket, stage_moves: Mapping[str, StageMoves], trigger: Trigger, at: str) -> TicketChange | None:
    """The ticket where it goes at `at`; None: it is there, or stays."""
    move = move_of(stage_moves.get(ticket.pipeline_id), trigger)
    if move is None or move.stage_id == ticket.stage_id:
        return None
    return changed(ticket, in_stage(ticket, ticket.pipeline_id, move, REASONS[trigger], at), REASONS[trigger], None, at)


def moved_back(ticket: Ticket, was: TicketPlace, pipeline: Pipeline, at: str) -> TicketChange | None:
    """The ticket where it stood before an answer that is taken back; None: it is another one, somebody has moved it
    since, or its `pipeline` has that stage no more.
    """
    because, stage = ticket.staged_because, pipeline.stage(was.stage_id)
    if ticket.id != was.ticket_id or stage is None:
        return None
    if because is None or because.code != REASONS[Trigger.ANSWER].code:
        return None
    move = StageMove(stage.id, stage.kind)
    after = in_stage(replace(ticket, closed_at=was.closed_at), pipeline.id, move, TAKEN_BACK, at)
    return changed(ticket, after, TAKEN_BACK, None, at)


def in_stage(ticket: Ticket, pipeline_id: str, move: StageMove, because: Reason, at: str) -> Ticket:
    """The ticket in a stage: closed since `at`, or for as long as it was already, in one that is closed."""
    closed_at = (ticket.closed_at or at) if move.kind is StageKind.CLOSED else None
    return replace(ticket, pipeline_id=pipeline_id, stage_id=move.stage_id, staged_because=because, closed_at=closed_at)


def changed(
    before: Ticket, after: Ticket, because: Reason, author_id: str | None, at: str, link: TicketLink | None = None
) -> TicketChange:
    """A change with its event, which names each field that differs. The event's id follows from the version."""
    after = replace(after, version=before.version + 1)
    told = TicketEntry(
        account_id=after.account_id,
        ticket_id=after.id,
        id=derived_id("tke", after.id, str(after.version)),
        type=EntryType.EVENT,
        created_at=at,
        text=because.text,
        author_id=author_id,
        code=because.code,
        changes=_differing(before, after),
        link=link,
    )
    return TicketChange(before, after, told)


def _differing(before: Ticket, after: Ticket) -> dict[str, FieldChange]:
    old, new = _shown(before), _shown(after)
    return {name: FieldChange(old[name], new[name]) for name in old if old[name] != new[name]}


def _shown(ticket: Ticket) -> dict[str, Any]:
    told = msgspec.to_builtins(ticket)
    return {name: told[name] for name in SHOWN}
