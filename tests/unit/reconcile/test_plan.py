"""What SES has is led to what is wanted; done again nothing is left, and what is another's is untouched."""

from __future__ import annotations

import copy
import json
import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.model.ses_setup import RuleSets, SetupPlan, SetupSeen, SetupWanted, StepKind
from chalicelib.reconcile.mend_ses import carry_out
from chalicelib.reconcile.plan import is_ours, missing_identities, plan, wanted_destination, wanted_rules
from chalicelib.storage import ses_setup
from tests.post import cloud
from tests.post.ses_control import SesControl, ses_control

SET, TOPIC, EVENTS = "postfach-prod", "arn:aws:sns:eu-central-1:1:inbound", "arn:aws:sns:eu-central-1:1:feedback"
DOMAINS = ("in.example.com", "free.example.com")


def wanted(domains: tuple[str, ...] = DOMAINS) -> SetupWanted:
    return SetupWanted(SET, wanted_rules(domains, "mail", TOPIC), SET, wanted_destination(EVENTS))


@pytest.fixture(autouse=True, scope="module")
def somewhere() -> Iterator[None]:
    """Clients need a region; nothing answers but the double."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in cloud.environment().items():
            patched.setenv(name, value)
        patched.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        cloud.forget_clients()
        yield
    os.environ.pop("AWS_ENDPOINT_URL", None)
    cloud.forget_clients()


def planned(ses: SesControl, domains: tuple[str, ...] = DOMAINS) -> SetupPlan:
    pace = ses.pace()
    return plan(SetupSeen(ses_setup.read_receiving(SET, pace), ses_setup.read_sending(SET, pace)), wanted(domains))


def mend(ses: SesControl, domains: tuple[str, ...] = DOMAINS) -> SetupPlan:
    made = planned(ses, domains)
    ses.clock.sleep(1)
    done, failed = carry_out(made.steps, time.monotonic() + 60, ses.pace())
    assert (done, failed) == (len(made.steps), ())
    ses.clock.sleep(1)
    return made


def kinds(made: SetupPlan) -> list[str]:
    return [each.kind.value for each in made.steps]


def test_an_empty_ses_gets_all_of_it() -> None:
    with ses_control() as ses:
        made = mend(ses)
        assert kinds(made) == [
            "create_rule_set",
            "create_rule",
            "activate_rule_set",
            "create_configuration_set",
            "create_destination",
        ]
        assert all(each.because for each in made.steps)
        assert ses.active == SET
        (rule,) = ses.rule_sets[SET]
        assert rule["Recipients"] == [".free.example.com", ".in.example.com"]
        assert planned(ses) == SetupPlan()
        assert ses.throttled == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Enabled": False}, "enabled"),
        ({"ScanEnabled": False}, "scans"),
        ({"TlsPolicy": "Require"}, "tls"),
        ({"Recipients": [".in.example.com"]}, "recipients"),
        ({"Actions": [{"StopAction": {"Scope": "RuleSet"}}]}, "actions"),
    ],
)
def test_each_difference_of_our_rule_is_replaced_and_named(change: dict[str, object], told: str) -> None:
    with ses_control() as ses:
        mend(ses)
        ses.rule_sets[SET][0].update(change)
        (step,) = mend(ses).steps
        assert (step.kind, step.because) == (StepKind.REPLACE_RULE, f"It differs in {told}.")
        assert planned(ses) == SetupPlan()


def test_another_active_rule_set_is_left_to_the_operator() -> None:
    with ses_control() as ses:
        ses.rule_sets["others"], ses.active = [], "others"
        made = mend(ses)
        assert "activate_rule_set" not in kinds(made)
        assert ses.active == "others"
        (left,) = planned(ses).left_to_operator
        assert "others" in left
        assert "--take-over-receiving" in left


def test_what_cannot_be_seen_is_not_touched() -> None:
    assert plan(SetupSeen(None, None), wanted()) == SetupPlan()
    assert plan(SetupSeen(RuleSets(None, None), None), SetupWanted("", (), "", None)) == SetupPlan()


def test_a_rule_has_at_most_a_hundred_recipients() -> None:
    domains = tuple(f"d{number}.example" for number in range(250))
    with ses_control() as ses:
        mend(ses, domains)
        assert [(each["Name"], len(each["Recipients"])) for each in ses.rule_sets[SET]] == [
            ("receive", 100),
            ("receive-2", 100),
            ("receive-3", 50),
        ]
        assert kinds(mend(ses)) == ["replace_rule", "delete_rule", "delete_rule"]


def test_the_events_go_where_they_should_again() -> None:
    with ses_control() as ses:
        mend(ses)
        ses.configuration_sets[SET]["feedback"]["Enabled"] = False
        ses.configuration_sets[SET]["archive"] = {"Enabled": True, "MatchingEventTypes": ["SEND"]}
        assert kinds(mend(ses)) == ["replace_destination"]
        assert planned(ses) == SetupPlan()
        assert set(ses.configuration_sets[SET]) == {"feedback", "archive"}


def test_an_identity_that_ses_lost_is_made_again_but_not_one_that_was_refused() -> None:
    lost, refused = (
        SendingDomain(
            "acc_1", name, f"bounce-1.{name}", (), DomainState.FAILED, "2026-01-01", "2026-01-04", verified_at=at
        )
        for name, at in (("shop.example", "2026-01-02"), ("wrong.example", None))
    )
    with ses_control() as ses:
        steps = missing_identities([lost, refused], ses.identities)
        assert [each.name for each in steps] == ["shop.example"]
        assert carry_out(steps, time.monotonic() + 60, ses.pace()) == (1, ())
        assert ses.identities["shop.example"]["Tags"] == [{"Key": "postfach", "Value": "acc_1"}]
        assert ses.identities["shop.example"]["MailFromAttributes"]["MailFromDomain"] == "bounce-1.shop.example"
        assert missing_identities([lost, refused], ses.identities) == []
        assert ses.throttled == 0


def test_a_failing_step_keeps_the_others_from_nothing() -> None:
    with ses_control() as ses:
        ses.broken = {"CreateReceiptRule"}
        steps = planned(ses).steps
        ses.clock.sleep(1)
        done, (failed,) = carry_out(steps, time.monotonic() + 60, ses.pace())
        assert done == 4
        assert failed.startswith("create_rule receive: The rule is missing.")
        assert ses.configuration_sets[SET]["feedback"]["Enabled"]
        ses.broken = set()
        ses.clock.sleep(1)
        assert kinds(mend(ses)) == ["create_rule"]
        assert planned(ses) == SetupPlan()


RULES = st.lists(
    st.fixed_dictionaries(
        {
            "Name": st.sampled_from(["receive", "receive-2", "receive-3", "spam", "receiver", "receive-x", "archive"]),
            "Enabled": st.booleans(),
            "ScanEnabled": st.booleans(),
            "TlsPolicy": st.sampled_from(["Optional", "Require"]),
            "Recipients": st.lists(st.sampled_from([".in.example.com", "shop.example", "a@b.example"]), unique=True),
            "Actions": st.sampled_from(
                [[{"StopAction": {"Scope": "RuleSet"}}], [{"S3Action": {"BucketName": "mail"}}], []]
            ),
        }
    ),
    max_size=7,
    unique_by=lambda each: str(each["Name"]),
)
COUNTS = st.sampled_from([1, 2, 100, 101, 230])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules=RULES, there=st.booleans(), active=st.sampled_from([None, SET, "others"]), count=COUNTS)
def test_the_plan_ends_where_it_is_wanted_and_leaves_others_alone(
    rules: list[dict[str, object]], there: bool, active: str | None, count: int
) -> None:
    domains = tuple(f"d{number}.example" for number in range(count))
    ses = SesControl()
    if there or active == SET:
        ses.rule_sets[SET] = copy.deepcopy(rules)
    ses.rule_sets["others"], ses.active = [{"Name": "theirs"}], active
    foreign = [each for each in ses.rule_sets.get(SET, []) if not is_ours(str(each["Name"]))]
    with ses_control(ses):
        mend(ses, domains)
        assert planned(ses, domains).steps == ()
    assert [each for each in ses.rule_sets[SET] if not is_ours(str(each["Name"]))] == foreign
    assert ses.rule_sets["others"] == [{"Name": "theirs"}]
    mine = [str(each["Name"]) for each in ses.rule_sets[SET] if is_ours(str(each["Name"]))]
    assert [each["Name"] for each in ses.rule_sets[SET]][: len(mine)] == mine
    assert ses.active == (active or SET)
    taken = [name for each in ses.rule_sets[SET][: len(mine)] for name in each["Recipients"]]
    assert sorted(taken) == sorted(f".{each}" for each in domains)
    assert json.dumps(ses.rule_sets).count('"receive-x"') == sum(each["Name"] == "receive-x" for each in foreign)
