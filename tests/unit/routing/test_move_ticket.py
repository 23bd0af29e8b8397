"""Where a ticket goes by itself: as tables."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chalicelib.model.conversation import Conversation, ConversationStatus, Reason
from chalicelib.model.ticket import FieldChange, StageKind, StageMove, StageMoves, Ticket
from chalicelib.routing.move_ticket import Trigger, changed, in_stage, may_move, moved, targets

AT, LATER = "2026-03-02T08:00:00.000Z", "2026-03-03T08:00:00.000Z"
WHY = Reason("x", "y")
US, THEM, DONE = (
    StageMove("stg_us", StageKind.OPEN),
    StageMove("stg_them", StageKind.OPEN),
    StageMove("stg_done", StageKind.CLOSED),
)
BOTH = {"pip_a": StageMoves(THEM, US)}
ANSWER_ONLY = {"pip_a": StageMoves(THEM, None)}
CLOSING = {"pip_a": StageMoves(DONE, US)}


def ticket(stage: str = "stg_new", closed_at: str | None = None) -> Ticket:
    return Ticket(
        account_id="acc_a",
        id="tck_a",
        inbox_id="inb_a",
        conversation_id="cnv_a",
        contact_id="ctc_a",
        subject="It broke",
        pipeline_id="pip_a",
        stage_id=stage,
        priority=None,
        owner_id=None,
        owned_because=WHY,
        created_at=AT,
        closed_at=closed_at,
        version=4,
    )


def conversation(ticket_id: str | None, pipeline_id: str | None, stage_id: str | None) -> Conversation:
    return Conversation(
        account_id="acc_a",
        id="cnv_a",
        inbox_id="inb_a",
        channel_id="chn_a",
        contact_id="ctc_a",
        contact_email="ada@customer.example",
        contact_name=None,
        subject="It broke",
        status=ConversationStatus.OPEN,
        assignee_id=None,
        assigned_because=WHY,
        started_because=WHY,
        participants=(),
        message_count=1,
        last_message_at=AT,
        created_at=AT,
        ticket_id=ticket_id,
        ticket_pipeline_id=pipeline_id,
        ticket_stage_id=stage_id,
    )


@pytest.mark.parametrize(
    ("moves", "trigger", "stage", "expected"),
    [
        ({}, Trigger.ANSWER, "stg_new", None),
        ({"pip_b": StageMoves(THEM, US)}, Trigger.REPLY, "stg_new", None),
        (BOTH, Trigger.ANSWER, "stg_new", "stg_them"),
        (BOTH, Trigger.REPLY, "stg_new", "stg_us"),
        (BOTH, Trigger.REPLY, "stg_us", None),
        (ANSWER_ONLY, Trigger.REPLY, "stg_new", None),
        (CLOSING, Trigger.ANSWER, "stg_us", "stg_done"),
        (CLOSING, Trigger.REPLY, "stg_done", "stg_us"),
    ],
)
def test_where_it_goes(moves: dict[str, StageMoves], trigger: Trigger, stage: str, expected: str | None) -> None:
    change = moved(ticket(stage), moves, trigger, LATER)
    assert (change.after.stage_id if change else None) == expected
    seen = conversation("tck_a", "pip_a", stage)
    assert may_move(moves, seen, trigger) == (expected is not None)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (conversation(None, None, None), False),
        (conversation("tck_a", None, None), True),  # written by an older release: the ticket has to be looked at
        (conversation("tck_a", "pip_b", "stg_new"), False),
        (conversation("tck_a", "pip_a", "stg_us"), False),
        (conversation("tck_a", "pip_a", "stg_new"), True),
    ],
)
def test_whether_the_ticket_has_to_be_read(seen: Conversation, expected: bool) -> None:
    assert may_move(BOTH, seen, Trigger.REPLY) is expected
    assert may_move({}, seen, Trigger.REPLY) is False


def test_pipelines_whose_tickets_stay_are_no_targets() -> None:
    moves = {**ANSWER_ONLY, "pip_b": StageMoves(None, US)}
    assert targets(moves, Trigger.ANSWER) == {"pip_a": "stg_them"}
    assert targets(moves, Trigger.REPLY) == {"pip_b": "stg_us"}


@pytest.mark.parametrize(
    ("closed_at", "move", "expected"),
    [(None, DONE, LATER), (AT, DONE, AT), (AT, US, None), (None, US, None)],
)
def test_a_ticket_is_closed_since_it_came_into_a_closed_stage(
    closed_at: str | None, move: StageMove, expected: str | None
) -> None:
    assert in_stage(ticket("stg_x", closed_at), "pip_a", move, WHY, LATER).closed_at == expected


def test_the_event_names_what_differs_and_nothing_else() -> None:
    before = ticket()
    change = changed(before, replace(before, subject="It broke twice"), WHY, "usr_a", LATER)
    assert change.told.changes == {"subject": FieldChange("It broke", "It broke twice")}
    assert (change.told.code, change.told.text, change.told.author_id, change.told.created_at) == (
        "x",
        "y",
        "usr_a",
        LATER,
    )
    assert change.after.version == before.version + 1
    again = changed(change.after, replace(change.after, subject="It broke"), WHY, "usr_a", LATER)
    assert again.told.id != change.told.id
