"""What a ticket shall be, as people say it, and what comes of it. Pure.

Each refusal points to the field of the request that it concerns.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from chalicelib.errors import Refused
from chalicelib.model.account import User
from chalicelib.model.conversation import Reason
from chalicelib.model.inbox import Priority
from chalicelib.model.texts import Id, Name
from chalicelib.model.ticket import Pipeline, Stage, StageMove, Ticket, TicketChange
from chalicelib.model.ticket_property import PropertyValue
from chalicelib.routing.move_ticket import changed, in_stage


class TicketPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a ticket; what is absent stays. A ticket is closed by a stage that is.

    A pipeline without a stage means its first. `owner_id` null: nobody's. `properties`: values by the id of the
    property, null takes one away. `version`: the one that was read; if the ticket has another by now, nothing changes.
    """

    subject: Name | UnsetType = UNSET
    pipeline_id: Id | UnsetType = UNSET
    stage_id: Id | UnsetType = UNSET
    priority: Priority | UnsetType | None = UNSET
    owner_id: Id | UnsetType | None = UNSET
    properties: dict[Id, PropertyValue | None] | UnsetType = UNSET
    version: int | UnsetType = UNSET


def stage_in(pipeline: Pipeline | None, stage_id: str | None) -> tuple[Pipeline, Stage]:
    """A pipeline that is there, and a stage of it: the first, unless one is named. `Refused` for another's (S67)."""
    if pipeline is None or not pipeline.stages:
        raise Refused("There is no such pipeline.", pointer="/pipeline_id", code="no_such_pipeline")
    stage = pipeline.stages[0] if stage_id is None else pipeline.stage(stage_id)
    if stage is None:
        raise Refused(
            f"The stage {stage_id} is not one of the pipeline {pipeline.name}.",
            pointer="/stage_id",
            code="stage_of_another_pipeline",
        )
    return pipeline, stage


def decide_change(
    before: Ticket,
    patch: TicketPatch,
    by: User,
    owner: User | None,
    place: tuple[Pipeline, Stage] | None,
    properties: dict[str, PropertyValue],
    at: str,
) -> TicketChange | None:
    """What a patch makes of a ticket; None when nothing changes.

    `owner` is the user that the patch names, `place` the stage, `properties` all values afterwards: each is checked.
    """
    after = replace(before, properties=properties)
    if patch.subject is not UNSET:
        after = replace(after, subject=patch.subject)
    if patch.priority is not UNSET:
        after = replace(after, priority=patch.priority)
    if patch.owner_id is not UNSET and patch.owner_id != before.owner_id:
        after = replace(after, owner_id=patch.owner_id, owned_because=given(by, owner))
    because = Reason("changed", f"{by.called} changed the ticket.")
    if place is not None and (place[0].id, place[1].id) != (before.pipeline_id, before.stage_id):
        pipeline, stage = place
        because = Reason("moved_by_hand", f"{by.called} moved the ticket to {stage.name}.")
        after = in_stage(after, pipeline.id, StageMove(stage.id, stage.kind), because, at)
    return None if after == before else changed(before, after, because, by.id, at)


def given(by: User, owner: User | None) -> Reason:
    """Why a ticket has this owner, or none, by hand."""
    if owner is None:
        return Reason("taken_away", f"{by.called} took the owner away.")
    return Reason("given_by_hand", f"{by.called} made {owner.called} the owner.")
