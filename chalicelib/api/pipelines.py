"""`/v1/pipelines`: the steps that tickets go through."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.model.ticket import Pipeline, Stage
from chalicelib.settings import pipelines
from chalicelib.settings.pipelines import PipelineSettings


class PipelineAnswer(Struct, frozen=True, kw_only=True):
    """The ordered stages that tickets move through; new ones start in the first unless their channel says otherwise."""

    id: str
    name: str
    stages: tuple[Stage, ...]
    on_answer_stage_id: str | None
    on_reply_stage_id: str | None
    is_default: bool
    created_at: str


def shape(pipeline: Pipeline, default_pipeline_id: str) -> PipelineAnswer:
    """A pipeline in the shape of the API."""
    return PipelineAnswer(
        id=pipeline.id,
        name=pipeline.name,
        stages=pipeline.stages,
        on_answer_stage_id=pipeline.on_answer_stage_id,
        on_reply_stage_id=pipeline.on_reply_stage_id,
        is_default=pipeline.id == default_pipeline_id,
        created_at=pipeline.created_at,
    )


def list_pipelines(call: Call) -> Listing[PipelineAnswer]:
    """The pipelines of the account, oldest first."""
    query: Paging = call.query
    page = pipelines.page(call.caller, limit=query.limit, cursor=query.cursor)
    return listing(page, lambda each: shape(each, call.caller.account.default_pipeline_id))


def add_pipeline(call: Call) -> Answered:
    """A further pipeline with its stages, in order."""
    told: PipelineSettings = call.body
    pipeline = pipelines.add(call.caller, call.id_for("pip"), told, call.now)
    return _answered(call, pipeline, told.is_default, f"/v1/pipelines/{pipeline.id}")


def get_pipeline(call: Call) -> Answered:
    """One pipeline."""
    return _answered(call, pipelines.pipeline_for(call.caller, call.path["pipeline_id"]), False)


def patch_pipeline(call: Call) -> Answered:
    """Name, stages, what tickets do by themselves, and whether it is the default; whole or not at all.

    `stages` is replaced whole: a stage keeps its tickets by its id, one without an id is new, and one that is left out
    goes, unless tickets are in it or a channel names it (409).
    """
    before = pipelines.pipeline_for(call.caller, call.path["pipeline_id"])
    after = patched(pipelines.settings_of(before, call.caller.account.default_pipeline_id), call.body)
    pipeline = pipelines.change(call.caller, before, after, call.accepted_versions, call.now)
    return _answered(call, pipeline, after.is_default)


def delete_pipeline(call: Call) -> None:
    """Only one that is not the default, has no tickets, and is named by no channel (409)."""
    pipelines.delete(call.caller, pipelines.pipeline_for(call.caller, call.path["pipeline_id"]), call.now)


def _answered(call: Call, pipeline: Pipeline, became_default: bool, location: str | None = None) -> Answered:
    default = pipeline.id if became_default else call.caller.account.default_pipeline_id
    return Answered(shape(pipeline, default), pipeline.version, location)
