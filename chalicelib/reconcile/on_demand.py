"""What people ask of a channel's status: to look again, to send a probe, and how the whole account does."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from msgspec import Struct

from chalicelib.conversations.read import channel_for
from chalicelib.errors import Conflict, LostRace, Refused, TooManyRequests
from chalicelib.model import limits
from chalicelib.model.caller import Caller
from chalicelib.model.health import ChannelHealth, ChannelStatus, HealthChange, overall
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.limits import CHECKS_OF_ACCOUNT, Budget, Spending
from chalicelib.model.page import Page
from chalicelib.model.probe import ProbeState
from chalicelib.outbound.refresh_domain import refresh_of
from chalicelib.outbound.sending_way import domains_of
from chalicelib.reconcile.observe import check, send_probe_to
from chalicelib.reconcile.probes import MOST_A_DAY, is_under_way, left_today
from chalicelib.storage import health, inboxes, probes, table
from chalicelib.storage.limits import require_room, spend

MOST_TROUBLES = 100  # told of in an overview
NEEDS_SOMEBODY = (ChannelStatus.DISCONNECTED, ChannelStatus.DEGRADED, ChannelStatus.PENDING)  # the worst first


class Overview(Struct, frozen=True):
    """How many channels of an account are in which status, and those that need somebody, the worst first."""

    counts: dict[ChannelStatus, int]
    troubles: tuple[tuple[Channel, ChannelStatus], ...]


def status_of(channel: Channel) -> ChannelStatus:
    """One word for a channel."""
    return overall(channel.observed, enabled=channel.enabled, sends=channel.sender.use_for_sending)


def health_of(caller: Caller, channel_id: str) -> tuple[Channel, ChannelHealth | None, ProbeState | None]:
    """A channel with what was last observed of it, and its last probe."""
    channel, _ = channel_for(caller, channel_id)
    probe = probes.get_probe(channel.account_id, channel.id) if channel.type is ChannelType.TEAM_EMAIL else None
    return channel, health.get_health(channel.account_id, channel.id), probe


def history_of(caller: Caller, channel_id: str, now: datetime, *, limit: int, cursor: str | None) -> Page[HealthChange]:
    """How the status changed, newest first."""
    channel, _ = channel_for(caller, channel_id)
    years = tuple(range(now.year, int(channel.created_at[:4]) - 1, -1))
    return health.page_of_history(channel.account_id, channel.id, years, limit=limit, cursor=cursor)


def check_now(caller: Caller, channel_id: str, now: datetime) -> None:
    """Look at everything now. `TooManyRequests`: it was asked for often within the hour."""
    channel, _ = channel_for(caller, channel_id)
    writes = table.Transaction()
    spend(writes, (Spending(CHECKS_OF_ACCOUNT, caller.account_id),), now)
    try:
        writes.commit("count a check")
    except LostRace as error:
        raise TooManyRequests(
            f"An account's channels can be checked {CHECKS_OF_ACCOUNT.most} times an hour on demand. They are looked "
            "at every few minutes anyway.",
            retry_after=CHECKS_OF_ACCOUNT.seconds_left(now),
        ) from error
    refresh_of(channel.account_id, domains_of(channel), now)
    try:
        check(channel, now)
    except LostRace as error:
        raise Conflict("Somebody else checks the channel just now. Read its health.") from error


def probe_now(caller: Caller, channel_id: str, now: datetime) -> ProbeState:
    """Send a probe. `Refused`: there is nothing to prove; `TooManyRequests`: no more today; `Conflict`: one is out."""
    channel, _ = channel_for(caller, channel_id)
    if channel.type is not ChannelType.TEAM_EMAIL:
        raise Refused(
            "Only a team address has a forwarding that a probe can test; mail for this one comes straight here.",
            code="nothing_to_probe",
        )
    if not channel.enabled or channel.disconnected_at is not None:
        raise Refused("The channel is switched off. Switch it on first.", code="channel_off")
    before = probes.get_probe(channel.account_id, channel.id)
    if is_under_way(before, now):
        raise Conflict("A probe is on its way. Wait until it is back, or half an hour.", code="probe_under_way")
    if left_today(before, now) <= 0:
        raise TooManyRequests(
            f"At most {MOST_A_DAY} probes a day are sent to an address. Try again tomorrow.",
            retry_after=Budget("probes", MOST_A_DAY).seconds_left(now),
        )
    try:
        return send_probe_to(channel, before, now)
    except LostRace as error:
        spendings = limits.probes(channel.account_id, channel.address)
        require_room(spendings, now, "This address got as many probes today as it may. Try again tomorrow.")
        raise Conflict("A probe was sent just now.", code="probe_under_way") from error


def overview(caller: Caller) -> Overview:
    """All channels of the account, from the copies of their statuses: requests grow with megabytes of channels."""
    channels = [each for each in inboxes.all_channels(caller.account_id) if each.disconnected_at is None]
    told = [(each, status_of(each)) for each in channels]
    order = list(NEEDS_SOMEBODY)
    troubles = [each for each in told if each[1] in order]
    troubles.sort(key=lambda each: order.index(each[1]))
    return Overview(dict(Counter(status for _, status in told)), tuple(troubles[:MOST_TROUBLES]))
