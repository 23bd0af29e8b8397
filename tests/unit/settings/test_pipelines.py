"""What settings make of a pipeline: stages keep their ids, and each refusal points to its field."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.errors import Refused
from chalicelib.model.ticket import Pipeline, Stage, StageKind, StageMove, StageMoves
from chalicelib.settings.pipelines import PipelineSettings, StageSettings, decide_change, moves_of

OPEN, CLOSED = StageKind.OPEN, StageKind.CLOSED
NEW, DONE = Stage("stg_new", "New"), Stage("stg_done", "Done", CLOSED)
BEFORE = Pipeline("acc_a", "pip_a", "Support", (NEW, DONE), "2026-03-02T08:00:00.000Z", version=3)


def told(*stages: StageSettings, **more: Any) -> PipelineSettings:
    return PipelineSettings("Support", stages, **more)


def test_stages_are_renamed_reordered_and_turned_under_their_ids() -> None:
    after = decide_change(BEFORE, told(StageSettings("Ready", OPEN, "stg_done"), StageSettings("In", OPEN, "stg_new")))
    assert after.stages == (Stage("stg_done", "Ready"), Stage("stg_new", "In"))
    assert after.version == 4


def test_a_new_stage_gets_an_id_that_no_version_had() -> None:
    settings = told(StageSettings("New", OPEN, "stg_new"), StageSettings("Between"), StageSettings("Done", CLOSED))
    after = decide_change(BEFORE, settings)
    assert after == decide_change(BEFORE, settings)
    ids = [stage.id for stage in after.stages]
    assert ids[0] == "stg_new"
    assert len({*ids, "stg_done"}) == 4
    later = decide_change(after, told(StageSettings("New", OPEN, "stg_new"), StageSettings("Between")))
    assert later.stages[1].id not in ids


@pytest.mark.parametrize(
    ("settings", "pointer", "code"),
    [
        (told(StageSettings("A", OPEN, "stg_other")), "/stages/0/id", "no_such_stage"),
        (told(StageSettings("A", OPEN, "stg_new"), StageSettings("B", OPEN, "stg_new")), "/stages/1/id", "stage_twice"),
        (told(StageSettings("A"), StageSettings("a")), "/stages/1/name", "name_taken"),
        (told(StageSettings("A", CLOSED)), "/stages", "no_open_stage"),
        (told(StageSettings("A"), on_answer_stage_id="stg_new"), "/on_answer_stage_id", "no_such_stage"),
        (told(StageSettings("A"), on_reply_stage_id="stg_x"), "/on_reply_stage_id", "no_such_stage"),
    ],
)
def test_each_refusal_points_to_its_field(settings: PipelineSettings, pointer: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        decide_change(BEFORE, settings)
    assert (refused.value.pointer, refused.value.code) == (pointer, code)


def test_what_the_account_tells_every_mail() -> None:
    stages = (StageSettings("New", OPEN, "stg_new"), StageSettings("Done", CLOSED, "stg_done"))
    both = decide_change(BEFORE, told(*stages, on_answer_stage_id="stg_done", on_reply_stage_id="stg_new"))
    assert moves_of(both) == StageMoves(StageMove("stg_done", CLOSED), StageMove("stg_new", OPEN))
    assert moves_of(decide_change(both, told(*stages))) == StageMoves()
