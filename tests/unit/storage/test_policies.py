"""Resource policies as ours are written, and as somebody may have changed them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.storage.policies import allows

OURS = {
    "Effect": "Allow",
    "Principal": {"Service": "ses.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::mail/raw/*",
    "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
}
SECURE = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::mail/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([OURS], True),
        ([SECURE, OURS], True),
        (OURS, True),  # one statement needs no list
        ([{**OURS, "Action": ["s3:GetObject", "S3:Put*"]}], True),
        ([{**OURS, "Principal": {"Service": ["sns.amazonaws.com", "ses.amazonaws.com"]}}], True),
        ([{**OURS, "Resource": "arn:aws-cn:s3:::mail/raw/*"}], True),  # the same in another partition
        ([], False),
        ([SECURE], False),
        ([{**OURS, "Principal": {"Service": "sns.amazonaws.com"}}], False),
        ([{**OURS, "Action": "s3:GetObject"}], False),
        ([{**OURS, "Resource": "arn:aws:s3:::mail/other/*"}], False),
        ([OURS, {**OURS, "Effect": "Deny", "Condition": {}}], False),
        ([OURS, {**SECURE, "Condition": {}}], False),
    ],
)
def test_whether_ses_may_store_mail(statements: Any, allowed: bool) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    told = allows(policy, service="ses.amazonaws.com", action="s3:PutObject", on="arn:aws:s3:::mail/raw/x")
    assert told is allowed


def test_no_policy_allows_nothing() -> None:
    assert not allows("", service="ses.amazonaws.com", action="s3:PutObject", on="arn:aws:s3:::mail/raw/x")
