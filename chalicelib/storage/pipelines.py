"""Pipelines with their stages. What tickets do by themselves stands on the account too, and is written with them."""

from __future__ import annotations

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.account import Account
from chalicelib.model.audit import AuditEntry
from chalicelib.model.page import Page
from chalicelib.model.ticket import Pipeline, StageMoves
from chalicelib.storage import audit, keys, table
from chalicelib.storage.tables import AccountRow, PipelineRow, Row
from chalicelib.storage.updates import set_or_remove


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
    """One pipeline as it is now, or None."""
    row = table.get(PipelineRow, keys.pipeline(account_id, pipeline_id), consistent=True)
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


class AccountChange(msgspec.Struct, frozen=True):
    """What a pipeline's change makes of the account, as it was read: where tickets go, and which is the default."""

    before: Account
    stage_moves: dict[str, StageMoves]
    default_pipeline_id: str


def add_pipeline(pipeline: Pipeline, account: AccountChange, noted: AuditEntry) -> None:
    """Store a new pipeline; `LostRace` when its id is taken or the account is not as it was."""
    writes = table.Transaction()
    writes.put(pipeline_row(pipeline))
    _change_account(writes, account)
    audit.note(writes, noted)
    writes.commit("add a pipeline")


def change_pipeline(before: Pipeline, after: Pipeline, account: AccountChange, noted: AuditEntry) -> None:
    """Write a pipeline in one save; `LostRace` when the stored version is not that of `before`."""
    actions: list[Action] = [
        PipelineRow.name.set(after.name),
        PipelineRow.stages.set(msgspec.to_builtins(after.stages)),
        PipelineRow.version.set(after.version),
    ]
    for attribute, value in (
        (PipelineRow.on_answer_stage_id, after.on_answer_stage_id),
        (PipelineRow.on_reply_stage_id, after.on_reply_stage_id),
    ):
        actions.append(set_or_remove(attribute, value))
    writes = table.Transaction()
    key = keys.pipeline(before.account_id, before.id)
    writes.update(PipelineRow, key, actions, PipelineRow.version == before.version)
    _change_account(writes, account)
    audit.note(writes, noted)
    writes.commit("change a pipeline")


def delete_pipeline(pipeline: Pipeline, account: AccountChange, noted: AuditEntry) -> None:
    """Remove a pipeline; `LostRace` when the stored version is another, or it has become the default."""
    writes = table.Transaction()
    key = keys.pipeline(pipeline.account_id, pipeline.id)
    writes.delete(PipelineRow, key, PipelineRow.version == pipeline.version)
    _change_account(writes, account, always=True)
    audit.note(writes, noted)
    writes.commit("delete a pipeline")


def _change_account(writes: table.Transaction, account: AccountChange, *, always: bool = False) -> None:
    """The account's part, on the condition that nobody changed that part meanwhile; nothing else of it is touched."""
    before = account.before
    same = (before.stage_moves, before.default_pipeline_id) == (account.stage_moves, account.default_pipeline_id)
    if same and not always:
        return
    condition = AccountRow.default_pipeline_id == before.default_pipeline_id
    moves = AccountRow.stage_moves == msgspec.to_builtins(before.stage_moves)
    condition &= moves if before.stage_moves else moves | AccountRow.stage_moves.does_not_exist()
    writes.update(
        AccountRow,
        keys.account(before.id),
        [
            AccountRow.stage_moves.set(msgspec.to_builtins(account.stage_moves)),
            AccountRow.default_pipeline_id.set(account.default_pipeline_id),
        ],
        condition,
    )
