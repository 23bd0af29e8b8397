"""What the packaged template must promise, whatever else is changed in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import convert

from chalicelib.api.answers import Problem
from chalicelib.api.titles import title
from chalicelib.config import Config
from chalicelib.storage import stream, tables

# On AWS `sqs:SendMessage` covers SendMessageBatch; the local cloud asks for an action of that name. The star is both.
BATCHES = {"sqs:SendMessage*", "sqs:DeleteMessage*"}
DATA = ("MainTable", "MailBucket", "SigningSecret")


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def statements(resources: dict[str, Any], role: str) -> Iterator[tuple[list[str], list[Any], dict[str, Any]]]:
    for policy in resources[role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions, what = statement["Action"], statement["Resource"]
            as_list = [actions] if isinstance(actions, str) else actions
            yield as_list, what if isinstance(what, list) else [what], statement


def actions_of(resources: dict[str, Any], role: str) -> set[str]:
    return {action for actions, _, _ in statements(resources, role) for action in actions}


def name_of(function: dict[str, Any]) -> str:
    """The function's own name: that in app.py, or `api`."""
    handler = function["Properties"]["Handler"].removeprefix("app.")
    return "api" if handler == "app" else handler


def role_of(function: dict[str, Any]) -> str:
    role: str = function["Properties"]["Role"]["Fn::GetAtt"][0]
    return role


def functions(resources: dict[str, Any]) -> dict[str, Any]:
    found = of_type(resources, "AWS::Serverless::Function")
    assert {"api", "receive_mail", "reconcile", "create_account"} <= {name_of(each) for each in found.values()}
    return found


def test_a_function_has_a_name_a_role_and_logs_of_its_own(resources: dict[str, Any]) -> None:
    groups = {
        group["Properties"]["LogGroupName"]["Fn::Sub"]: group["Properties"]["RetentionInDays"]
        for group in of_type(resources, "AWS::Logs::LogGroup").values()
    }
    found = functions(resources)
    for logical_id, function in found.items():
        assert function["Properties"]["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name_of(function)}"}
        assert groups[f"/aws/lambda/${{{logical_id}}}"] == {"Ref": "LogRetentionDays"}
    assert len({role_of(function) for function in found.values()}) == len(found)


# What IAM knows no resource for ("Actions, resources, and condition keys" of SES and CloudWatch): reads, and receipt
# rules, which reconcile alone may change.
RECEIPT_RULES = {
    "ses:CreateReceiptRule",
    "ses:CreateReceiptRuleSet",
    "ses:DeleteReceiptRule",
    "ses:DescribeReceiptRuleSet",
    "ses:SetActiveReceiptRuleSet",
    "ses:SetReceiptRulePosition",
    "ses:UpdateReceiptRule",
}
WITHOUT_RESOURCE = {
    "ses:DescribeActiveReceiptRuleSet",
    "ses:GetAccount",
    "ses:ListEmailIdentities",
    "ses:ListSuppressedDestinations",
    "cloudwatch:GetMetricStatistics",
}


def test_a_role_may_do_named_things_to_named_resources(resources: dict[str, Any]) -> None:
    for function in functions(resources).values():
        seen = 0
        for actions, targets, statement in statements(resources, role_of(function)):
            seen += 1
            assert statement["Effect"] == "Allow"
            assert not [action for action in actions if "*" in action and action not in BATCHES]
            if targets == ["*"] and set(actions) <= WITHOUT_RESOURCE:
                continue
            if targets == ["*"] and set(actions) <= RECEIPT_RULES and name_of(function) == "reconcile":
                continue
            for target in targets:
                assert isinstance(target, dict), f"{target} is not one of this stack's resources"
                assert_is_ours(target, name_of(function), resources)
        assert seen >= 2


def assert_is_ours(target: dict[str, Any], name: str, resources: dict[str, Any]) -> None:
    """A resource of this stack, by reference or by an ARN that ends in it; of log groups only one's own."""
    ((how, what),) = target.items()
    if how == "Fn::Sub" and ":logs:" in what:
        assert what.endswith(f":log-group:/aws/lambda/${{AWS::StackName}}-{name}:*")
        return
    named = (
        {what[0]}
        if how == "Fn::GetAtt"
        else set(re.findall(r"\$\{(\w+)[.}]", f"${{{what}}}" if how == "Ref" else what))
    )
    assert named & set(resources) or "${AWS::AccountId}" in what, f"{target} names nothing of this stack"
    assert what != "*"


def test_no_function_scans_and_only_the_api_and_the_sweep_erase(resources: dict[str, Any]) -> None:
    """Mail comes in, is answered and reported on by functions that can lose none of it."""
    for function in functions(resources).values():
        may = actions_of(resources, role_of(function))
        assert "dynamodb:Scan" not in may
        erases = may & {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "s3:DeleteObject"}
        assert not erases or name_of(function) in ("api", "reconcile")


def test_nobody_but_ses_writes_raw_mail(resources: dict[str, Any]) -> None:
    for function in functions(resources).values():
        for actions, targets, _ in statements(resources, role_of(function)):
            if "s3:PutObject" in actions:
                assert not [target for target in targets if "/raw/" in str(target) or str(target).endswith("Arn}/*")]
    policy = resources["MailBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert [(s["Principal"], s["Action"]) for s in allowed] == [({"Service": "ses.amazonaws.com"}, "s3:PutObject")]
    assert_only_from_our_rules(allowed[0])


def assert_only_from_our_rules(statement: dict[str, Any]) -> None:
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "receipt-rule-set/${AWS::StackName}:" in statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]


def test_only_ses_publishes_and_only_topics_send(resources: dict[str, Any]) -> None:
    (publish,) = resources["InboundTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (publish["Principal"], publish["Action"]) == ({"Service": "ses.amazonaws.com"}, "sns:Publish")
    assert_only_from_our_rules(publish)
    policies = of_type(resources, "AWS::SQS::QueuePolicy").values()
    sends = [statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert sends
    for send in sends:
        assert (send["Principal"], send["Action"]) == ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage")
        topic = send["Condition"]["ArnEquals"]["aws:SourceArn"]["Ref"]
        assert resources[topic]["Type"] == "AWS::SNS::Topic"


def queue_sources(resources: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Function, its event source, and the queue it takes from."""
    for function in functions(resources).values():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                (queue,) = re.findall(r"\$\{(\w+)\.QueueName\}", event["Properties"]["Queue"]["Fn::Sub"])
                yield function["Properties"], event["Properties"], resources[queue]["Properties"]


def test_one_bad_message_fails_alone(resources: dict[str, Any]) -> None:
    found = list(queue_sources(resources))
    assert found
    for _, source, _ in found:
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_message_is_tried_again_then_kept_for_two_weeks(resources: dict[str, Any]) -> None:
    for function, _, queue in queue_sources(resources):
        dead = resources[queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]]["Properties"]
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
        for each in (queue, dead):
            assert each["MessageRetentionPeriod"] == 14 * 24 * 3600
            assert each["SqsManagedSseEnabled"] is True
    subscription = resources["InboundSubscription"]["Properties"]
    assert subscription["RawMessageDelivery"] is True
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": ["InboundDeadLetterQueue", "Arn"]}}


def test_a_bad_change_does_not_hold_up_the_others(resources: dict[str, Any]) -> None:
    (source,) = resources["PublishChanges"]["Properties"]["Events"].values()
    told = source["Properties"]
    assert (source["Type"], told["Stream"]) == ("DynamoDB", {"Fn::GetAtt": ["MainTable", "StreamArn"]})
    assert told["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert told["StartingPosition"] == "TRIM_HORIZON"
    assert told["BisectBatchOnFunctionError"] is True
    assert 5 <= told["MaximumRetryAttempts"] <= 20
    assert 3600 <= told["MaximumRecordAgeInSeconds"] < 24 * 3600  # the stream keeps a day
    kept = told["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    assert resources[kept]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_function_gets_the_changes_that_it_can_read_and_no_others(resources: dict[str, Any]) -> None:
    (source,) = resources["PublishChanges"]["Properties"]["Events"].values()
    (wanted,) = source["Properties"]["FilterCriteria"]["Filters"]
    assert json.loads(wanted["Pattern"]) == {"dynamodb": {"NewImage": {"kind": {"S": list(stream.KINDS)}}}}


def test_functions_are_as_big_and_patient_as_agreed(resources: dict[str, Any]) -> None:
    assert resources["ReceiveMail"]["Properties"]["MemorySize"] == 512
    assert resources["ReceiveMail"]["Properties"]["Timeout"] == 60
    for function in ("SendMail", "TakeFeedback"):
        assert (resources[function]["Properties"]["MemorySize"], resources[function]["Properties"]["Timeout"]) == (
            512,
            60,
        )
    assert resources["Reconcile"]["Properties"]["Timeout"] == 300
    assert resources["APIHandler"]["Properties"]["Timeout"] <= 29  # API Gateway waits no longer


def test_trouble_raises_alarms(resources: dict[str, Any]) -> None:
    alarms = [alarm["Properties"] for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()]
    watched = {(alarm["MetricName"], str(alarm["Dimensions"][0]["Value"])) for alarm in alarms}
    expected = {(metric, str({"Ref": each})) for metric in ("Errors", "Throttles") for each in functions(resources)}
    for name, queue in of_type(resources, "AWS::SQS::Queue").items():
        if "RedrivePolicy" not in queue["Properties"]:
            expected.add(("ApproximateNumberOfMessagesVisible", str({"Fn::GetAtt": [name, "QueueName"]})))
    expected.add(("ApproximateAgeOfOldestMessage", str({"Fn::GetAtt": ["InboundQueue", "QueueName"]})))
    ours = ("ChannelsCutOff", "ChannelsDisconnected", "ChannelsNotObserved", "ChannelsObserved", "ProbesLost")
    expected |= {(metric, "reconcile") for metric in (*ours, "RawMailGivenUp")}
    assert expected <= watched
    for alarm in alarms:
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]


def test_receiving_takes_all_accounts_subdomains(resources: dict[str, Any]) -> None:
    assert resources["ReceiptRuleSet"]["Condition"] == resources["ReceiptRule"]["Condition"] == "Receiving"
    rule = resources["ReceiptRule"]["Properties"]["Rule"]
    assert rule["Recipients"] == [{"Fn::Sub": ".${InboundDomain}"}, {"Fn::Sub": ".${FreeInboundDomain}"}]
    assert (rule["Enabled"], rule["ScanEnabled"], rule["TlsPolicy"]) == (True, True, "Optional")
    (action,) = rule["Actions"]
    assert action["S3Action"]["ObjectKeyPrefix"] == "raw/"
    assert action["S3Action"]["TopicArn"] == {"Ref": "InboundTopic"}


def test_every_function_is_told_what_config_reads(template: dict[str, Any]) -> None:
    told = set(template["Globals"]["Function"]["Environment"]["Variables"])
    assert told == {name.upper() for name in Config.__struct_fields__}


def test_data_outlives_the_stack(resources: dict[str, Any]) -> None:
    for name in DATA:
        assert resources[name]["DeletionPolicy"] == resources[name]["UpdateReplacePolicy"] == "Retain"
    table = resources["MainTable"]["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_table_is_the_one_that_the_code_knows(resources: dict[str, Any]) -> None:
    def keys(schema: list[dict[str, str]]) -> tuple[str, ...]:
        return tuple(key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"]))

    table = resources["MainTable"]["Properties"]
    deployed = {index["IndexName"]: keys(index["KeySchema"]) for index in table["GlobalSecondaryIndexes"]}
    models = [model for model in vars(tables).values() if isinstance(model, type) and hasattr(model, "_indexes")]
    known = {
        index.Meta.index_name: tuple(
            key.attr_name for key in sorted(index.Meta.attributes.values(), key=lambda key: not key.is_hash_key)
        )
        for model in models
        for index in model._indexes.values()
    }
    assert known == deployed
    assert keys(table["KeySchema"]) == ("pk", "sk")
    for index in table["GlobalSecondaryIndexes"]:
        assert index["Projection"] == {"ProjectionType": "ALL"}


def test_the_bucket_is_closed(resources: dict[str, Any]) -> None:
    bucket = resources["MailBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket
    assert "VersioningConfiguration" not in bucket
    (deny,) = [
        s for s in resources["MailBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"
    ]
    assert deny["Condition"]["Bool"] == {"aws:SecureTransport": "false"}
    assert (deny["Principal"], deny["Action"]) == ("*", "s3:*")


def test_only_the_cache_expires_unless_an_operator_says_so(template: dict[str, Any], resources: dict[str, Any]) -> None:
    rules = resources["MailBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    always = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert always == {"attachments/": 1, "uploads/": 7}
    (chosen,) = [rule["Fn::If"] for rule in rules if "Fn::If" in rule]
    assert chosen[0] == "RawExpires"
    assert chosen[1]["Prefix"] == "raw/"
    assert template["Parameters"]["RawRetentionDays"]["Default"] == 0


def test_only_the_domains_must_be_given(template: dict[str, Any]) -> None:
    required = {name for name, parameter in template["Parameters"].items() if "Default" not in parameter}
    assert required == {"InboundDomain", "FreeInboundDomain"}
    assert all("Description" in parameter for parameter in template["Parameters"].values())


def test_the_gateways_own_refusal_is_a_problem_document_with_retry_after(resources: dict[str, Any]) -> None:
    throttled = resources["RestAPI"]["Properties"]["GatewayResponses"]["THROTTLED"]
    headers = throttled["ResponseParameters"]["Headers"]
    assert throttled["StatusCode"] == 429
    assert (headers["Retry-After"], headers["Content-Type"]) == ("'1'", "'application/problem+json'")
    told = json.loads(throttled["ResponseTemplates"]["application/json"])
    assert convert(told, Problem).title == title(told["code"], "en")
