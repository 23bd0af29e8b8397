"""SES's account as the local cloud plays it: what is said over HTTP is what SES tells, and what SendEmail obeys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3

from infra.local import ses_api
from infra.local.ses_account import AT_FIRST, SendingAccount
from infra.local.ses_identities import Identities
from infra.local.settings import INBOUND_DOMAIN, free_port


@pytest.fixture
def account(tmp_path: Path) -> SendingAccount:
    return SendingAccount(tmp_path / "data" / "sending.json")


def test_at_first_it_may_send(account: SendingAccount) -> None:
    assert account.told() == AT_FIRST
    assert account.refuses() is None
    assert account.shown() == {
        "SendingEnabled": True,
        "ProductionAccessEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "SendQuota": {"Max24HourSend": 50000.0, "SentLast24Hours": 0.0, "MaxSendRate": 14.0},
    }


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"sending": False}, "SendingPausedException"),
        ({"enforcement": "SHUTDOWN"}, "AccountSuspendedException"),
        ({"enforcement": "PROBATION"}, None),
        ({"sandbox": True}, None),
        ({"quota": 10, "sent": 10}, "LimitExceededException"),
        ({"quota": 10, "sent": 9}, None),
    ],
)
def test_what_is_said_is_told_and_obeyed(account: SendingAccount, said: dict[str, Any], refused: str | None) -> None:
    assert account.set(said) == AT_FIRST | said
    assert (account.refuses() or (None,))[0] == refused
    assert account.set(AT_FIRST) == AT_FIRST  # and taken back
    assert account.refuses() is None


@pytest.mark.parametrize(
    "said", [{"paused": True}, {"sending": "no"}, {"enforcement": "WORSE"}, {"quota": -1}, {"sent": True}]
)
def test_what_cannot_be_is_refused_and_changes_nothing(account: SendingAccount, said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"`|Say"):
        account.set(said)
    assert account.told() == AT_FIRST


def test_the_installations_own_domains_can_fail_too(tmp_path: Path) -> None:
    identities = Identities(tmp_path)
    assert identities.set(INBOUND_DOMAIN, {"dkim": "FAILED"}) == {"dkim": "FAILED", "mail_from": "SUCCESS"}
    told = identities.answer("GET", "/v2/email/identities", b"")
    assert told is not None
    states = {each["IdentityName"]: each["VerificationStatus"] for each in told[1]["EmailIdentities"]}
    assert states == {INBOUND_DOMAIN: "FAILED", "free.postfach.test": "SUCCESS"}
    assert identities.set("unknown.example", {"dkim": "FAILED"}) is None


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """The SES endpoint in front of an emulator that is not there."""
    port = free_port()
    server = ses_api.start("127.0.0.1", port, f"http://127.0.0.1:{free_port()}", "eu-central-1", tmp_path / "outbox")
    yield f"http://127.0.0.1:{port}"
    server.shutdown()


def test_send_email_is_refused_while_sending_is_paused(endpoint: str, tmp_path: Path) -> None:
    SendingAccount(tmp_path / "sending.json").set({"sending": False})
    raw = "RnJvbTogYUB4LmV4YW1wbGUKVG86IGJAeC5leGFtcGxlCgpIaQo="  # From: a@x.example, To: b@x.example
    body = json.dumps({"FromEmailAddress": "a@x.example", "Content": {"Raw": {"Data": raw}}})
    answer = urllib3.request("POST", f"{endpoint}/v2/email/outbound-emails", body=body)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (400, "SendingPausedException")
    SendingAccount(tmp_path / "sending.json").set({"sending": True})
    assert urllib3.request("POST", f"{endpoint}/v2/email/outbound-emails", body=body).status == 200


def test_what_is_observed_is_read_as_clients_ask_for_it(endpoint: str, tmp_path: Path) -> None:
    """Newer clients ask for the list of identities elsewhere, which the endpoint once took for none of its own."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    ses = boto3.client("sesv2", endpoint_url=endpoint, region_name="eu-central-1", **keys)
    told = ses.list_email_identities(PageSize=1000)["EmailIdentities"]
    assert [each["IdentityName"] for each in told] == ["in.postfach.test", "free.postfach.test"]
    SendingAccount(tmp_path / "sending.json").set({"sandbox": True})
    assert ses.get_account()["ProductionAccessEnabled"] is False
