"""SES's control calls, as a test wants them: rule sets, configuration sets and identities that remember what they were
given, refuse what SES refuses ("Amazon SES quotas", v1 and v2 API references), and throttle by a clock of their own.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.storage.observing import Pace


class Clock:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.seconds += seconds

    def passed(self) -> float:
        """As `time.monotonic`."""
        return self.seconds


class SesControl:
    """One account's SES in one region. `calls` names every call that was taken."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.active: str | None = None
        self.rule_sets: dict[str, list[dict[str, Any]]] = {}
        self.configuration_sets: dict[str, dict[str, dict[str, Any]]] = {}
        self.identities: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.throttled = 0
        self.broken: set[str] = set()
        self._last = -1.0

    def pace(self) -> Pace:
        """A call a second, by the same clock."""
        return Pace(1.0, self.clock.sleep, self.clock.passed)

    def state(self) -> object:
        """All of it, to be compared."""
        return copy.deepcopy((self.active, self.rule_sets, self.configuration_sets, self.identities))

    def take(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """The answer, or None: not a control call."""
        answer = getattr(self, "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower(), None)
        if answer is None:
            return None
        if self.clock.seconds - self._last < 1.0:
            self.throttled += 1
            raise refusal("TooManyRequestsException", operation)
        self._last = self.clock.seconds
        self.calls.append(operation)
        if operation in self.broken:
            raise refusal("ServiceUnavailable", operation)
        told: dict[str, Any] = answer(asked)
        return told

    # --- Receipt rules

    def _describe_active_receipt_rule_set(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.active is None:
            return {}
        return {"Metadata": {"Name": self.active}, "Rules": copy.deepcopy(self.rule_sets[self.active])}

    def _describe_receipt_rule_set(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"Rules": copy.deepcopy(self._rules(asked))}

    def _create_receipt_rule_set(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["RuleSetName"] in self.rule_sets:
            raise refusal("AlreadyExists", "CreateReceiptRuleSet")
        self.rule_sets[asked["RuleSetName"]] = []
        return {}

    def _set_active_receipt_rule_set(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._rules(asked)
        self.active = asked["RuleSetName"]
        return {}

    def _create_receipt_rule(self, asked: dict[str, Any]) -> dict[str, Any]:
        rules, rule = self._rules(asked), asked["Rule"]
        if any(each["Name"] == rule["Name"] for each in rules):
            raise refusal("AlreadyExists", "CreateReceiptRule")
        if len(rules) >= 200 or len(rule["Recipients"]) > 100:
            raise refusal("LimitExceeded", "CreateReceiptRule")
        rules.insert(self._place(rules, asked), copy.deepcopy(rule))
        return {}

    def _update_receipt_rule(self, asked: dict[str, Any]) -> dict[str, Any]:
        rules, rule = self._rules(asked), asked["Rule"]
        if len(rule["Recipients"]) > 100:
            raise refusal("LimitExceeded", "UpdateReceiptRule")
        rules[self._index(rules, rule["Name"])] = copy.deepcopy(rule)
        return {}

    def _set_receipt_rule_position(self, asked: dict[str, Any]) -> dict[str, Any]:
        rules = self._rules(asked)
        rule = rules.pop(self._index(rules, asked["RuleName"]))
        rules.insert(self._place(rules, asked), rule)
        return {}

    def _delete_receipt_rule(self, asked: dict[str, Any]) -> dict[str, Any]:
        rules = self._rules(asked)
        rules[:] = [each for each in rules if each["Name"] != asked["RuleName"]]
        return {}

    def _rules(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if asked["RuleSetName"] not in self.rule_sets:
            raise refusal("RuleSetDoesNotExist", "a call about a rule set")
        return self.rule_sets[asked["RuleSetName"]]

    def _place(self, rules: list[dict[str, Any]], asked: dict[str, Any]) -> int:
        return self._index(rules, asked["After"]) + 1 if asked.get("After") else 0

    @staticmethod
    def _index(rules: list[dict[str, Any]], name: str) -> int:
        for number, each in enumerate(rules):
            if each["Name"] == name:
                return number
        raise refusal("RuleDoesNotExist", "a call about a rule")

    # --- Configuration sets

    def _create_configuration_set(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["ConfigurationSetName"] in self.configuration_sets:
            raise refusal("AlreadyExistsException", "CreateConfigurationSet")
        self.configuration_sets[asked["ConfigurationSetName"]] = {}
        return {}

    def _get_configuration_set_event_destinations(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self._destinations(asked)
        return {"EventDestinations": [{"Name": name, **copy.deepcopy(each)} for name, each in found.items()]}

    def _create_configuration_set_event_destination(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["EventDestinationName"] in self._destinations(asked):
            raise refusal("AlreadyExistsException", "CreateConfigurationSetEventDestination")
        self._destinations(asked)[asked["EventDestinationName"]] = copy.deepcopy(asked["EventDestination"])
        return {}

    def _update_configuration_set_event_destination(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["EventDestinationName"] not in self._destinations(asked):
            raise refusal("NotFoundException", "UpdateConfigurationSetEventDestination")
        self._destinations(asked)[asked["EventDestinationName"]] = copy.deepcopy(asked["EventDestination"])
        return {}

    def _destinations(self, asked: dict[str, Any]) -> dict[str, dict[str, Any]]:
        if asked["ConfigurationSetName"] not in self.configuration_sets:
            raise refusal("NotFoundException", "a call about a configuration set")
        return self.configuration_sets[asked["ConfigurationSetName"]]

    # --- Account and identities

    def _get_account(self, asked: dict[str, Any]) -> dict[str, Any]:
        quota = {"Max24HourSend": 50000.0, "SentLast24Hours": 12.0}
        return {"SendingEnabled": True, "ProductionAccessEnabled": True, "SendQuota": quota}

    def _list_suppressed_destinations(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"SuppressedDestinationSummaries": []}

    def _list_email_identities(self, asked: dict[str, Any]) -> dict[str, Any]:
        start, names = int(asked.get("NextToken", 0)), list(self.identities)
        page = names[start : start + asked["PageSize"]]
        more = {"NextToken": str(start + len(page))} if start + len(page) < len(names) else {}
        return {"EmailIdentities": [{"IdentityName": each, "VerificationStatus": "SUCCESS"} for each in page], **more}

    def _get_email_identity(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["EmailIdentity"] not in self.identities:
            raise refusal("NotFoundException", "GetEmailIdentity")
        return copy.deepcopy(self.identities[asked["EmailIdentity"]])

    def _create_email_identity(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["EmailIdentity"] in self.identities:
            raise refusal("AlreadyExistsException", "CreateEmailIdentity")
        self.identities[asked["EmailIdentity"]] = {
            "Tags": asked.get("Tags", []),
            "DkimAttributes": {"Status": "SUCCESS", "Tokens": ["one", "two", "three"]},
        }
        return {}

    def _put_email_identity_mail_from_attributes(self, asked: dict[str, Any]) -> dict[str, Any]:
        told = {"MailFromDomain": asked["MailFromDomain"], "MailFromDomainStatus": "SUCCESS"}
        self.identities[asked["EmailIdentity"]]["MailFromAttributes"] = told
        return {}


def refusal(code: str, operation: str) -> ClientError:
    """What botocore raises."""
    return ClientError({"Error": {"Code": code, "Message": "refused"}}, operation)


@contextmanager
def ses_control(control: SesControl | None = None) -> Iterator[SesControl]:
    """Answer SES's control calls meanwhile; everything else goes where it went before."""
    made, real = control or SesControl(), BaseClient._make_api_call

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        told = None
        if client.meta.service_model.service_name in ("ses", "sesv2"):
            told = made.take(operation, arguments)
        return real(client, operation, arguments) if told is None else told

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield made
