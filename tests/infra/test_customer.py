"""The played mail server of a customer: what becomes of mail for a team address in each mode."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from infra.local.customer import Forwardings, deliver
from infra.local.ses_events import events

RAW = b"From: a@x.example\r\nTo: support@shop.test\r\nSubject: Hello\r\n\r\nThe text.\r\n"
TEAM, TO = "support@shop.test", "team@acme.in.postfach.test"


@pytest.fixture
def forwardings(tmp_path: Path) -> Forwardings:
    return Forwardings(tmp_path / "forwardings")


def handed_over(forwardings: Forwardings, wait: float = 0) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    deliver(forwardings, TEAM, RAW, lambda to, raw: found.append((to, raw)))
    if wait:
        assert found == []
        time.sleep(wait)
    return found


def test_a_redirected_mail_is_sent_on_as_it_is(forwardings: Forwardings) -> None:
    assert handed_over(forwardings) == []
    forwardings.set(TEAM, {"to": TO})
    assert handed_over(forwardings) == [(TO, RAW)]


@pytest.mark.parametrize("mode", ["broken", "bounced"])
def test_a_broken_forwarding_sends_nothing_on(forwardings: Forwardings, mode: str) -> None:
    forwardings.set(TEAM, {"to": TO, "mode": mode})
    assert handed_over(forwardings) == []


def test_a_delayed_mail_comes_later(forwardings: Forwardings) -> None:
    forwardings.set(TEAM, {"to": TO, "mode": "delayed", "seconds": 0.1})
    assert handed_over(forwardings, wait=0.5) == [(TO, RAW)]


def test_an_altered_mail_is_a_new_one_with_the_text_of_the_old(forwardings: Forwardings) -> None:
    forwardings.set(TEAM, {"to": TO})
    forwardings.set(TEAM, {"mode": "altered"})  # the rest stays
    ((to, raw),) = handed_over(forwardings)
    assert to == TO
    assert b"Subject: Fwd: Hello" in raw
    assert b"The text." in raw


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("../../etc/passwd", {"to": TO}),
        (TEAM, {}),
        (TEAM, {"to": TO, "mode": "sideways"}),
        (TEAM, {"to": TO, "seconds": -1}),
        (TEAM, {"to": TO, "colour": "red"}),
    ],
)
def test_what_cannot_be_is_refused(forwardings: Forwardings, address: str, wanted: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        forwardings.set(address, wanted)
    assert forwardings.all() == {}


def test_what_the_played_server_refuses_comes_back_as_a_bounce() -> None:
    from datetime import UTC, datetime

    item = {
        "id": "1",
        "mail_from": "p@acme.in.postfach.test",
        "rcpt_to": [TEAM],
        "tags": {},
        "configuration_set": "s",
        "refused": [TEAM],
    }
    assert [each["eventType"] for each in events(item, datetime.now(UTC))] == ["Send", "Bounce"]
