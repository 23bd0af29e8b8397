"""The whole of a team address's trouble (S24): observed, stood in for, told, and used again when it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.model.conversation import Direction
from chalicelib.reconcile.look_at_domains import look_at_domains
from chalicelib.reconcile.observe import observe_channels
from chalicelib.storage.observing import Pace
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.aws_seen import AwsSeen, installation
from tests.post.identities import Identities, ses_identities
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.outbox import Sent
from tests.post.stream import Listener, Stream, publish

TEAM = "support@shop.example"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Team:
    """A team address whose domain SES has verified, and the scheduled runs, five minutes apart."""

    def __init__(self, office: Office, aws: AwsSeen, ses: Identities, listener: Listener) -> None:
        self.office, self.aws, self.now = office, aws, START + timedelta(minutes=10)
        self.admin: Visitor = admin_of(office)
        self.listener = listener
        made = self.admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {"type": "team_email", "address": TEAM})
        assert made.status == 201, made.text
        self.id, self.forwarding_address = made.json["id"], made.json["forwarding_address"]
        ses.verify("shop.example")
        look_at_domains(datetime.now(UTC) + timedelta(hours=1), time.monotonic() + 60, Pace(0))
        aws.identities["shop.example"] = "SUCCESS"
        self.run()
        outbox.send_all(office)  # the probe that goes out when a team address is connected
        self._stream = Stream()

    def run(self, times: int = 1) -> str:
        """So many runs; the status of outgoing mail then."""
        for _ in range(times):
            observe_channels(self.now, time.monotonic() + 60, Pace(0))
            self.now += timedelta(minutes=5)
        return str(self.admin.get(f"/v1/channels/{self.id}/health").json["outgoing"]["status"])

    def answer(self) -> Sent:
        """An answer of the only conversation, as it left."""
        path = f"/v1/conversations/{self.office.conversation().id}/messages"
        told = self.admin.post(path, {"type": "reply", "text": "On its way.", "force": True})
        assert told.status == 201, told.text
        (mail,) = [each for each in outbox.send_all(self.office) if "ada@customer.example" in each.rcpt_to]
        return mail

    def events(self) -> list[str]:
        """Why the conversation's events stand there, oldest first."""
        found = [each for each in self.office.messages() if each.direction is Direction.EVENT]
        return [each.joined_because.text for each in found]

    def heard(self) -> list[dict[str, Any]]:
        """What was told on the bus of this channel's status since the last look."""
        assert publish(self.office, self._stream.take()) == []
        heard = [each for each in self.listener.take() if each["type"] == "channel.status_changed"]
        return [each for each in heard if each["channel_id"] == self.id]


@pytest.fixture
def team(office: Office) -> Iterator[Team]:
    with installation() as aws, ses_identities() as ses, pytest.MonkeyPatch.context() as patched:
        aws.takes_mail = False
        yield Team(office, aws, ses, Listener(patched))


def test_S24_a_team_address_in_trouble_is_stood_in_for_and_used_again(office: Office, team: Team) -> None:
    office.deliver(letter(to=[TEAM]), [team.forwarding_address])
    assert team.answer().mail_from == TEAM
    team.heard()

    team.aws.identities["shop.example"] = "FAILED"
    assert team.run() == "working"
    assert team.answer().mail_from == TEAM  # one observation is none
    assert team.run(2) == "disconnected"
    stood_in = team.answer()
    assert stood_in.mail_from == office.address
    (event,) = team.events()
    assert office.address in event
    changed = [(each["direction"], each["before"], each["after"], each["because"]) for each in team.heard()]
    assert ("outgoing", "degraded", "disconnected", "identity_failed") in changed

    # The customer answers as mail clients do: to Reply-To, citing the id that SES gave.
    reply = letter(to=[stood_in.reply_to], in_reply_to=stood_in.public_id, message_id="thanks@customer.example")
    office.deliver(reply, [stood_in.reply_to])
    # And one whose client knows nothing but the address that the mail came from.
    cited = letter(to=[office.address], in_reply_to=stood_in.public_id, message_id="again@customer.example")
    office.deliver(cited, [office.address])
    incoming = [each for each in office.messages() if each.direction is Direction.INCOMING]
    assert len(incoming) == 3

    team.aws.identities["shop.example"] = "SUCCESS"
    assert team.run(2) == "working"
    assert team.answer().mail_from == TEAM
    assert team.events()[1:] == [f"Answers leave from {TEAM} again."]
    changed = [(each["direction"], each["before"], each["after"], each["because"]) for each in team.heard()]
    assert changed == [("outgoing", "disconnected", "working", "in_order")]


def test_every_change_of_a_status_is_told_once_in_codes_alone(office: Office, team: Team) -> None:
    """From the row that the run writes, through the stream's filter, to the bus; told again it has the same id."""
    team.aws.rule_set = None
    team.run(3)
    told = [each for each in team.heard() if each["direction"] == "incoming"]
    assert [each["before"] for each in told][1:] == [each["after"] for each in told][:-1]
    assert (told[-1]["after"], told[-1]["because"]) == ("disconnected", "no_active_rule_set")
    assert set(told[-1]) == {"id", "type", "account_id", "at", "channel_id", "direction", "before", "after", "because"}
    team.run(3)
    assert team.heard() == []  # nothing changed, nothing is told


@pytest.mark.parametrize("told", [{"cc": ["Support@Shop.example"]}, {"to": [TEAM]}, {"bcc": [TEAM]}])
def test_a_mail_to_the_channels_own_team_address_is_refused(office: Office, team: Team, told: dict[str, Any]) -> None:
    """It would go into the team's mailbox, and come back through its forwarding."""
    office.deliver(letter(to=[TEAM]), [team.forwarding_address])
    path = f"/v1/conversations/{office.conversation().id}/messages"
    refused = team.admin.post(path, {"type": "reply", "text": "On its way.", **told})
    assert (refused.status, refused.code) == (422, "own_address"), refused.text
    assert refused.json["pointer"] == f"/{next(iter(told))}/0"
    assert office.conversation().message_count == 1
    opening = {"to": [TEAM], "subject": "Hello", "text": "Hello.", "channel_id": team.id}
    assert team.admin.post(f"/v1/inboxes/{office.inbox_id}/conversations", opening).code == "own_address"
