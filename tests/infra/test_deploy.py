"""The decisions of the deployment; that it works is proved on the local cloud."""

from __future__ import annotations

from typing import Any

import pytest

from infra import deploy

DECLARED = {"Stage": {"Default": "prod"}, "InboundDomain": {}, "LogLevel": {"Default": "INFO"}}


def test_a_first_deployment_needs_what_has_no_default() -> None:
    with pytest.raises(deploy.DeployError, match="needs a value for InboundDomain"):
        deploy.parameters_for(DECLARED, set(), {})


def test_later_ones_keep_what_is_not_given() -> None:
    chosen = deploy.parameters_for(DECLARED, {"Stage", "InboundDomain", "Gone"}, {"LogLevel": "DEBUG"})
    assert chosen == [
        {"ParameterKey": "LogLevel", "ParameterValue": "DEBUG"},
        {"ParameterKey": "InboundDomain", "UsePreviousValue": True},
        {"ParameterKey": "Stage", "UsePreviousValue": True},
    ]


def test_a_misspelt_parameter_is_refused() -> None:
    with pytest.raises(deploy.DeployError, match="unknown parameter InboundDomian"):
        deploy.parameters_for(DECLARED, set(), {"InboundDomian": "x"})


def change(action: str, kind: str, replacement: str | None = None) -> dict[str, Any]:
    details = {"Action": action, "LogicalResourceId": "It", "ResourceType": kind}
    return {"ResourceChange": details | ({"Replacement": replacement} if replacement else {})}


@pytest.mark.parametrize(
    ("proposed", "lost"),
    [
        (change("Remove", "AWS::DynamoDB::Table"), ["It"]),
        (change("Modify", "AWS::DynamoDB::Table", "True"), ["It"]),
        (change("Modify", "AWS::S3::Bucket", "Conditional"), ["It"]),
        (change("Remove", "AWS::SecretsManager::Secret"), ["It"]),
        (change("Modify", "AWS::DynamoDB::Table", "False"), []),
        (change("Add", "AWS::DynamoDB::Table"), []),
        (change("Remove", "AWS::CloudWatch::Alarm"), []),
        (change("Modify", "AWS::Lambda::Function", "True"), []),
    ],
)
def test_data_is_not_removed_or_replaced(proposed: dict[str, Any], lost: list[str]) -> None:
    assert deploy.endangered([proposed]) == lost


def test_a_rule_is_resolved_as_cloudformation_would() -> None:
    rule = {"Recipients": [{"Fn::Sub": ".${Domain}"}], "Bucket": {"Ref": "MailBucket"}, "On": True}
    values = {"Domain": "in.example.com", "MailBucket": "bucket-1"}
    assert deploy.resolve(rule, values) == {"Recipients": [".in.example.com"], "Bucket": "bucket-1", "On": True}
