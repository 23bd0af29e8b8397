"""Deploy the built package as the CloudFormation stack `postfach-<stage>`, on AWS or on a local cloud.

    python -m infra.deploy --stage prod [--region eu-west-1] InboundDomain=in.example.com FreeInboundDomain=...
    python -m infra.deploy --stage local --endpoint-url http://127.0.0.1:4566 ...

The same steps for both: build, upload by content hash, change set from the uploaded template, execute, then what
CloudFormation cannot do. On AWS that is making our receipt rule set the active one; in the local cloud it is the
table's expiry and the receipt rules themselves. The script creates and updates, it never deletes a stack, and it
refuses a change set that would remove or replace the table, the mail bucket or the signing secret.

Parameters left out keep the value of the last deployment. Deploying the same thing twice changes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra import build

KEPT_TYPES = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")


class DeployError(Exception):
    """The deployment stopped; the message says why and what to do."""


class Cloud:
    """Where to deploy: clients for one region, of AWS or of a local endpoint."""

    def __init__(self, region: str | None = None, endpoint_url: str | None = None) -> None:
        self.endpoint_url = endpoint_url
        local = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if endpoint_url else {}
        self._session = boto3.Session(region_name=region, **local)
        if not self._session.region_name:
            raise DeployError("no region: pass --region or set AWS_DEFAULT_REGION")
        self.region: str = self._session.region_name

    @property
    def local(self) -> bool:
        """Whether this is an emulator."""
        return self.endpoint_url is not None

    def client(self, service: str) -> Any:
        """A boto3 client of `service`; path-style S3 where virtual hosts do not resolve."""
        config = Config(s3={"addressing_style": "path"}) if self.local else None
        return self._session.client(service, endpoint_url=self.endpoint_url, config=config)


def stack_name(stage: str) -> str:
    """The stack's name, which begins the names of its functions too."""
    return f"postfach-{stage}"


def upload(cloud: Cloud) -> str:
    """Put zip and template into the artifact bucket; returns the template's URL. Names are content hashes."""
    s3 = cloud.client("s3")
    account = cloud.client("sts").get_caller_identity()["Account"]
    bucket = f"postfach-artifacts-{account}-{cloud.region}"
    _ensure_artifact_bucket(s3, bucket, cloud.region)
    zip_key = _put_once(s3, bucket, build.ZIP.read_bytes(), ".zip")
    template = json.loads(build.TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{zip_key}"
    key = _put_once(s3, bucket, json.dumps(template, sort_keys=True).encode(), ".json")
    host = cloud.endpoint_url or f"https://s3.{cloud.region}.{_url_suffix(cloud.region)}"
    return f"{host}/{bucket}/{key}"


def _url_suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _ensure_artifact_bucket(s3: Any, bucket: str, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise DeployError(f"the artifact bucket {bucket} cannot be used: {error}") from error
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)
        s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        )


def _put_once(s3: Any, bucket: str, content: bytes, suffix: str) -> str:
    key = hashlib.sha256(content).hexdigest() + suffix
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    return key


def parameters_for(declared: dict[str, Any], known: set[str], given: dict[str, str]) -> list[dict[str, Any]]:
    """CloudFormation's parameter list: given values, else the stack's own (`known`), else the defaults."""
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise DeployError(f"unknown parameter {', '.join(unknown)}; there are {', '.join(sorted(declared))}")
    missing = sorted(name for name in declared if "Default" not in declared[name] and name not in known | set(given))
    if missing:
        raise DeployError(f"the first deployment needs a value for {', '.join(missing)} (NAME=VALUE)")
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(given.items())] + [
        {"ParameterKey": name, "UsePreviousValue": True} for name in sorted((known & set(declared)) - set(given))
    ]


def endangered(changes: list[dict[str, Any]]) -> list[str]:
    """Logical ids of kept resources that a change set would remove or replace."""
    return [
        change["LogicalResourceId"]
        for change in (item["ResourceChange"] for item in changes)
        if change["ResourceType"] in KEPT_TYPES
        and (change["Action"] == "Remove" or change.get("Replacement") in ("True", "Conditional"))
    ]


def _describe(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return found


def apply_template(cloud: Cloud, stack: str, template_url: str, given: dict[str, str]) -> bool:
    """Create or update the stack through a change set; returns whether there was anything to do."""
    cloudformation = cloud.client("cloudformation")
    current = _describe(cloudformation, stack)
    if current and current["StackStatus"] == "ROLLBACK_COMPLETE":
        raise DeployError(f"the first deployment of {stack} failed; delete that empty stack, then deploy again")
    fresh = current is None or current["StackStatus"] == "REVIEW_IN_PROGRESS"
    declared = json.loads(build.TEMPLATE.read_text())["Parameters"]
    known = {p["ParameterKey"] for p in current.get("Parameters", [])} if current and not fresh else set()
    change_set = f"deploy-{int(time.time() * 1000)}"
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=change_set,
        ChangeSetType="CREATE" if fresh else "UPDATE",
        TemplateURL=template_url,
        Parameters=parameters_for(declared, known, given),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    changes = _wait_for_change_set(cloudformation, stack, change_set)
    if changes is None:
        return False
    lost = endangered(changes)
    if lost:
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=change_set)
        raise DeployError(f"refused: this change would remove or replace {', '.join(lost)} and what is in it")
    cloudformation.execute_change_set(StackName=stack, ChangeSetName=change_set)
    _wait_for_stack(cloudformation, stack)
    return True


def _wait_for_change_set(cloudformation: Any, stack: str, name: str) -> list[dict[str, Any]] | None:
    """All changes of the set once it is ready, None when it holds none."""
    for pause in _pauses(300):
        answer = cloudformation.describe_change_set(StackName=stack, ChangeSetName=name)
        if answer["Status"] == "CREATE_COMPLETE":
            break
        if answer["Status"] == "FAILED":
            reason = answer.get("StatusReason", "")
            cloudformation.delete_change_set(StackName=stack, ChangeSetName=name)
            if any(text in reason for text in NOTHING_TO_DO):
                return None
            raise DeployError(f"CloudFormation refused the template: {reason}")
        time.sleep(pause)
    else:
        raise DeployError(f"the change set {name} was not ready after five minutes")
    changes: list[dict[str, Any]] = answer["Changes"]
    while "NextToken" in answer:
        answer = cloudformation.describe_change_set(StackName=stack, ChangeSetName=name, NextToken=answer["NextToken"])
        changes += answer["Changes"]
    return changes


def _wait_for_stack(cloudformation: Any, stack: str) -> None:
    for pause in _pauses(1800):
        found = _describe(cloudformation, stack)
        status = found["StackStatus"] if found else "GONE"
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        if not status.endswith("_IN_PROGRESS"):
            raise DeployError(
                f"{stack} ended as {status}: {'; '.join(_failures(cloudformation, stack)) or 'no reason given'}"
            )
        time.sleep(pause)
    raise DeployError(f"{stack} was still being changed after half an hour; look at it in the console")


def _failures(cloudformation: Any, stack: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events[:50]
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def _pauses(seconds: float) -> Any:
    """Growing pauses that add up to about `seconds`: quick for an emulator, gentle to AWS."""
    pause, waited = 0.05, 0.0
    while waited < seconds:
        yield pause
        waited += pause
        pause = min(5.0, pause * 1.5)


def outputs(cloud: Cloud, stack: str) -> dict[str, str]:
    """The stack's outputs by name."""
    found = _describe(cloud.client("cloudformation"), stack)
    if found is None:
        raise DeployError(f"there is no stack {stack} in {cloud.region}")
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def activate_rule_set(cloud: Cloud, stack: str, take_over: bool) -> None:
    """Make our receipt rule set the region's active one, of which there is one; CloudFormation cannot."""
    ses = cloud.client("ses")
    active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    if active in (stack, None) or take_over:
        if active != stack:
            ses.set_active_receipt_rule_set(RuleSetName=stack)
        return
    raise DeployError(
        f"everything is deployed, but no mail comes in: {active!r} is the active receipt rule set of {cloud.region}; "
        "deploy to a region of its own, or again with --take-over-receiving, which stops the other one"
    )


def finish_local(cloud: Cloud, stack: str) -> None:
    """Do through the API what the emulator's CloudFormation leaves out: expiry of rows, receipt rules."""
    physical = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in cloud.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    }
    dynamodb = cloud.client("dynamodb")
    template = json.loads(build.TEMPLATE.read_text())["Resources"]
    for name, resource in template.items():
        expiry = (
            resource["Properties"].get("TimeToLiveSpecification")
            if resource["Type"] == "AWS::DynamoDB::Table"
            else None
        )
        if expiry:
            status = dynamodb.describe_time_to_live(TableName=physical[name])["TimeToLiveDescription"][
                "TimeToLiveStatus"
            ]
            if status == "DISABLED":
                dynamodb.update_time_to_live(TableName=physical[name], TimeToLiveSpecification=expiry)
    found = _describe(cloud.client("cloudformation"), stack) or {}
    values = physical | {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", [])}
    rules = [r["Properties"]["Rule"] for r in template.values() if r["Type"] == "AWS::SES::ReceiptRule"]
    _replace_rules(cloud.client("ses"), stack, [resolve(rule, values) for rule in rules])


def resolve(node: Any, values: dict[str, str]) -> Any:
    """A template's node with `Ref` and `Fn::Sub` of plain names replaced by their values."""
    if isinstance(node, list):
        return [resolve(item, values) for item in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {"Ref"}:
        return values[node["Ref"]]
    if set(node) == {"Fn::Sub"}:
        text = node["Fn::Sub"]
        for name, value in values.items():
            text = text.replace(f"${{{name}}}", value)
        return text
    return {key: resolve(value, values) for key, value in node.items()}


def _replace_rules(ses: Any, rule_set: str, rules: list[dict[str, Any]]) -> None:
    names = [found["Name"] for found in ses.list_receipt_rule_sets()["RuleSets"]]
    if rule_set not in names:
        ses.create_receipt_rule_set(RuleSetName=rule_set)
    rules = [rule | {"Recipients": sorted(set(rule["Recipients"]))} for rule in rules]  # as it is answered
    there = ses.describe_receipt_rule_set(RuleSetName=rule_set).get("Rules", [])
    if there != rules:
        for rule in there:
            ses.delete_receipt_rule(RuleSetName=rule_set, RuleName=rule["Name"])
        for rule in reversed(rules):  # each new rule goes to the front
            ses.create_receipt_rule(RuleSetName=rule_set, Rule=rule)
    ses.set_active_receipt_rule_set(RuleSetName=rule_set)


def deploy(cloud: Cloud, stage: str, given: dict[str, str], *, take_over: bool = False) -> dict[str, str]:
    """Build, upload, apply and finish; returns the stack's outputs."""
    build.build("lambda" if not cloud.local or build.host_runs_lambda_wheels() else "host")
    stack = stack_name(stage)
    known_to_all = {"Stage": stage} | ({"EnableReceiving": "false"} if cloud.local else {})
    apply_template(cloud, stack, upload(cloud), known_to_all | given)
    result = outputs(cloud, stack)
    if cloud.local:
        finish_local(cloud, stack)
    else:
        template = cloud.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        if {"ParameterKey": "EnableReceiving", "ParameterValue": "true"} in template["Parameters"]:
            activate_rule_set(cloud, stack, take_over)
    return result


def main() -> int:
    """Deploy from the command line."""
    parser = argparse.ArgumentParser(description="Deploy Postfach to AWS (or to a local endpoint).")
    parser.add_argument("--stage", required=True, help="name of the installation, such as prod")
    parser.add_argument("--region", help="AWS region; must offer SES receiving")
    parser.add_argument("--endpoint-url", help="URL of a local cloud instead of AWS")
    parser.add_argument("--take-over-receiving", action="store_true", help="replace another active receipt rule set")
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="template parameters (docs/deploying.md)")
    arguments = parser.parse_args()
    try:
        wrong = [text for text in arguments.parameters if "=" not in text]
        if wrong:
            raise DeployError(f"{wrong[0]!r} is not NAME=VALUE")
        given = dict(text.split("=", 1) for text in arguments.parameters)
        cloud = Cloud(arguments.region, arguments.endpoint_url)
        result = deploy(cloud, arguments.stage, given, take_over=arguments.take_over_receiving)
    except (DeployError, build.BuildError) as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"deploy: AWS answered: {error}", file=sys.stderr)
        return 1
    for name, value in sorted(result.items()):
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
