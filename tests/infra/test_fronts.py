"""The fronts' decisions: which recipients are taken, what a sent mail looks like, what is written when."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local import launcher, outbox, ses_api, settings
from infra.local.smtp_front import matches, new_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "address", "taken"),
    [
        (".in.test", "help@acme.in.test", True),
        (".in.test", "help@ACME.In.Test", True),
        (".in.test", "help@a.b.in.test", True),
        (".in.test", "help@in.test", False),
        (".in.test", "help@evilin.test", False),
        (".in.test", "help@acme.in.test.evil.example", False),
        (".in.test", '"@acme.in.test"@evil.example', False),
        ("in.test", "help@in.test", True),
        ("in.test", "help@acme.in.test", False),
        ("help@in.test", "Help@in.test", True),
        ("help@in.test", "x@in.test", False),
    ],
)
def test_recipients_match_as_with_ses(pattern: str, address: str, taken: bool) -> None:
    assert matches([pattern], address) is taken
    assert matches([], address) is True


def test_ids_are_like_those_of_ses() -> None:
    assert len(new_id()) == 40
    assert new_id() != new_id()
    assert ses_api.new_message_id() < ses_api.new_message_id()[:16] + "z"


def request(raw: bytes, **more: Any) -> dict[str, Any]:
    return {"Content": {"Raw": {"Data": base64.b64encode(raw).decode()}}, **more}


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_a_sent_mail_gets_an_id_of_ses_and_loses_bcc(newline: bytes) -> None:
    lines = [
        b"From: Us <us@x.test>",
        b"Message-ID: <own@x>",
        b"Bcc: c@z.test,",
        b"\td@z.test",
        b"To: a@z.test",
        b"",
        b"Bcc: body",
    ]
    item = ses_api.leaving(request(newline.join(lines)), "id-1", "eu-west-1", NOW)
    expected = [
        b"Message-ID: <id-1@eu-west-1.amazonses.com>",
        b"From: Us <us@x.test>",
        b"To: a@z.test",
        b"",
        b"Bcc: body",
    ]
    assert item["raw"].encode() == newline.join(expected)
    assert item["mail_from"] == "us@x.test"
    assert item["rcpt_to"] == ["a@z.test", "c@z.test", "d@z.test"]


def test_the_destination_counts_before_the_headers() -> None:
    asked = request(
        b"From: us@x.test\r\nTo: a@z.test\r\n\r\nHi \xff",
        Destination={"ToAddresses": ["B <b@z.test>"], "BccAddresses": ["c@z.test"]},
        FromEmailAddress="Other <other@x.test>",
        EmailTags=[{"Name": "message", "Value": "m1"}],
        ConfigurationSetName="set",
    )
    item = ses_api.leaving(asked, "id-1", "eu-west-1", NOW)
    assert (item["mail_from"], item["rcpt_to"]) == ("other@x.test", ["b@z.test", "c@z.test"])
    assert (item["tags"], item["configuration_set"]) == ({"message": "m1"}, "set")
    assert item["raw"].encode("utf-8", "surrogateescape").endswith(b"Hi \xff")


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"Content": {"Simple": {}}}, "raw messages only"),
        ({"Content": {"Raw": {"Data": "%%%"}}}, "not base64"),
        (request(b"From: us@x.test\r\n\r\n"), "Missing final recipient"),
        (request(b"To: a@x.test\r\n\r\n"), "Missing required header 'From'"),
    ],
)
def test_what_ses_refuses_is_refused(asked: dict[str, Any], fault: str) -> None:
    with pytest.raises(ses_api.BadRequestError, match=fault):
        ses_api.leaving(asked, "id-1", "eu-west-1", NOW)


def test_the_outbox_shows_the_newest_first(tmp_path: Path) -> None:
    assert outbox.newest_first(tmp_path / "none", 10) == []
    for number in range(3):
        outbox.store(tmp_path, {"id": f"{number}", "raw": "\udcff"})
    assert [item["id"] for item in outbox.newest_first(tmp_path, 2)] == ["2", "1"]


def test_queues_are_saved_first_tables_last_and_logs_never() -> None:
    services: dict[str, Callable[[], Any]] = dict.fromkeys(["dynamodb", "cloudwatch_logs", "s3", "sqs", "ses"], dict)
    assert list(launcher.in_saving_order(services)) == ["sqs", "s3", "ses", "dynamodb"]


@pytest.mark.parametrize(
    ("method", "target", "changes"),
    [
        ("GET", b"", False),
        ("PUT", b"", True),
        ("POST", b"DynamoDB_20120810.Query", False),
        ("POST", b"DynamoDB_20120810.TransactGetItems", False),
        ("POST", b"DynamoDB_20120810.TransactWriteItems", True),
        ("POST", b"AmazonSQS.SendMessage", True),
        ("POST", b"", True),
    ],
)
def test_reads_make_no_checkpoint(method: str, target: bytes, changes: bool) -> None:
    scope = {"type": "http", "method": method, "headers": [(b"x-amz-target", target)]}
    assert launcher.may_change(scope) is changes


def test_states_that_change_while_they_are_copied_are_copied_again() -> None:
    saved: list[tuple[str, Any]] = []
    tries: Iterator[Any] = iter([RuntimeError("dictionary changed size during iteration"), {"dynamodb": {"rows": 1}}])

    def copy() -> dict[str, Any]:
        answer = next(tries)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    launcher.Checkpoints(copy, lambda name, state: saved.append((name, state)), 1).write()
    assert saved == [("dynamodb", {"rows": 1})]


@pytest.mark.parametrize(
    ("status", "copied"),
    [
        ("CREATE_IN_PROGRESS", False),
        ("UPDATE_ROLLBACK_IN_PROGRESS", False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("REVIEW_IN_PROGRESS", True),
        ("UPDATE_COMPLETE", True),
    ],
)
def test_half_a_deployment_is_not_saved(status: str, copied: bool) -> None:
    services = {"dynamodb": lambda: {"rows": 1}, "unused": lambda: None, "sqs": dict}
    states = launcher.copy_states(services, [{"StackStatus": "CREATE_COMPLETE"}, {"StackStatus": status}])
    assert (states == {"sqs": {}, "dynamodb": {"rows": 1}}) is copied
    assert (states is None) is not copied


def test_ports_come_from_the_environment_or_the_last_run(tmp_path: Path) -> None:
    environment = {"POSTFACH_DATA": str(tmp_path), "POSTFACH_SMTP_PORT": "0", "POSTFACH_HTTP_PORT": "8999"}
    first = settings.read_settings(environment)
    assert first.ports["http"] == 8999
    assert len(set(first.ports.values())) == 4
    settings.remember_ports(first)
    assert settings.read_settings(environment).ports["cloud"] == first.ports["cloud"]


@pytest.mark.parametrize("port", ["x", "-1", "70000"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(settings.SettingsError, match="POSTFACH_HTTP_PORT must be a port number"):
        settings.read_settings({"POSTFACH_HTTP_PORT": port})
