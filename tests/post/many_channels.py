"""Many synthetic channels of many accounts: five an account, of which one is a team address, every other account with a
domain of its own. All is well with them, as with most channels most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from chalicelib.clock import stamp
from chalicelib.model.inbox import Channel, ChannelType, Sender
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.storage import channel_keys, keys, sending_domains
from chalicelib.storage.inboxes import channel_row
from tests.post.aws_seen import AwsSeen
from tests.post.ses_control import SesControl

PER_ACCOUNT = 5
OWN = ("in.postfach.test", "free.postfach.test")


def channels(count: int, now: datetime) -> Iterator[Channel]:
    """So many channels."""
    for number in range(count):
        account, of_account = divmod(number, PER_ACCOUNT)
        fallback = f"team{of_account}@a{account}.in.postfach.test"
        team = of_account == 1 and account % 2 == 0
        yield Channel(
            account_id=f"acc_{account:016d}",
            id=f"chn_{number:016d}",
            inbox_id=f"inb_{account:016d}",
            type=ChannelType.TEAM_EMAIL if team else ChannelType.FALLBACK_EMAIL,
            address=f"team@shop{account}.test" if team else fallback,
            forwarding_address=f"fwd-{number}@a{account}.in.postfach.test" if team else None,
            created_at="2026-01-01T08:00:00.000000+00:00",
            sender=Sender(use_for_sending=True, company_name=f"Company {account}"),
            signature="<p>Kind regards</p>" * 5,
            last_mail_in_at=stamp(now - timedelta(minutes=30)),
        )


def items(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    """The rows of these channels and of the domains that they send from."""
    for channel in channels(count, now):
        yield channel_row(channel).serialize()
        if channel.type is ChannelType.TEAM_EMAIL:
            domain = channel.address.rpartition("@")[2]
            claimed = SendingDomain(
                account_id=channel.account_id,
                domain=domain,
                mail_from_domain=f"bounce-1.{domain}",
                records=(),
                state=DomainState.VERIFIED,
                created_at="2026-01-01T08:00:00.000000+00:00",
                claimed_until="2026-01-04T08:00:00.000000+00:00",
                verified_at="2026-01-02T08:00:00.000000+00:00",
                checked_at=stamp(now),
            )
            row = sending_domains._row(claimed)
            assert row.key == keys.sending_domain(domain)
            assert row.person_pk == channel_keys.domains_looked_at("verified")
            yield row.serialize()


def set_up(ses: SesControl, count: int, now: datetime) -> None:
    """SES takes mail for our own domains, and has them and those of the accounts."""
    names = [each.address.rpartition("@")[2] for each in channels(count, now) if each.type is ChannelType.TEAM_EMAIL]
    ses.identities |= {name: {} for name in OWN} | {name: _verified(name) for name in names}
    ses.rule_sets["postfach"], ses.active = [AwsSeen().rule], "postfach"


def _verified(domain: str) -> dict[str, Any]:
    """An identity that Postfach has made, and whose DNS is as it should be."""
    return {
        "Tags": [{"Key": "postfach", "Value": "acc"}],
        "DkimAttributes": {"Status": "SUCCESS", "Tokens": ["one", "two", "three"]},
        "MailFromAttributes": {"MailFromDomain": f"bounce-1.{domain}", "MailFromDomainStatus": "SUCCESS"},
    }
