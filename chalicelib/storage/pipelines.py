"""Pipelines with their stages."""

from __future__ import annotations

from chalicelib.model.page import Page
from chalicelib.model.ticket import Pipeline
from chalicelib.storage import keys, table
from chalicelib.storage.tables import PipelineRow, Row


def pipeline_row(pipeline: Pipeline) -> PipelineRow:
    """A pipeline's row."""
    return table.to_row(
        PipelineRow,
        keys.pipeline(pipeline.account_id, pipeline.id),
        pipeline,
        list_pk=keys.list_of_pipelines(pipeline.account_id),
        list_sk=keys.list_position(pipeline.created_at, pipeline.id),
    )


def pipeline_of(row: Row) -> Pipeline:
    """A pipeline from its row."""
    return table.to_value(Pipeline, row)


def get_pipeline(account_id: str, pipeline_id: str) -> Pipeline | None:
    """One pipeline, or None."""
    row = table.get(PipelineRow, keys.pipeline(account_id, pipeline_id))
    return pipeline_of(row) if row else None


def page_of_pipelines(account_id: str, *, limit: int, cursor: str | None) -> Page[Pipeline]:
    """The pipelines of an account, oldest first."""
    return table.page(
        table.BY_LIST,
        [keys.list_of_pipelines(account_id)],
        limit=limit,
        cursor=cursor,
        read=pipeline_of,
        newest_first=False,
    )
