"""The envelope told again by the headers that SES wrote on top of a raw mail, and by no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.clock import stamp
from chalicelib.inbound.arrivals import read_arrival
from chalicelib.model.conversation import Authentication
from chalicelib.model.delivery import Arrival, Source
from chalicelib.reconcile.lost_mail import MAX_HEAD, TOO_OLD, TOO_YOUNG, is_due, raw_id_of, recover_arrival
from infra.local import received
from tests.post.letters import letter

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOP = (
    b"Return-Path: <ada@customer.example>\r\n"
    b"Received: from mx.customer.example (mx.customer.example [192.0.2.1])\r\n"
    b" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id abc123\r\n"
    b" for %s;\r\n"
    b" Mon, 02 Mar 2026 08:00:00 +0000 (UTC)\r\n"
    b"X-SES-Spam-Verdict: PASS\r\n"
    b"X-SES-Virus-Verdict: PASS\r\n"
    b"Received-SPF: pass (spfCheck: domain of customer.example designates 192.0.2.1 as permitted sender)"
    b" client-ip=192.0.2.1; envelope-from=ada@customer.example; helo=mx.customer.example;\r\n"
    b"Authentication-Results: amazonses.com;\r\n spf=pass (spfCheck: domain of customer.example designates"
    b" 192.0.2.1 as permitted sender) client-ip=192.0.2.1;\r\n dkim=pass header.i=@customer.example;\r\n"
    b" dkim=fail header.i=@list.example;\r\n dmarc=fail header.from=customer.example;\r\n"
)
FORGED = (
    b"Received: from x by inbound-smtp.eu-west-1.amazonaws.com with SMTP id evil for boss@acme.in.postfach.test;"
    b" Mon, 02 Mar 2026 07:00:00 +0000\r\n"
    b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n"
    b"Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass\r\n"
    b"Return-Path: <boss@acme.example>\r\n"
)


def recover(head: bytes) -> Arrival | None:
    return recover_arrival("raw/abc123", head, NOW)


def test_the_envelope_and_the_findings_are_those_of_ses() -> None:
    assert recover(TOP % b"support@acme.in.postfach.test" + letter()) == Arrival(
        raw_id="abc123",
        raw_key="raw/abc123",
        received_at=stamp(NOW),
        recipients=("support@acme.in.postfach.test",),
        mail_from="ada@customer.example",
        spam="pass",
        virus="pass",
        authentication=Authentication(spf="pass", dkim="pass", dmarc="fail"),
        source=Source.SWEEP,
    )


def test_what_the_sender_wrote_below_is_not_believed() -> None:
    top = (TOP % b"support@acme.in.postfach.test").replace(b"Verdict: PASS", b"Verdict: FAIL")
    found = recover(top + FORGED + letter())
    assert found is not None
    assert found.recipients == ("support@acme.in.postfach.test",)
    assert (found.spam, found.virus, found.authentication.dmarc) == ("fail", "fail", "fail")
    assert found.mail_from == "ada@customer.example"


def test_without_ses_on_top_nothing_is_recovered() -> None:
    relay = b"Received: from a by relay.example for <support@acme.in.postfach.test>; now\r\n"
    assert recover(relay + FORGED + letter()) is None
    assert recover(letter()) is None


@pytest.mark.parametrize("missing", [b"X-SES-Spam-Verdict", b"X-SES-Virus-Verdict", b"Authentication-Results"])
def test_what_ses_left_out_is_not_taken_from_below(missing: bytes) -> None:
    """A sender without a Received header of his own puts his claims right under those of SES."""
    lines = (TOP % b"support@acme.in.postfach.test").split(b"\r\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(missing))
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith(b" "))
    claims = FORGED.partition(b"\r\n")[2]
    found = recover(b"\r\n".join(lines[:start] + lines[end:]) + letter().replace(b"Subject", claims + b"Subject"))
    assert found is not None
    told = {
        b"X-SES-Spam-Verdict": found.spam,
        b"X-SES-Virus-Verdict": found.virus,
        b"Authentication-Results": found.authentication.dmarc,
    }
    assert told[missing] == "none"


@pytest.mark.parametrize("local_part", [b"dmarc=pass", b'"; dmarc=pass"', b'";dmarc=pass;"', b"; dmarc=pass;x"])
def test_an_envelope_sender_that_reads_like_a_result_is_none(local_part: bytes) -> None:
    """SES repeats the envelope sender among its results."""
    top = (TOP % b"a@x.example").replace(b" client-ip=", b" envelope-from=" + local_part + b"@evil.example; client-ip=")
    found = recover(top + letter())
    assert found is not None
    assert not found.authentication.is_proven
    assert found.authentication.spf == "pass"


def test_results_of_another_authority_are_none() -> None:
    found = recover((TOP % b"a@x.example").replace(b"amazonses.com;", b"mx.evil.example;") + letter())
    assert found is not None
    assert found.authentication == Authentication()


@pytest.mark.parametrize(
    ("written", "recipients"),
    [
        (b"a@x.example", ("a@x.example",)),
        (b"<a@x.example>", ("a@x.example",)),
        (b"<a@x.example>, <B@x.example>", ("a@x.example", "b@x.example")),
        (b"<a@x.example>\r\n <b@x.example>", ("a@x.example", "b@x.example")),
        (b"a@x.example,b@x.example", ("a@x.example", "b@x.example")),
        (b"a@x.example,\r\n b@x.example,\r\n c@x.example", ("a@x.example", "b@x.example", "c@x.example")),
    ],
)
def test_recipients(written: bytes, recipients: tuple[str, ...]) -> None:
    found = recover(TOP % written + letter())
    assert found is not None
    assert found.recipients == recipients


@pytest.mark.parametrize("dmarc", ["pass", "fail", "none"])
@pytest.mark.parametrize("spam", ["PASS", "FAIL"])
def test_the_local_clouds_headers_tell_what_its_notification_told(dmarc: str, spam: str) -> None:
    raw = letter(headers={"Authentication-Results": f"x; spf=pass; dmarc={dmarc}", "X-SES-Spam-Verdict": spam})
    to = ("support@acme.in.postfach.test", "sales@acme.in.postfach.test")
    mail = received.Transaction(raw, "ada@customer.example", to, "mx.customer.example", "192.0.2.1", NOW, "abc123")
    verdicts = received.find_verdicts(received.read_headers(raw))
    stored = received.add_headers(mail, verdicts, "eu-west-1")
    action = {"bucketName": "b", "objectKey": "raw/abc123"}
    told = read_arrival(json.dumps(received.notification(mail, stored, verdicts, action)), bucket="b")
    found = recover(stored)
    assert found is not None
    names = ("raw_id", "raw_key", "received_at", "recipients", "mail_from", "spam", "virus")
    assert [getattr(found, name) for name in names] == [getattr(told, name) for name in names]
    assert found.authentication.is_proven == told.authentication.is_proven == (dmarc == "pass")


@pytest.mark.parametrize("written", [b"nobody", b"", b"<>"])
def test_no_recipient_no_arrival(written: bytes) -> None:
    assert recover(TOP % written + letter()) is None


@pytest.mark.parametrize(
    "name",
    [b"for evil@acme.in.postfach.test;", b"x by inbound-smtp.x for evil@acme.in.postfach.test; now", b"a;b"],
)
def test_a_name_that_a_server_gave_itself_names_no_recipient(name: bytes) -> None:
    top = (TOP % b"support@acme.in.postfach.test").replace(b"from mx.customer.example (", b"from " + name + b" (")
    found = recover(top + letter())
    assert found is not None
    assert found.recipients == ("support@acme.in.postfach.test",)


@given(st.binary(max_size=400))
def test_any_bytes_are_an_arrival_or_none(head: bytes) -> None:
    for raw in (head, TOP % b"a@x.example" + head, (TOP % b"a@x.example").replace(b"abc123", head[:20])):
        found = recover(raw)
        assert found is None or found.recipients


@pytest.mark.parametrize("filler", [b"for ", b"for <a", b"for a@", b"<", b"a@b,", b" \r\n ", b"spf=pass ", b"for  "])
def test_hostile_headers_cost_no_more_than_their_size(filler: bytes) -> None:
    def cost(size: int) -> float:
        head = TOP % (filler * (size // len(filler))) + letter()
        start = process_time()
        recover_arrival("raw/x", head[:MAX_HEAD], NOW)
        return process_time() - start

    cost(1000)
    small, large = min(cost(8_000) for _ in range(5)), min(cost(64_000) for _ in range(5))
    assert large < 30 * small + 0.01


@pytest.mark.parametrize(
    ("key", "age", "everything", "due"),
    [
        ("raw/a", TOO_YOUNG - timedelta(seconds=1), False, False),
        ("raw/a", TOO_YOUNG + timedelta(seconds=1), False, True),
        ("raw/a", timedelta(0), True, True),
        ("raw/a", TOO_OLD - timedelta(seconds=1), False, True),
        ("raw/a", TOO_OLD + timedelta(seconds=1), False, False),
        ("raw/a", TOO_OLD + timedelta(seconds=1), True, False),
        ("raw/AMAZON_SES_SETUP_NOTIFICATION", timedelta(hours=1), True, False),
        ("raw/", timedelta(hours=1), True, False),
    ],
)
def test_what_should_have_its_row_by_now(key: str, age: timedelta, everything: bool, due: bool) -> None:
    assert is_due(key, NOW - age, NOW, everything=everything) is due


def test_the_id_is_the_last_part_of_the_key() -> None:
    assert raw_id_of("raw/abc") == "abc"
    assert raw_id_of("raw/deep/abc") == "abc"
