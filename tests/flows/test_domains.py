"""Domains that are sent from, looked at by the scheduled function: never too often, each in its turn (§7.6, S37)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.clock import stamp
from chalicelib.errors import TemporaryFault
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.reconcile.look_at_domains import MOST, DomainsReport, look_at_domains
from chalicelib.reconcile.observe import check, observe_channels
from chalicelib.settings import domains
from chalicelib.storage import health, sending_domains
from chalicelib.storage.observing import Pace
from tests.api.visitor import admin_of
from tests.post.aws_seen import AwsSeen, installation
from tests.post.identities import Identities, ses_identities
from tests.post.office import Office

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def aws(office: Office) -> Iterator[AwsSeen]:
    with installation() as seen:
        yield seen


@pytest.fixture
def ses(aws: AwsSeen) -> Iterator[Identities]:
    with ses_identities() as identities:
        yield identities


def look(now: datetime, seconds: float = 60) -> DomainsReport:
    """The step of one run."""
    return look_at_domains(now, time.monotonic() + seconds, Pace(0))


def known(domain: str) -> SendingDomain:
    found = sending_domains.find(domain)
    assert found is not None
    return found


def test_what_ses_sees_is_seen_by_the_next_run_and_what_it_loses_within_half_a_day(
    office: Office, ses: Identities
) -> None:
    domains.claim(office.account_id, "shop.example", START)
    ses.verify("shop.example")
    assert look(START + timedelta(minutes=4)).asked == 0
    assert look(START + timedelta(minutes=6)) == DomainsReport(asked=1, changed=1, failed=0, finished=True)
    assert known("shop.example").state is DomainState.VERIFIED
    ses.verify("shop.example", dkim="FAILED")
    assert look(START + timedelta(hours=12)).asked == 0
    assert look(START + timedelta(hours=13)).changed == 1
    assert known("shop.example").state is DomainState.FAILED
    ses.verify("shop.example")
    assert look(START + timedelta(hours=14, minutes=1)).changed == 1  # nothing latches
    assert known("shop.example").verified_at == stamp(START + timedelta(minutes=6))


def test_a_run_without_time_leaves_the_rest_to_the_next_and_begins_with_the_oldest(
    office: Office, ses: Identities
) -> None:
    for number in range(3):
        domains.claim(office.account_id, f"d{number}.example", START + timedelta(seconds=number))
    now = START + timedelta(hours=1)
    assert look(now, seconds=-1) == DomainsReport(asked=0, changed=0, failed=0, finished=False)
    asked: list[float] = []
    pace = Pace(1.0, sleep=asked.append)  # nobody waits here, but everybody would have to
    assert look_at_domains(now, time.monotonic() + 60, pace).asked == 3
    assert len(asked) == 2
    assert all(0.9 < pause <= 2.0 for pause in asked)
    assert {known(f"d{number}.example").checked_at for number in range(3)} == {stamp(now)}


def test_many_that_are_pending_do_not_hide_one_that_is_verified(office: Office, ses: Identities) -> None:
    domains.claim(office.account_id, "old.example", START)
    ses.verify("old.example")
    look(START + timedelta(minutes=6))
    later = START + timedelta(hours=13)
    for number in range(MOST + 5):
        domains.claim(office.account_id, f"d{number}.example", later - timedelta(hours=1))
    asked = look(later)
    assert asked.asked == MOST + 1
    assert known("old.example").checked_at == stamp(later)
    assert look(later + timedelta(seconds=1)).asked == 5


def test_one_that_cannot_be_asked_for_waits_for_its_turn_and_holds_up_no_other(office: Office, ses: Identities) -> None:
    for name in ("a.example", "b.example"):
        domains.claim(office.account_id, name, START)
    ses.known["a.example"]["tags"] = []  # an operator made it anew, outside of Postfach
    ses.verify("b.example")
    now = START + timedelta(hours=1)
    assert look(now) == DomainsReport(asked=2, changed=1, failed=1, finished=True)
    assert look(now + timedelta(minutes=1)).asked == 0


def test_when_ses_throttles_the_run_stops_and_the_domain_keeps_its_turn(
    office: Office, ses: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    domains.claim(office.account_id, "a.example", START)
    real = BaseClient._make_api_call

    def throttled(client: BaseClient, operation: str, told: object) -> object:
        if operation == "GetEmailIdentity":
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, operation)
        return real(client, operation, told)

    now = START + timedelta(hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", throttled)
        with pytest.raises(TemporaryFault):
            look(now)
    assert look(now).asked == 1


def test_S37_a_custom_address_is_judged_by_the_domain_that_proves_it(
    office: Office, aws: AwsSeen, ses: Identities
) -> None:
    """The mail leaves from the address at the verified domain, so what counts is that domain and not our own."""
    admin = admin_of(office)
    domains.claim(office.account_id, "shop.example", START)
    ses.verify("shop.example")
    look(START + timedelta(minutes=6))
    sender = {"use_for_sending": True, "from_address": "hello@shop.example"}
    told = admin.patch(f"/v1/channels/{office.channel_id}", {"sender": sender})
    assert told.json["sender"]["sends_from"] == "hello@shop.example"
    aws.identities["shop.example"] = "SUCCESS"
    now = START + timedelta(minutes=10)

    def outgoing(times: int) -> tuple[str, str, set[str]]:
        nonlocal now
        for _ in range(times):
            observe_channels(now, time.monotonic() + 60, Pace(0))
            now += timedelta(minutes=5)
        found = health.get_health(office.account_id, office.channel_id)
        assert found is not None
        saw = {each.check for each in found.outgoing.evidence}
        return found.outgoing.status.value, found.outgoing.because.code, saw

    status, _, saw = outgoing(1)
    assert status == "working"
    assert {"dkim", "mail_from"} <= saw
    del aws.identities["in.postfach.test"]  # nothing leaves from there
    assert outgoing(4)[0] == "working"
    aws.broken.add("BatchGetItem")  # where its mail leaves from cannot be read, so nothing is said of that
    for _ in range(4):
        assert check(office.channel(), now).outgoing.status.value == "working"
        now += timedelta(minutes=5)
    aws.broken.clear()
    aws.identities["shop.example"] = "FAILED"
    assert outgoing(3)[:2] == ("disconnected", "identity_failed")
    aws.identities["shop.example"] = "SUCCESS"
    ses.verify("shop.example", mail_from="FAILED")
    look(now + timedelta(hours=13))
    # Not verified any more, so mail leaves from the channel's own address, whose identity is missing.
    assert outgoing(3)[:2] == ("disconnected", "identity_missing")


def test_S37_another_accounts_domain_proves_nothing(office: Office, aws: AwsSeen, ses: Identities) -> None:
    other = Office("other")
    domains.claim(other.account_id, "shop.example", START)
    ses.verify("shop.example")
    look(START + timedelta(minutes=6))
    told = admin_of(other).patch(
        f"/v1/channels/{other.channel_id}", {"sender": {"use_for_sending": True, "from_address": "a@shop.example"}}
    )
    assert told.status == 200
    office.set_channel(sender=office.channel().sender.__class__(use_for_sending=True, from_address="eve@shop.example"))
    aws.identities["shop.example"] = "FAILED"
    for number in range(4):  # both channels are on one page
        observe_channels(START + timedelta(minutes=5 * number), time.monotonic() + 60, Pace(0))
    ours, theirs = (health.get_health(each.account_id, each.channel_id) for each in (office, other))
    assert ours is not None
    assert theirs is not None
    assert (ours.outgoing.status.value, theirs.outgoing.status.value) == ("working", "disconnected")
