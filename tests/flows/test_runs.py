"""Runs of the scheduled function: one at a time, remembered step by step, mending what SES has, told to admins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.errors import TemporaryFault
from chalicelib.model.run import Run, StepOutcome, StepRun
from chalicelib.reconcile.run import dry_run, reconcile
from chalicelib.reconcile.steps import STEPS
from chalicelib.reconcile.sweep import MARGIN
from chalicelib.storage import aws, runs, sweeps
from chalicelib.storage.observing import Pace
from chalicelib.storage.tables import RunRow
from tests.api.visitor import admin_of
from tests.post import cloud
from tests.post.office import Office
from tests.post.ses_control import SesControl, ses_control

SET = "postfach-test"


@pytest.fixture
def ses(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[SesControl]:
    """An SES that has nothing yet, for an installation that wants to have all of it."""
    for name, value in {
        "RECEIPT_RULE_SET": SET,
        "CONFIGURATION_SET": SET,
        "INBOUND_TOPIC": "arn:aws:sns:eu-central-1:1:inbound",
        "FEEDBACK_TOPIC": "arn:aws:sns:eu-central-1:1:feedback",
    }.items():
        monkeypatch.setenv(name, value)
    cloud.forget_everything()
    with ses_control() as made:
        yield made


def run(ses: SesControl, **how: Any) -> dict[str, Any]:
    ses.clock.sleep(1)
    return reconcile(pace=ses.pace(), **how)


def newest() -> Run:
    return runs.page_of_runs(clock.now(), limit=1, cursor=None).items[0]


def test_S7_8_a_run_mends_what_ses_has_and_the_next_finds_nothing_to_do(ses: SesControl) -> None:
    told = run(ses)["steps"]["ses"]
    assert (told["done"], len(told["planned"]), told["failed"], told["finished"]) == (5, 5, (), True)
    assert ses.active == SET
    assert run(ses)["steps"]["ses"]["planned"] == ()
    ses.rule_sets[SET].clear()
    assert run(ses)["steps"]["ses"]["planned"] == ("create_rule receive: The rule is missing.",)
    assert [each["Name"] for each in ses.rule_sets[SET]] == ["receive"]
    assert ses.throttled == 0


def test_a_dry_run_tells_the_plan_and_does_nothing(ses: SesControl) -> None:
    told = dry_run(ses.pace())
    assert told["dry_run"] is True
    assert told["ses"]["done"] == 0
    assert told["ses"]["planned"][0].startswith(f"create_rule_set {SET}: ")
    assert ses.rule_sets == {}
    assert ses.active is None
    assert runs.page_of_runs(clock.now(), limit=1, cursor=None).items == ()


def test_an_installation_may_leave_mending_to_its_operator(ses: SesControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIR_SES", "false")
    cloud.forget_everything()
    told = run(ses)["steps"]["ses"]
    assert (told["done"], len(told["planned"]), told["finished"]) == (0, 5, False)
    assert ses.rule_sets == {}


def test_each_step_is_remembered_with_its_outcome(ses: SesControl) -> None:
    ses.broken = {"ListEmailIdentities"}
    answer = run(ses)
    found = newest()
    assert found.id == answer["run"]
    assert found.ended_at is not None
    assert [each.name for each in found.steps] == ["raw_mail", *(name for name, _ in STEPS)]
    assert {each.outcome for each in found.steps} == {StepOutcome.DONE}  # what cannot be seen fails no run
    assert found.requests == sum(each.requests for each in found.steps) + 3 * len(found.steps) - len(found.steps)


def test_one_run_at_a_time_and_a_dead_one_is_not_waited_for(ses: SesControl, office: Office) -> None:
    now = clock.now()
    assert sweeps.take_lease("run_other", now, MARGIN)
    assert run(ses)["ran"] is False
    assert sweeps.take_lease("run_other", now - timedelta(minutes=2), MARGIN)  # it was cut off then
    assert run(ses)["ran"] is True
    row = runs.page_of_runs(clock.now(), limit=9, cursor=None)
    assert len(row.items) == 1


def test_a_run_whose_lease_was_taken_over_stops(ses: SesControl) -> None:
    def overrun(now: datetime, deadline: float, pace: Pace) -> Run:
        aws.client("dynamodb").update_item(
            TableName=cloud.TABLE,
            Key={"pk": {"S": "SWEEP"}, "sk": {"S": "SWEEP"}},
            UpdateExpression="SET #o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": "run_other"}},
        )
        return Run("run_x", stamp(now), stamp(now))

    run(ses, steps=(("overrun", overrun), *STEPS))
    assert [each.outcome for each in newest().steps] == ["done", "done", "failed"]
    assert newest().steps[-1].told == {"error": "LeaseLost"}
    assert not sweeps.take_lease("run_mine", clock.now(), MARGIN)  # the other's lease is still the other's


def test_a_failing_step_is_told_and_the_others_are_done(ses: SesControl) -> None:
    def fail(now: datetime, deadline: float, pace: Pace) -> Run:
        raise TemporaryFault("no")

    answer = run(ses, steps=(("failing", fail), *STEPS))
    assert answer["steps"]["failing"] == "failed"
    assert answer["steps"]["ses"]["done"] == 5
    assert newest().steps[1].outcome is StepOutcome.FAILED


def test_admins_read_how_runs_ended_and_nothing_of_others(ses: SesControl, office: Office) -> None:
    run(ses)
    (told,) = admin_of(office).get("/v1/reconcile/runs").json["items"]
    assert set(told) == {"id", "started_at", "ended_at", "outcome", "steps"}
    assert told["outcome"] == "done"
    assert told["steps"][0] == {"name": "raw_mail", "outcome": "done"}


@pytest.mark.parametrize(
    ("outcomes", "ended", "leased", "told"),
    [
        (["done"], True, -1, "done"),
        (["done", "to_be_continued"], True, -1, "to_be_continued"),
        (["failed", "to_be_continued"], True, -1, "failed"),
        (["done"], False, 1, "running"),
        (["done"], False, -1, "died"),
    ],
)
def test_how_a_run_ended(office: Office, outcomes: list[str], ended: bool, leased: int, told: str) -> None:
    now = clock.now()
    steps = tuple(StepRun(f"step{number}", StepOutcome(each), 0.1, 1) for number, each in enumerate(outcomes))
    made = Run("run_1", stamp(now), stamp(now + timedelta(minutes=leased)), stamp(now) if ended else None, 3, steps)
    runs.write_run(made)
    assert admin_of(office).get("/v1/reconcile/runs").json["items"][0]["outcome"] == told


def test_runs_are_listed_newest_first_for_thirty_days_and_then_gone(office: Office) -> None:
    now = clock.now()
    blank = Run("run_0", stamp(now), stamp(now), stamp(now))
    for days in (0, 1, 29, 31):
        at = now - timedelta(days=days)
        runs.write_run(replace(blank, id=f"run_{days}", started_at=stamp(at)))
    first = admin_of(office).get("/v1/reconcile/runs?limit=2").json
    rest = admin_of(office).get(f"/v1/reconcile/runs?limit=2&cursor={first['next']}").json
    assert [each["id"] for each in first["items"] + rest["items"]] == ["run_0", "run_1", "run_29"]
    assert rest["next"] is None
    row = next(iter(RunRow.query(f"RUNS#{now:%Y-%m}")))
    assert row.expires_at > now
