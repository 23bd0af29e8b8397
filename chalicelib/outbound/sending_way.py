"""Through which channel a mail leaves now: the conversation's own, or a fallback address that stands in for it (S24).

A team address needs its inbox's fallback address while it is disconnected, removed, or its domain does not let us send
yet; as soon as that is over it is used again, without anybody acting. Settings are read now, for this mail (S71).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.model.account import User
from chalicelib.model.conversation import Reason
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.sending_domain import SendingDomain
from chalicelib.outbound.choose_sender import (
    SenderIdentity,
    choose_sender,
    domain_of,
    refused_because,
    stand_in_because,
)
from chalicelib.storage import inboxes, sending_domains

MOST = 100  # channels of an inbox among which a fallback is looked for


class Way(Struct, frozen=True):
    """How mail of `channel` leaves. With `because` it cannot itself; then `fallback` stands in, if there is one.

    `domains`: of those that matter here, the ones that the account has claimed.
    """

    channel: Channel
    fallback: Channel | None = None
    because: Reason | None = None
    domains: dict[str, SendingDomain] = {}

    @property
    def verified(self) -> frozenset[str]:
        """The domains that mail may leave from."""
        return sending_domains.verified(self.domains)

    @property
    def acting(self) -> Channel:
        """The channel that mail leaves through, and that answers to it come back to."""
        return self.fallback or self.channel

    def sender(self, user: User | None, company_name: str) -> SenderIdentity:
        """In whose name a mail by `user` leaves; `company_name` is the account's."""
        return choose_sender(
            self.channel, user, company_name, self.fallback, verified=self.verified, stands_in_because=self.because
        )

    @property
    def refused(self) -> Reason | None:
        """Why no mail may leave, or None (S25, S28, S86)."""
        if self.because is None:
            return refused_because(self.channel)
        is_team = self.channel.type is ChannelType.TEAM_EMAIL
        if is_team and self.channel.disconnected_at is None:
            refused = refused_because(self.channel)  # what the admin switched off stays off
            if refused is not None:
                return refused
        if self.fallback is None:
            text = f"{self.because.text} The inbox has no fallback address that could stand in. Connect one."
            return Reason("no_fallback_address", text)
        return refused_because(self.fallback, takes_over=is_team)


def find_way(channel: Channel, inbox_id: str) -> Way:
    """How mail of a conversation in an inbox leaves now. A fallback address that sends as itself costs no request."""
    domains = sending_domains.find_many(channel.account_id, domains_of(channel))
    return _with_stand_in(channel, domains, inbox_id)


def find_ways(channels: Sequence[Channel]) -> dict[str, Way]:
    """The same for channels in their own inboxes, by id; their domains are read in one request."""
    wanted = {domain for channel in channels for domain in domains_of(channel)}
    account_id = channels[0].account_id if channels else ""
    domains = sending_domains.find_many(account_id, sorted(wanted))
    return {channel.id: _with_stand_in(channel, domains, channel.inbox_id) for channel in channels}


def _with_stand_in(channel: Channel, domains: dict[str, SendingDomain], inbox_id: str) -> Way:
    because = stand_in_because(channel, sending_domains.verified(domains))
    if because is None:
        return Way(channel, domains=domains)
    page = inboxes.page_of_channels(channel.account_id, inbox_id, limit=MOST, cursor=None)
    fallbacks = [each for each in page.items if each.type is ChannelType.FALLBACK_EMAIL and each.id != channel.id]
    fallback = next((each for each in fallbacks if each.enabled), None)
    if fallback is not None:
        domains = domains | sending_domains.find_many(channel.account_id, domains_of(fallback) - domains.keys())
    return Way(channel, fallback, because, domains)


def domains_of(channel: Channel) -> set[str]:
    """The domains whose state matters for a channel's mail: of a team address, and of a custom from address. Pure."""
    own = {channel.address} if channel.type is ChannelType.TEAM_EMAIL else set()
    custom = {channel.sender.from_address} if channel.sender.from_address is not None else set()
    return {domain_of(address) for address in own | custom}
