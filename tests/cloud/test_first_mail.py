"""A mail goes in by SMTP and comes out over HTTP, through the packaged template with every role enforced."""

from __future__ import annotations

import json
import smtplib

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud


def test_a_mail_becomes_a_conversation_with_its_message(local: LocalCloud) -> None:
    local.send(mail("first", body="Where is order 4711?"))
    conversation = local.conversation("first")
    assert conversation["contact"]["email"] == "kim@customer.example"
    (message,) = local.get(f"/conversations/{conversation['id']}/messages")["items"]
    assert message["text"].strip() == "Where is order 4711?"
    assert message["authentication"] == {"spf": "pass", "dkim": "pass", "dmarc": "pass"}


def test_an_answer_joins_its_conversation(local: LocalCloud) -> None:
    local.send(mail("question"))
    conversation = local.conversation("question")
    local.send(mail("more", "In-Reply-To: <question@customer.example>", "References: <question@customer.example>"))
    eventually(lambda: local.get(f"/conversations/{conversation['id']}")["message_count"] == 2)


def test_the_mail_says_what_ses_would_have_found(local: LocalCloud) -> None:
    local.send(mail("unproved", "Authentication-Results: mx.example; spf=fail; dkim=none; dmarc=fail (p=none)"))
    conversation = local.conversation("unproved")
    (message,) = local.get(f"/conversations/{conversation['id']}/messages")["items"]
    assert message["authentication"]["spf"] == "fail"
    assert message["authentication"]["dmarc"] == "fail"
    assert "pass" not in message["authentication"].values()


def test_spam_does_not_become_a_conversation_but_a_delivery(local: LocalCloud) -> None:
    local.send(mail("spam", "X-SES-Spam-Verdict: FAIL"))
    eventually(lambda: "spam" in json.dumps(local.get("/deliveries")))
    assert "spam" not in [each["subject"] for each in local.conversations()]


@pytest.mark.parametrize("address", ["help@customer.example", "help@in.postfach.test", "help@evilin.postfach.test"])
def test_strangers_domains_are_refused(local: LocalCloud, address: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        local.send(mail("stranger"), address)
    assert refused.value.recipients[address][0] == 550


def test_a_mail_without_a_sender_is_taken(local: LocalCloud) -> None:
    local.send(mail("null sender"), sender="")
    outputs, s3 = local.outputs(), local.aws("s3")

    def stored() -> list[bytes]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs["MailBucketName"], Prefix="raw/")
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        raws = [s3.get_object(Bucket=outputs["MailBucketName"], Key=key)["Body"].read() for key in keys]
        return [raw for raw in raws if b"Subject: null sender" in raw]

    (raw,) = stored()
    assert raw.startswith(b"Return-Path: <>\r\n")


def test_long_lines_and_eight_bits_arrive_as_they_are(local: LocalCloud) -> None:
    body = b"x" * 200_000 + "\r\n.dot\r\nGrüße".encode("latin-1")
    raw = mail("wide", "Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: 8bit")
    local.send(raw.replace(b"Hello", body))
    conversation = local.conversation("wide")
    (message,) = local.get(f"/conversations/{conversation['id']}/messages")["items"]
    url = local.get(f"/messages/{message['id']}/raw")["url"]
    status, stored = local.status("GET", url)
    assert status == 200
    assert stored.endswith(body + b"\r\n")


def test_a_mail_of_more_than_40_mb_is_refused(local: LocalCloud) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        local.send(b"x" * (40 * 1024 * 1024 + 1))
    assert refused.value.smtp_code == 552


def test_a_stranger_reads_nothing(local: LocalCloud) -> None:
    for headers in ({}, {"Authorization": "Bearer pf_wrong"}):
        assert local.status("GET", f"{local.told['api_url']}/inboxes", headers=headers)[0] == 401


def test_the_front_has_a_page_the_api_and_the_outbox(local: LocalCloud) -> None:
    origin = local.told["api_url"].removesuffix("/v1")
    status, page = local.status("GET", f"{origin}/")
    assert status == 200
    assert local.told["fallback_address"].encode() in page
    assert local.told["token"].encode() not in page
    assert local.status("GET", f"{origin}/v1/health")[0] == 200
    assert local.status("GET", f"{origin}/nothing")[0] == 404
    assert local.status("POST", f"{origin}/outbox", body=b"")[0] == 405


def test_what_is_sent_through_ses_lands_in_the_outbox(local: LocalCloud) -> None:
    ses = local.aws("sesv2", f"http://127.0.0.1:{json.loads((local.data / 'ports.json').read_text())['ses']}")
    raw = b"From: a@x.test\r\nTo: b@z.test\r\n\r\nHi"
    message_id = ses.send_email(Content={"Raw": {"Data": raw}})["MessageId"]
    (sent, *_) = json.loads(local.status("GET", local.told["outbox_url"])[1])["items"]
    assert sent["id"] == message_id
    assert (sent["mail_from"], sent["rcpt_to"]) == ("a@x.test", ["b@z.test"])
    assert sent["raw"].endswith("\r\n\r\nHi")
    with pytest.raises(ClientError, match="raw messages only"):
        ses.send_email(FromEmailAddress="a@x.test", Content={"Simple": {"Subject": {"Data": "x"}, "Body": {}}})
    ses.create_email_identity(EmailIdentity="x.test")  # everything else goes on to the emulator
    assert "x.test" in [each["IdentityName"] for each in ses.list_email_identities()["EmailIdentities"]]


def test_roles_are_enforced(local: LocalCloud) -> None:
    """Proof that the tests above prove something: a function's own credentials do not reach beyond its policy."""
    functions = local.aws("iam").list_roles()["Roles"]
    (role,) = [each["Arn"] for each in functions if "ReceiveMailRole" in each["RoleName"]]
    given = local.aws("sts").assume_role(RoleArn=role, RoleSessionName="probe")["Credentials"]
    table = boto3.client(
        "dynamodb",
        endpoint_url=local.told["cloud_url"],
        region_name=local.told["region"],
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    name = local.outputs()["TableName"]
    key = {"pk": {"S": "nobody"}, "sk": {"S": "nothing"}}
    assert "Item" not in table.get_item(TableName=name, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        table.scan(TableName=name)
    with pytest.raises(ClientError, match="AccessDenied"):
        table.delete_item(TableName=name, Key=key)


def returned(local: LocalCloud, queue: str, letter: str) -> None:
    """A dead letter of a queue is put back by an admin, and its function gets it."""
    outputs, sqs = local.outputs(), local.aws("sqs")
    sqs.send_message(QueueUrl=outputs[f"{queue.capitalize()}DeadLetterQueueUrl"], MessageBody=letter)
    headers = {"Authorization": f"Bearer {local.told['token']}", "Content-Type": "application/json"}
    url = f"{local.told['api_url']}/dead-letters/return"
    status, answer = local.status("POST", url, headers=headers, body=json.dumps({"limit": 10, "queue": queue}))
    assert (status, json.loads(answer)) == (200, {"moved": 1})


def test_a_dead_mail_is_returned_and_handled(local: LocalCloud) -> None:
    """No letter stays dead here: it would be evidence against every channel that another test looks at."""
    returned(local, "inbound", local.stored("returned0001", mail("returned")))
    assert local.conversation("returned")["message_count"] == 1


@pytest.mark.parametrize("queue", ["outbound", "feedback"])
def test_dead_letters_are_returned(local: LocalCloud, queue: str) -> None:
    returned(local, queue, "not a notification")
