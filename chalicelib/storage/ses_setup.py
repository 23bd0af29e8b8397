"""Reading and changing what SES is set up with: the only file that changes receipt rules and configuration sets.

Receipt rules are of SES's first API, configuration sets of its second ("Amazon SES API Reference", v1 and v2). Both
take one control call a second, which the `Pace` keeps. What exists already when it is to be made is no failure: the
step before a crash may have made it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.errors import PermanentFault
from chalicelib.model.ses_setup import (
    ConfigurationSet,
    EventDestination,
    RuleSets,
    SetupRule,
    SetupStep,
    StepKind,
    action_text,
)
from chalicelib.storage import ses_identities
from chalicelib.storage.aws import client
from chalicelib.storage.faults import fault_codes, translated
from chalicelib.storage.observing import Pace

EXISTS = frozenset({"AlreadyExists", "AlreadyExistsException"})
ABSENT = frozenset({"RuleSetDoesNotExist", "RuleSetDoesNotExistException", "NotFoundException"})
UNKNOWN_ACTION = frozenset({"InvalidAction", "UnknownOperationException"})  # the local cloud has not all of them


def read_receiving(rule_set: str, pace: Pace) -> RuleSets:
    """The active rule set's name, and the rules of `rule_set`."""
    pace.wait()
    with translated("look at the active receipt rules"):
        active = (client("ses").describe_active_receipt_rule_set().get("Metadata") or {}).get("Name")
    pace.wait()
    with translated("look at our receipt rules"):
        try:
            found = client("ses").describe_receipt_rule_set(RuleSetName=rule_set).get("Rules", ())
        except ClientError as error:
            if fault_codes(error) & ABSENT:
                return RuleSets(active, None)
            raise
    return RuleSets(active, tuple(_rule(each) for each in found))


def read_sending(configuration_set: str, pace: Pace) -> ConfigurationSet:
    """The configuration set's event destinations, or that there is none."""
    pace.wait()
    with translated("look at the configuration set"):
        try:
            found = client("sesv2").get_configuration_set_event_destinations(ConfigurationSetName=configuration_set)
        except ClientError as error:
            if fault_codes(error) & ABSENT:
                return ConfigurationSet(exists=False)
            raise
    return ConfigurationSet(True, tuple(_destination(each) for each in found.get("EventDestinations", ())))


def carry_out(step: SetupStep, pace: Pace) -> None:
    """Do one step; done twice it ends the same. Raises the family of `faults.py`."""
    pace.wait()
    with translated(f"{step.kind.value} {step.name}"):
        try:
            _DO[step.kind](step, pace)
        except ClientError as error:
            if not fault_codes(error) & EXISTS:
                raise


def _create_rule_set(step: SetupStep, pace: Pace) -> None:
    client("ses").create_receipt_rule_set(RuleSetName=step.name)


def _create_rule(step: SetupStep, pace: Pace) -> None:
    client("ses").create_receipt_rule(RuleSetName=step.within, Rule=_written(step.rule), **_after(step))


def _replace_rule(step: SetupStep, pace: Pace) -> None:
    try:
        client("ses").update_receipt_rule(RuleSetName=step.within, Rule=_written(step.rule))
    except ClientError as error:
        if not fault_codes(error) & UNKNOWN_ACTION:
            raise
        pace.wait()
        client("ses").delete_receipt_rule(RuleSetName=step.within, RuleName=step.name)
        pace.wait()
        _create_rule(step, pace)


def _move_rule(step: SetupStep, pace: Pace) -> None:
    client("ses").set_receipt_rule_position(RuleSetName=step.within, RuleName=step.name, **_after(step))


def _delete_rule(step: SetupStep, pace: Pace) -> None:
    client("ses").delete_receipt_rule(RuleSetName=step.within, RuleName=step.name)


def _activate(step: SetupStep, pace: Pace) -> None:
    client("ses").set_active_receipt_rule_set(RuleSetName=step.name)


def _create_configuration_set(step: SetupStep, pace: Pace) -> None:
    # As the template has it: who bounced or complained is left alone, whatever the account's own setting is.
    client("sesv2").create_configuration_set(
        ConfigurationSetName=step.name, SuppressionOptions={"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    )


def _create_destination(step: SetupStep, pace: Pace) -> None:
    client("sesv2").create_configuration_set_event_destination(**_of_destination(step))


def _replace_destination(step: SetupStep, pace: Pace) -> None:
    client("sesv2").update_configuration_set_event_destination(**_of_destination(step))


def _create_identity(step: SetupStep, pace: Pace) -> None:
    if step.identity is None:
        raise PermanentFault("an identity without a domain")
    wanted = step.identity
    ses_identities.create_identity(wanted.domain, wanted.mail_from_domain, wanted.account_id, pace.wait)


_DO: dict[StepKind, Callable[[SetupStep, Pace], None]] = {
    StepKind.CREATE_RULE_SET: _create_rule_set,
    StepKind.CREATE_RULE: _create_rule,
    StepKind.REPLACE_RULE: _replace_rule,
    StepKind.MOVE_RULE: _move_rule,
    StepKind.DELETE_RULE: _delete_rule,
    StepKind.ACTIVATE_RULE_SET: _activate,
    StepKind.CREATE_CONFIGURATION_SET: _create_configuration_set,
    StepKind.CREATE_DESTINATION: _create_destination,
    StepKind.REPLACE_DESTINATION: _replace_destination,
    StepKind.CREATE_IDENTITY: _create_identity,
}


def _after(step: SetupStep) -> dict[str, str]:
    return {"After": step.after} if step.after else {}


def _written(rule: SetupRule | None) -> dict[str, Any]:
    if rule is None:
        raise PermanentFault("a step without its rule")
    return {
        "Name": rule.name,
        "Enabled": rule.enabled,
        "ScanEnabled": rule.scans,
        "TlsPolicy": rule.tls,
        "Recipients": list(rule.recipients),
        "Actions": [json.loads(each) for each in rule.actions],
    }


def _rule(found: dict[str, Any]) -> SetupRule:
    return SetupRule(
        name=found["Name"],
        recipients=tuple(sorted(each.lower() for each in found.get("Recipients", ()))),
        actions=tuple(action_text(each) for each in found.get("Actions", ())),
        enabled=bool(found.get("Enabled")),
        scans=bool(found.get("ScanEnabled")),
        tls=found.get("TlsPolicy") or "Optional",
    )


def _of_destination(step: SetupStep) -> dict[str, Any]:
    wanted = step.destination
    if wanted is None:
        raise PermanentFault("a step without its destination")
    return {
        "ConfigurationSetName": step.within,
        "EventDestinationName": wanted.name,
        "EventDestination": {
            "Enabled": wanted.enabled,
            "MatchingEventTypes": list(wanted.events),
            "SnsDestination": {"TopicArn": wanted.topic},
        },
    }


def _destination(found: dict[str, Any]) -> EventDestination:
    return EventDestination(
        name=found["Name"],
        events=tuple(sorted(_event(each) for each in found.get("MatchingEventTypes", ()))),
        topic=(found.get("SnsDestination") or {}).get("TopicArn"),
        enabled=bool(found.get("Enabled")),
    )


def _event(name: str) -> str:
    """CloudFormation writes `deliveryDelay` where the API has `DELIVERY_DELAY`; an emulator may keep either."""
    if name.isupper():
        return name
    return "".join(f"_{each}" if each.isupper() else each.upper() for each in name)
