"""Looking up DNS for channels: each name once a run, only so many of them, and each channel's once an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.model.health import ChannelHealth, Observation
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.sending_domain import SendingDomain
from chalicelib.reconcile.evidence import unseen, world
from chalicelib.reconcile.evidence.world import Answers
from chalicelib.storage import aws, dns

EVERY = timedelta(hours=1)
MOST = 200  # questions of one run: each may take as long as a resolver may be silent


class Seen(Struct, frozen=True):
    """What DNS says of both directions."""

    incoming: tuple[Observation, ...] = ()
    outgoing: tuple[Observation, ...] = ()


class World:
    """The world's name servers, as one run asks them."""

    def __init__(self, most: int = MOST) -> None:
        self._left = most
        self._known: dict[tuple[str, str], Answers] = {}

    def look(self, channel: Channel, domain: SendingDomain | None, before: ChannelHealth | None, now: datetime) -> Seen:
        """What is to be seen of a channel; what was seen within the hour, or has to wait, is not looked at again."""
        at = stamp(now)
        if before is not None and self._is_recent(before, now):
            return _not_now(before, at)
        wanted = 1 + len(domain.records if domain else ())
        if self._left < wanted:
            return _not_now(before, at) if before else Seen()
        team = channel.type is ChannelType.TEAM_EMAIL
        name = channel.address.rpartition("@")[2]
        answers = self._ask(name, "MX")
        mx = world.team_mail(name, answers, at) if team else world.own_mail(name, aws.region(), answers, at)
        records = domain.records if domain else ()
        found = tuple(world.published(each, self._ask(each.name, each.type), at) for each in records)
        return Seen((mx,), found)

    def _ask(self, name: str, kind: str) -> Answers:
        if (name, kind) not in self._known:
            self._left -= 1
            self._known[name, kind] = dns.ask(name, kind)
        return self._known[name, kind]

    @staticmethod
    def is_news(before: ChannelHealth | None, after: ChannelHealth) -> bool:
        """Whether DNS was asked, which has to be written: else the next run would ask again."""
        known = {each.at for each in before.incoming.evidence if each.check == "mx"} if before else set()
        return any(
            each.check == "mx" and each.in_order is not None and each.at not in known
            for each in after.incoming.evidence
        )

    @staticmethod
    def _is_recent(before: ChannelHealth, now: datetime) -> bool:
        return any(
            each.check == "mx" and each.in_order is not None and now - datetime.fromisoformat(each.at) < EVERY
            for each in before.incoming.evidence
        )


def _not_now(before: ChannelHealth | None, at: str) -> Seen:
    """The same checks as not looked at, so that their last sight counts on."""
    if before is None:
        return Seen()

    def again(evidence: tuple[Observation, ...]) -> tuple[Observation, ...]:
        return tuple(unseen(each.check, at) for each in evidence if each.check == "mx" or each.check.startswith("dns_"))

    return Seen(again(before.incoming.evidence), again(before.outgoing.evidence))
