"""What SES has against what the installation wants: a list of steps, each with its reason. Pure.

Ours are the rules named `receive`, `receive-2`, …, in the rule set that bears the stack's name, the configuration set
of that name with its destination `feedback`, and identities that carry our tag. Nothing else is ever replaced, moved or
deleted, and another active rule set is only reported: somebody's mail hangs on it. The template makes the very same
things (docs/decisions/135), so the plan of a fresh deployment is empty.

Limits: "Amazon SES quotas" (100 recipients a rule, 200 rules a set). A rule is first made and then asked for: each step
can be repeated, and the plan that is made after a crash goes on with what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.model.ses_setup import (
    ConfigurationSet,
    EventDestination,
    IdentityWanted,
    RuleSets,
    SetupPlan,
    SetupRule,
    SetupSeen,
    SetupStep,
    SetupWanted,
    StepKind,
    action_text,
)

RECIPIENTS = 100  # of one rule
RULE = "receive"
DESTINATION = "feedback"
EVENTS = ("BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE", "SEND")
_OURS = re.compile(rf"{RULE}(-\d+)?")


def is_ours(rule_name: str) -> bool:
    """Whether a rule of our rule set is one of those that Postfach makes."""
    return _OURS.fullmatch(rule_name) is not None


def wanted_rules(domains: Iterable[str], bucket: str, topic: str) -> tuple[SetupRule, ...]:
    """The rules that store mail for all below these domains under `raw/` and announce it to `topic`.

    A leading dot is every subdomain, not the domain itself: an account is a subdomain, so rules do not grow with them.
    """
    recipients = sorted({f".{each.lower()}" for each in domains})
    action = action_text({"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": "raw/", "TopicArn": topic}})
    chunks = [recipients[start : start + RECIPIENTS] for start in range(0, len(recipients), RECIPIENTS)]
    return tuple(
        SetupRule(RULE if number == 1 else f"{RULE}-{number}", tuple(chunk), (action,))
        for number, chunk in enumerate(chunks, 1)
    )


def wanted_destination(topic: str) -> EventDestination:
    """Where events of the mail that we send go."""
    return EventDestination(DESTINATION, EVENTS, topic)


def plan(seen: SetupSeen, wanted: SetupWanted) -> SetupPlan:
    """The steps that lead from what is there to what is wanted; none where nothing could be seen."""
    steps: list[SetupStep] = []
    left: list[str] = []
    if wanted.rule_set and seen.receiving is not None:
        steps += _receiving(seen.receiving, wanted)
        if seen.receiving.active not in (None, wanted.rule_set):
            left.append(
                f"The active receipt rule set is {seen.receiving.active}, so no mail comes in. Deploy with "
                "--take-over-receiving to activate ours, which stops the other one."
            )
    if wanted.configuration_set and seen.sending is not None:
        steps += _sending(seen.sending, wanted)
    return SetupPlan(tuple(steps), tuple(left))


def missing_identities(domains: Collection[SendingDomain], known: Collection[str]) -> list[SetupStep]:
    """Identities that SES should have for these claims and has not. `known`: every identity, by its lower-case name.

    A claim that was never verified and failed stays as it is: SES gave it up, and its owner begins anew.
    """
    return [
        SetupStep(
            StepKind.CREATE_IDENTITY,
            each.domain,
            "SES does not know the domain, which an account has claimed.",
            identity=IdentityWanted(each.domain, each.mail_from_domain, each.account_id),
        )
        for each in domains
        if (each.state is not DomainState.FAILED or each.verified_at is not None) and each.domain.lower() not in known
    ]


def _receiving(seen: RuleSets, wanted: SetupWanted) -> list[SetupStep]:
    steps: list[SetupStep] = []
    name = wanted.rule_set
    if seen.rules is None:
        steps.append(SetupStep(StepKind.CREATE_RULE_SET, name, "There is no such receipt rule set."))
    there = list(seen.rules or ())
    steps += _contents(there, wanted)
    steps += _order([each.name for each in there], wanted)
    keep = {each.name for each in wanted.rules}
    # Last, so that there is no moment in which nobody takes the mail.
    steps += [
        SetupStep(StepKind.DELETE_RULE, each.name, "It is ours, and no domain needs it any more.", within=name)
        for each in there
        if is_ours(each.name) and each.name not in keep
    ]
    if seen.active is None:
        steps.append(SetupStep(StepKind.ACTIVATE_RULE_SET, name, "No receipt rule set is active."))
    return steps


def _contents(there: Sequence[SetupRule], wanted: SetupWanted) -> list[SetupStep]:
    """Rules that are missing or differ; a new one follows the one of ours before it."""
    found = {each.name: each for each in there}
    steps: list[SetupStep] = []
    before: str | None = None
    for rule in wanted.rules:
        if rule.name not in found:
            because = "The rule is missing."
            steps.append(SetupStep(StepKind.CREATE_RULE, rule.name, because, wanted.rule_set, after=before, rule=rule))
        elif found[rule.name] != rule:
            because = f"It differs in {', '.join(_differences(found[rule.name], rule))}."
            steps.append(SetupStep(StepKind.REPLACE_RULE, rule.name, because, wanted.rule_set, after=before, rule=rule))
        before = rule.name
    return steps


def _differences(one: SetupRule, other: SetupRule) -> list[str]:
    return [name for name in SetupRule.__struct_fields__ if getattr(one, name) != getattr(other, name)]


def _order(names: list[str], wanted: SetupWanted) -> list[SetupStep]:
    """Ours come first: a rule before them could stop the mail. Others keep their own order."""
    ours = [rule.name for rule in wanted.rules]
    for before, name in zip([None, *ours], ours, strict=False):  # what SES has once the missing ones are made
        if name not in names:
            _put(names, name, before)
    steps: list[SetupStep] = []
    for before, name in zip([None, *ours], ours, strict=False):
        if names.index(name) != (names.index(before) + 1 if before else 0):
            names.remove(name)
            _put(names, name, before)
            because = "A rule that stands before it could stop the mail."
            steps.append(SetupStep(StepKind.MOVE_RULE, name, because, wanted.rule_set, after=before))
    return steps


def _put(names: list[str], name: str, after: str | None) -> None:
    names.insert(names.index(after) + 1 if after else 0, name)


def _sending(seen: ConfigurationSet, wanted: SetupWanted) -> list[SetupStep]:
    name = wanted.configuration_set
    steps: list[SetupStep] = []
    if not seen.exists:
        steps.append(SetupStep(StepKind.CREATE_CONFIGURATION_SET, name, "There is no such configuration set."))
    if wanted.destination is None:
        return steps
    found = {each.name: each for each in seen.destinations}.get(wanted.destination.name)
    if found is None:
        because = "Nobody would learn what became of our mail."
        kind = StepKind.CREATE_DESTINATION
    elif found != wanted.destination:
        because = "It differs from what is wanted."
        kind = StepKind.REPLACE_DESTINATION
    else:
        return steps
    return [*steps, SetupStep(kind, wanted.destination.name, because, within=name, destination=wanted.destination)]
