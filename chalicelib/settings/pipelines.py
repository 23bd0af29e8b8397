"""Pipelines: their stages in order, what tickets do by themselves, and which one is the account's default.

A stage keeps its id through every change of name, kind and place, since tickets and channels name it. What is still
named or has tickets in it is not removed: the refusal says what stands against it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id, stamp
from chalicelib.errors import Conflict, LostRace, NotFound, Refused
from chalicelib.model.account import Account
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Channel
from chalicelib.model.page import Page
from chalicelib.model.texts import Id, Name
from chalicelib.model.ticket import Pipeline, Stage, StageKind, StageMove, StageMoves
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import inboxes, pipelines, tickets
from chalicelib.storage.pipelines import AccountChange

MOST_STAGES = 50
MOST_MOVING = 50  # pipelines of an account that move tickets: each mail asks the account where to
STAGES = "/stages"


class StageSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A stage. With its `id` it is one that is there, without one a new one."""

    name: Name
    kind: StageKind = StageKind.OPEN
    id: Id | None = None


class PipelineSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a pipeline. `stages` is the whole list, in order.

    `on_answer_stage_id`: where a ticket goes when a user answers, `on_reply_stage_id`: when the customer writes again;
    null: it stays. `is_default`: it is the account's; to change that, make another one the default.
    """

    name: Name
    stages: Annotated[tuple[StageSettings, ...], Meta(min_length=1, max_length=MOST_STAGES)]
    on_answer_stage_id: Id | None = None
    on_reply_stage_id: Id | None = None
    is_default: bool = False


def settings_of(pipeline: Pipeline, default_pipeline_id: str) -> PipelineSettings:
    """The part of a pipeline that can be changed."""
    return PipelineSettings(
        pipeline.name,
        tuple(StageSettings(stage.name, stage.kind, stage.id) for stage in pipeline.stages),
        pipeline.on_answer_stage_id,
        pipeline.on_reply_stage_id,
        pipeline.id == default_pipeline_id,
    )


def pipeline_for(caller: Caller, pipeline_id: str) -> Pipeline:
    """A pipeline of the account."""
    pipeline = pipelines.get_pipeline(caller.account_id, pipeline_id)
    if pipeline is None:
        raise NotFound("There is no such pipeline.")
    return pipeline


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[Pipeline]:
    """The pipelines of the account, oldest first."""
    return pipelines.page_of_pipelines(caller.account_id, limit=limit, cursor=cursor)


def add(caller: Caller, pipeline_id: str, settings: PipelineSettings, now: datetime) -> Pipeline:
    """Add a pipeline. The same id again adds none, and gives the one that is there."""
    blank = Pipeline(caller.account_id, pipeline_id, settings.name, (), stamp(now), version=0)
    added = decide_change(blank, settings)
    account = _account_after(caller.account, added, settings.is_default)
    told = settings_of(added, account.default_pipeline_id)
    noted = audited(caller, "pipeline.added", added.id, None, told, added.created_at)
    try:
        pipelines.add_pipeline(added, account, noted)
    except LostRace:
        made = pipelines.get_pipeline(caller.account_id, pipeline_id)
        if made is None:
            raise
        return made
    return added


def change(
    caller: Caller, before: Pipeline, after: PipelineSettings, accepted: Collection[int] | None, now: datetime
) -> Pipeline:
    """Save a pipeline in one piece. `Conflict` when a stage that is to go or to change its kind is not free for it."""
    require_version(before.version, accepted)
    was_default = before.id == caller.account.default_pipeline_id
    if was_default and not after.is_default:
        raise Refused(
            "An account has a default pipeline. Make another one the default instead.",
            pointer="/is_default",
            code="default_pipeline",
        )
    changed = decide_change(before, after)
    _require_free(before, changed)
    account = _account_after(caller.account, changed, after.is_default)
    was = settings_of(before, caller.account.default_pipeline_id)
    told = settings_of(changed, account.default_pipeline_id)
    noted = audited(caller, "pipeline.changed", before.id, was, told, stamp(now))
    with saving():
        pipelines.change_pipeline(before, changed, account, noted)
    return changed


def delete(caller: Caller, pipeline: Pipeline, now: datetime) -> None:
    """Remove a pipeline that nothing names: not the default one, not a channel's, and none with tickets."""
    account = caller.account
    if pipeline.id == account.default_pipeline_id:
        raise Conflict("This is the account's default pipeline. Make another one the default.", code="default_pipeline")
    _require_unnamed(pipeline, lambda channel: channel.ticketing.pipeline_id == pipeline.id, "The pipeline")
    _require_empty(pipeline, pipeline.stages, "The pipeline", None)
    moves = {name: each for name, each in account.stage_moves.items() if name != pipeline.id}
    change = AccountChange(account, moves, account.default_pipeline_id)
    was = settings_of(pipeline, account.default_pipeline_id)
    noted = audited(caller, "pipeline.deleted", pipeline.id, was, None, stamp(now))
    with saving():
        pipelines.delete_pipeline(pipeline, change, noted)


def decide_change(before: Pipeline, after: PipelineSettings) -> Pipeline:
    """The pipeline with these settings; new stages get ids that follow from version and place. Pure."""
    version = before.version + 1
    known = {stage.id for stage in before.stages}
    stages: list[Stage] = []
    for number, told in enumerate(after.stages):
        if told.id is not None and told.id not in known:
            raise Refused(
                f"The pipeline has no stage {told.id}; leave the id out to add one.",
                pointer=f"{STAGES}/{number}/id",
                code="no_such_stage",
            )
        if told.id in {stage.id for stage in stages}:
            raise Refused("A stage is in the list once.", pointer=f"{STAGES}/{number}/id", code="stage_twice")
        if told.name.casefold() in {stage.name.casefold() for stage in stages}:
            raise Refused(
                f"There is a stage named {told.name} already.", pointer=f"{STAGES}/{number}/name", code="name_taken"
            )
        stage_id = told.id or derived_id("stg", before.id, str(version), str(number))
        stages.append(Stage(stage_id, told.name, told.kind))
    if all(stage.kind is StageKind.CLOSED for stage in stages):
        raise Refused("A pipeline needs an open stage.", pointer=STAGES, code="no_open_stage")
    changed = replace(
        before,
        name=after.name,
        stages=tuple(stages),
        on_answer_stage_id=after.on_answer_stage_id,
        on_reply_stage_id=after.on_reply_stage_id,
        version=version,
    )
    for name in ("on_answer_stage_id", "on_reply_stage_id"):
        named = getattr(changed, name)
        if named is not None and changed.stage(named) is None:
            raise Refused(
                f"The pipeline has no stage {named} for its tickets to go to.",
                pointer=f"/{name}",
                code="no_such_stage",
            )
    return changed


def moves_of(pipeline: Pipeline) -> StageMoves:
    """Where its tickets go by themselves, as the account tells every mail. Pure."""
    answer, reply = pipeline.stage(pipeline.on_answer_stage_id), pipeline.stage(pipeline.on_reply_stage_id)
    return StageMoves(
        on_answer=StageMove(answer.id, answer.kind) if answer else None,
        on_reply=StageMove(reply.id, reply.kind) if reply else None,
    )


def _account_after(account: Account, pipeline: Pipeline, is_default: bool) -> AccountChange:
    moves = {name: each for name, each in account.stage_moves.items() if name != pipeline.id}
    own = moves_of(pipeline)
    if own != StageMoves():
        moves[pipeline.id] = own
    if len(moves) > MOST_MOVING:
        raise Refused(
            f"At most {MOST_MOVING} pipelines of an account move their tickets. Switch it off in another one.",
            pointer="/on_reply_stage_id",
            code="too_many_moving_pipelines",
        )
    return AccountChange(account, moves, pipeline.id if is_default else account.default_pipeline_id)


def _require_free(before: Pipeline, after: Pipeline) -> None:
    """Raise `Conflict` if tickets are in a stage that goes or changes its kind, or a channel names one that goes."""
    kept = {stage.id: stage for stage in after.stages}
    gone = [stage for stage in before.stages if stage.id not in kept]
    turned = [stage for stage in before.stages if stage.id in kept and kept[stage.id].kind is not stage.kind]
    if gone:
        ids = {stage.id for stage in gone}
        what = "A stage that is to go" if len(gone) > 1 else f"The stage {gone[0].name}"
        _require_unnamed(before, lambda channel: channel.ticketing.stage_id in ids, what, STAGES)
    for stage in gone:
        _require_empty(before, [stage], f"The stage {stage.name}", STAGES)
    for stage in turned:
        _require_empty(before, [stage], f"The stage {stage.name}, whose kind is to change,", STAGES)


def _require_unnamed(
    pipeline: Pipeline, names_it: Callable[[Channel], bool], what: str, pointer: str | None = None
) -> None:
    connected = (each for each in inboxes.all_channels(pipeline.account_id) if each.disconnected_at is None)
    channel = next(filter(names_it, connected), None)
    if channel is not None:
        raise Conflict(
            f"{what} is where the channel {channel.address} ({channel.id}) opens tickets. Choose another there first.",
            pointer=pointer,
            code="named_by_channel",
        )


def _require_empty(pipeline: Pipeline, stages: Sequence[Stage], what: str, pointer: str | None) -> None:
    count = sum(tickets.count_in_stage(pipeline.account_id, pipeline.id, stage.id) for stage in stages)
    if count:
        told = f"{count} or more tickets" if count >= tickets.COUNTED else f"{count} ticket{'s' if count > 1 else ''}"
        raise Conflict(f"{what} has {told} in it. Move them first.", pointer=pointer, code="has_tickets")
