"""DNS is asked of several resolvers, and what is made of it when they lie, fail or say nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chalicelib.model.sending_domain import DnsRecord, RecordPurpose
from chalicelib.reconcile.evidence import world
from chalicelib.storage import dns
from tests.post import cloud
from tests.post.resolvers import FAILING, SILENT, Zone, resolvers

AT = "2026-03-02T08:00:00.000Z"
DOMAIN = "shop.acme-mail.org"
HERE: Zone = {(DOMAIN, "MX"): ("10 inbound-smtp.eu-central-1.amazonaws.com.",)}
ELSEWHERE: Zone = {(DOMAIN, "MX"): ("10 mx.elsewhere.org.",)}
NOTHING: Zone = {}

Ask = Callable[..., tuple[tuple[str, ...] | None, ...]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Ask resolvers with these zones for records."""
    for name, value in {**cloud.environment(), **dict.fromkeys(cloud.QUEUES.values(), "https://queue.test")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dns, "SECONDS", 0.3)

    def look(*zones: Zone, name: str = DOMAIN, kind: str = "MX") -> tuple[tuple[str, ...] | None, ...]:
        with resolvers(*zones) as told:
            monkeypatch.setenv("DNS_RESOLVERS", told)
            cloud.forget_everything()
            return dns.ask(name, kind)

    yield look
    cloud.forget_everything()


def test_each_resolver_answers_for_itself(ask: Ask) -> None:
    assert ask(HERE, NOTHING, FAILING, SILENT) == (("10 inbound-smtp.eu-central-1.amazonaws.com",), (), None, None)


def test_a_text_record_is_one_string_whatever_its_parts(ask: Ask) -> None:
    zone: Zone = {(DOMAIN, "TXT"): ('"v=spf1 " "include:amazonses.com ~all"',)}
    assert ask(zone, kind="TXT") == (("v=spf1 include:amazonses.com ~all",),)


@pytest.mark.parametrize("name", ["acme.in.postfach.test", "mail.example", "a.invalid."])
def test_names_that_nobody_can_have_are_not_asked_of_the_world(ask: Ask, name: str) -> None:
    assert ask(HERE, name=name) == ()


@pytest.mark.parametrize(
    ("zones", "in_order"),
    [
        ((HERE, HERE, HERE), True),
        ((HERE, ELSEWHERE, SILENT), True),  # one that shows it suffices: the others may remember what was
        ((ELSEWHERE, SILENT, FAILING), None),  # one alone may lie
        ((SILENT, SILENT, SILENT), None),
        ((ELSEWHERE, ELSEWHERE, SILENT), False),
        ((NOTHING, ELSEWHERE, FAILING), False),
    ],
)
def test_wrong_is_only_what_two_say_and_none_contradicts(ask: Ask, zones: tuple[Zone, ...], in_order: bool) -> None:
    found = world.own_mail(DOMAIN, "eu-central-1", ask(*zones), AT)
    assert found.in_order is in_order
    assert (found.finding is None) == (in_order is not False)


SPF, DMARC, DKIM = (
    DnsRecord("TXT", f"bounce.{DOMAIN}", '"v=spf1 include:amazonses.com ~all"', RecordPurpose.SPF),
    DnsRecord("TXT", f"_dmarc.{DOMAIN}", '"v=DMARC1; p=none;"', RecordPurpose.DMARC, required=False),
    DnsRecord("CNAME", f"t._domainkey.{DOMAIN}", "t.dkim.amazonses.com", RecordPurpose.DKIM),
)


@pytest.mark.parametrize(
    ("record", "shown", "code"),
    [
        (SPF, ("v=spf1 include:amazonses.com -all",), None),
        (SPF, ("v=spf1 include:other.org -all",), "spf_refuses"),
        (SPF, ("v=spf1 include:amazonses.com -all", "v=spf1 -all"), "spf_refuses"),  # RFC 7208 §4.5
        (SPF, ("google-site-verification=1",), "spf_refuses"),
        (DMARC, (), None),  # suggested, not required
        (DMARC, ("v=DMARC1; p=reject; rua=mailto:d@acme-mail.org",), None),
        (DMARC, ("v=DMARC1; p=none", "v=DMARC1; p=reject"), "dmarc_broken"),
        (DMARC, ("v=DMARC1",), "dmarc_broken"),
        (DKIM, ("t.dkim.amazonses.com",), None),
        (DKIM, ("u.dkim.amazonses.com",), "dkim_not_published"),
        (DKIM, (), "dkim_not_published"),
    ],
)
def test_records_as_they_are_published(record: DnsRecord, shown: tuple[str, ...], code: str | None) -> None:
    found = world.published(record, (shown, shown, None), AT)
    assert (found.finding.code if found.finding else None) == code


@pytest.mark.parametrize(("shown", "works"), [(("10 mx.shop.org",), True), (("0 ",), False), ((), False)])
def test_a_team_domain_that_takes_no_mail(shown: tuple[str, ...], works: bool) -> None:
    """A null MX is `0 .` (RFC 7505), whose dot is cut like every other."""
    assert world.team_mail("shop.org", (shown, shown), AT).in_order is works
