"""What SES is set up with for an installation: receipt rules, configuration set, where its events go, identities.

The same types say what is there and what is wanted, so that a plan is their difference (`reconcile/plan.py`).
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from msgspec import Struct


class SetupRule(Struct, frozen=True):
    """One receipt rule. `recipients` sorted and lower-case; `actions` each as JSON text with sorted keys, in order."""

    name: str
    recipients: tuple[str, ...]
    actions: tuple[str, ...]
    enabled: bool = True
    scans: bool = True
    tls: str = "Optional"


class RuleSets(Struct, frozen=True):
    """Which rule set is active (None: none is), and the rules of ours in SES's order (None: there is no such set)."""

    active: str | None
    rules: tuple[SetupRule, ...] | None


class EventDestination(Struct, frozen=True):
    """Where a configuration set's events go. `events`: SES's names of them, sorted."""

    name: str
    events: tuple[str, ...]
    topic: str | None
    enabled: bool = True


class ConfigurationSet(Struct, frozen=True):
    """Whether the configuration set is there, and its event destinations."""

    exists: bool
    destinations: tuple[EventDestination, ...] = ()


class SetupSeen(Struct, frozen=True):
    """What SES has. None anywhere: it could not be seen, and nothing is planned there."""

    receiving: RuleSets | None
    sending: ConfigurationSet | None


class SetupWanted(Struct, frozen=True):
    """What SES should have. An empty name: nothing is wanted there."""

    rule_set: str
    rules: tuple[SetupRule, ...]
    configuration_set: str
    destination: EventDestination | None


class IdentityWanted(Struct, frozen=True):
    """A domain that an account sends from."""

    domain: str
    mail_from_domain: str
    account_id: str


class StepKind(StrEnum):
    """What is done to SES. What somebody else made is never replaced, moved or deleted."""

    CREATE_RULE_SET = "create_rule_set"
    CREATE_RULE = "create_rule"
    REPLACE_RULE = "replace_rule"
    MOVE_RULE = "move_rule"
    DELETE_RULE = "delete_rule"
    ACTIVATE_RULE_SET = "activate_rule_set"
    CREATE_CONFIGURATION_SET = "create_configuration_set"
    CREATE_DESTINATION = "create_destination"
    REPLACE_DESTINATION = "replace_destination"
    CREATE_IDENTITY = "create_identity"


class SetupStep(Struct, frozen=True, omit_defaults=True):
    """One call, and why. `after`: the rule that a rule is to follow, None for the first place."""

    kind: StepKind
    name: str
    because: str
    within: str = ""  # the rule set or configuration set
    after: str | None = None
    rule: SetupRule | None = None
    destination: EventDestination | None = None
    identity: IdentityWanted | None = None


class SetupPlan(Struct, frozen=True):
    """The steps in their order, and what only an operator may decide."""

    steps: tuple[SetupStep, ...] = ()
    left_to_operator: tuple[str, ...] = ()


def action_text(action: Any) -> str:
    """A receipt rule's action as text that can be compared."""
    return json.dumps(action, sort_keys=True, separators=(",", ":"))
