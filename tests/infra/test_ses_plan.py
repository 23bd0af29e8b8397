"""CloudFormation and the scheduled function make the very same things, so that neither undoes what the other did."""

from __future__ import annotations

from typing import Any

from chalicelib.config import Config, read_config
from chalicelib.model.ses_setup import ConfigurationSet, EventDestination, RuleSets, SetupPlan, SetupSeen, StepKind
from chalicelib.reconcile.mend_ses import wanted_of
from chalicelib.reconcile.plan import plan
from chalicelib.storage.ses_setup import _event, _rule
from infra.deploy import resolve

VALUES = {
    "AWS::StackName": "postfach-prod",
    "InboundDomain": "in.example.com",
    "FreeInboundDomain": "free.example.com",
    "MailBucket": "mail",
    "InboundTopic": "arn:aws:sns:eu-central-1:1:inbound",
    "FeedbackTopic": "arn:aws:sns:eu-central-1:1:feedback",
    "RepairSes": "true",
    "SendingConfigurationSet": "postfach-prod",
}


def environment(template: dict[str, Any]) -> Config:
    """The configuration of a function of this template."""
    told = template["Globals"]["Function"]["Environment"]["Variables"]
    values = {name: each for name, each in told.items() if set(each) == {"Ref"}}
    for name, each in values.items():
        values[name] = VALUES.get(each["Ref"], "30") if name != "LOG_LEVEL" else "INFO"
    return read_config({**values, "SIGNING_SECRET_ID": "secret"})


def seen(resources: dict[str, Any]) -> SetupSeen:
    """What SES has once the template was deployed."""
    rule = _rule(resolve(resources["ReceiptRule"]["Properties"]["Rule"], VALUES))
    told = resolve(resources["SendingEvents"]["Properties"]["EventDestination"], VALUES)
    events = tuple(sorted(_event(each) for each in told["MatchingEventTypes"]))
    destination = EventDestination(told["Name"], events, told["SnsDestination"]["TopicARN"], told["Enabled"])
    rule_set = resolve(resources["ReceiptRuleSet"]["Properties"]["RuleSetName"], VALUES)
    assert resolve(resources["ReceiptRule"]["Properties"]["RuleSetName"], {"ReceiptRuleSet": rule_set}) == rule_set
    assert resolve(resources["SendingConfigurationSet"]["Properties"]["Name"], VALUES) == rule_set
    return SetupSeen(RuleSets(rule_set, (rule,)), ConfigurationSet(True, (destination,)))


def test_the_plan_of_a_fresh_deployment_is_empty(template: dict[str, Any], resources: dict[str, Any]) -> None:
    names = environment(template)
    assert names.receipt_rule_set == "postfach-prod"
    assert names.repair_ses == "true"
    assert plan(seen(resources), wanted_of(names)) == SetupPlan()


def test_what_the_template_made_and_somebody_removed_comes_back_under_its_name(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    whole = seen(resources)
    assert whole.receiving is not None
    assert whole.receiving.rules is not None
    (step,) = plan(SetupSeen(RuleSets("postfach-prod", ()), whole.sending), wanted_of(environment(template))).steps
    assert (step.kind, step.rule) == (StepKind.CREATE_RULE, whole.receiving.rules[0])
