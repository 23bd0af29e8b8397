"""The story of observing channels: gather evidence, decide, tell whom it concerns, write what is new.

The scheduled run goes through all channels page by page and stops when its time is over; the next one goes on there.
`check` does the same for one channel, when somebody asks. A channel's failure stays its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import log
from chalicelib.clock import new_id, stamp
from chalicelib.config import config
from chalicelib.errors import LostRace
from chalicelib.model import limits
from chalicelib.model.evidence import Shared
from chalicelib.model.health import ChannelHealth, HealthDirection, Observation
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.probe import PREFIX, ProbeState
from chalicelib.model.task import ProbeTask
from chalicelib.outbound.notify import notify
from chalicelib.outbound.sending_way import domains_of
from chalicelib.reconcile import alerts
from chalicelib.reconcile.channel_status import changes, decide, is_news
from chalicelib.reconcile.counted import Counted, count
from chalicelib.reconcile.evidence import forwarding, receiving, sending, unseen
from chalicelib.reconcile.gather import PAGE, PageEvidence, gather_page, gather_shared, seen
from chalicelib.reconcile.look_up import World
from chalicelib.reconcile.probes import is_due, next_probe
from chalicelib.storage import accounts, channel_keys, conversations, health, inboxes, people, probes, sweeps
from chalicelib.storage.health import HealthUpdate
from chalicelib.storage.observing import Pace
from chalicelib.storage.queues import enqueue_probe

REFRESH = timedelta(hours=6)  # what is stored may be so old while nothing differs; a sight counts for a day
STEP = "channels"


class ObservingReport(Struct, frozen=True):
    """What one run did; `finished`: it got through all channels."""

    looked_at: int
    changed: int
    failed: int
    probes_sent: int
    finished: bool


def observe_channels(now: datetime, deadline: float, pace: Pace | None = None) -> ObservingReport:
    """Observe channels from where the last run stopped, until all are done or `time.monotonic()` is past `deadline`."""
    shared, world = gather_shared(now, pace or Pace()), World()
    number, cursor = _position()
    looked_at = changed = failed = sent = 0
    counted = Counted()
    while number < channel_keys.OBSERVED_LISTS and time.monotonic() < deadline:
        channels, number, cursor = _next_channels(number, cursor)
        done = _observe_page(channels, shared, world, now)
        looked_at, changed = looked_at + len(channels), changed + done[0]
        failed, sent, counted = failed + done[1], sent + done[2], counted + done[3]
    finished = number == channel_keys.OBSERVED_LISTS
    sweeps.write_position(STEP, None if finished else f"{number} {cursor or ''}")
    report = ObservingReport(looked_at, changed, failed, sent, finished)
    log.metrics(
        "observed",
        {
            "ChannelsObserved": (looked_at, "Count"),
            "ChannelsChanged": (changed, "Count"),
            "ChannelsNotObserved": (failed, "Count"),
            "ProbesSent": (sent, "Count"),
            "ProbesLost": (counted.probes_lost, "Count"),
            "ChannelsDisconnected": (counted.disconnected, "Count"),
            "ChannelsCutOff": (counted.cut_off, "Count"),
        },
        dimensions={"Function": "reconcile"},
        finished=finished,
    )
    return report


def check(channel: Channel, now: datetime) -> ChannelHealth:
    """Observe one channel now, because somebody asked: every kind of evidence, without waiting for a turn."""
    found = gather_page([channel], now)
    before = health.get_health(channel.account_id, channel.id)
    after = _decided(channel, gather_shared(now, Pace(0)), found, before, World(), now, _last_mail(channel, now))
    health.put_health(before, after, changes(before, after))
    return after


def _position() -> tuple[int, str | None]:
    number, _, cursor = (sweeps.read_position_of(STEP) or "0 ").partition(" ")
    return int(number), cursor or None


def _next_channels(number: int, cursor: str | None) -> tuple[list[Channel], int, str | None]:
    """The next page of channels, taken from as many lists as fill it, and where the one after it begins."""
    channels: list[Channel] = []
    while number < channel_keys.OBSERVED_LISTS and len(channels) < PAGE:
        page = health.page_of_channels(number, limit=PAGE - len(channels), cursor=cursor)
        channels += [each for each in page.items if each.disconnected_at is None]
        cursor = page.next
        number += cursor is None
    return channels, number, cursor


def _observe_page(
    channels: Sequence[Channel], shared: Shared, world: World, now: datetime
) -> tuple[int, int, int, Counted]:
    """How many changed their status, could not be observed, and were sent a probe; and what is counted of them."""
    if not channels:
        return 0, 0, 0, Counted()
    found = gather_page(channels, now)
    if found.health is None:  # without the state before, a decision would forget it
        return 0, len(channels), 0, Counted()
    updates: list[HealthUpdate] = []
    failed = sent = 0
    counted = Counted()
    for channel in channels:
        try:
            before = found.health.get(channel.id)
            after = _decided(channel, shared, found, before, world, now)
            counted += count(after, changes(before, after))
            if is_news(before, after, now, REFRESH) or World.is_news(before, after):
                updates.append(HealthUpdate(before, after, changes(before, after)))
            quiet = timedelta(hours=int(config().probe_after_hours))
            if found.probes is not None and is_due(channel, found.probes.get(channel.id), quiet, now):
                sent += _probed(channel, found.probes.get(channel.id), now)
        except Exception as error:
            failed += 1
            log.error("channel_not_observed", error, channel=channel.id)
    lost = health.put_all(updates)
    return sum(bool(each.changes) for each in updates), failed + len(lost), sent, counted


def _probed(channel: Channel, before: ProbeState | None, now: datetime) -> bool:
    try:
        send_probe_to(channel, before, now)
    except LostRace:
        log.info("not_probed_now", channel=channel.id)
        return False
    return True


def send_probe_to(channel: Channel, before: ProbeState | None, now: datetime) -> ProbeState:
    """Begin a probe: its row with what it takes of the limits, then its mail.

    `LostRace`: somebody else began one just now, or the address got as many as it may today.
    """
    probe = next_probe(channel, before, new_id(PREFIX), now)
    probes.put_probe(before, probe, limits.probes(channel.account_id, channel.address), now)
    enqueue_probe(ProbeTask(channel.account_id, channel.id, probe.probe_id))
    return probe


def _decided(
    channel: Channel,
    shared: Shared,
    found: PageEvidence,
    before: ChannelHealth | None,
    world: World,
    now: datetime,
    last_mail: Observation | None = None,
) -> ChannelHealth:
    incoming, outgoing = _observations(channel, shared, found, now)
    last_mail = last_mail or _not_looked_for(before, now)
    incoming += [last_mail] if last_mail is not None else []
    worldly = world.look(channel, found.sending_domain(channel), before, now)
    after = decide(channel, (*incoming, *worldly.incoming), (*outgoing, *worldly.outgoing), before, now)
    return _alerted(channel, after, now)


def _last_mail(channel: Channel, now: datetime) -> Observation | None:
    """When real mail came in last through a fallback address: looked for on demand alone, since it is two requests.

    Of a team address its row tells (`evidence/forwarding.py`).
    """
    if channel.type is not ChannelType.FALLBACK_EMAIL:
        return None
    account_id, inbox_id = channel.account_id, channel.inbox_id
    at = seen("last_mail", lambda: conversations.last_mail_in(account_id, inbox_id, channel.id))
    return receiving.last_mail(at, stamp(now))


def _not_looked_for(before: ChannelHealth | None, now: datetime) -> Observation | None:
    """The same where it was not looked for now: what was found on demand counts on for its day."""
    evidence = before.incoming.evidence if before else ()
    known = any(each.check == receiving.LAST_MAIL and each.in_order for each in evidence)
    return unseen(receiving.LAST_MAIL, stamp(now)) if known else None


def _observations(
    channel: Channel, shared: Shared, found: PageEvidence, now: datetime
) -> tuple[list[Observation], list[Observation]]:
    incoming = list(receiving.observe(channel.receives_at, config().mail_bucket, shared))
    if channel.type is ChannelType.TEAM_EMAIL and found.probes is not None:
        incoming.append(forwarding.observe(channel, found.probes.get(channel.id), stamp(now)))
        incoming.append(sending.suppression(channel.address, shared.suppressed, shared.at))
    traffic = found.traffic.get(channel.id) if found.traffic is not None else None
    if found.domains is None and domains_of(channel):
        shared = replace(shared, identities=None)  # without its domains it is not known where its mail leaves from
    return incoming, list(sending.observe(found.sends_from(channel), shared, found.sending_domain(channel), traffic))


def _alerted(channel: Channel, after: ChannelHealth, now: datetime) -> ChannelHealth:
    """The state with who was told noted in it. A mail that cannot be sent now is tried by the next run."""
    for direction in HealthDirection:
        shown = getattr(after, direction.value)
        if direction is HealthDirection.OUTGOING and not channel.sender.use_for_sending:
            continue
        kind = alerts.due(shown, now)
        if kind is not None and not seen("alert", lambda: _tell(channel, after, direction, kind, now)):  # noqa: B023
            continue
        after = replace(after, **{direction.value: alerts.told(shown, kind, now)})
    return after


def _tell(
    channel: Channel, after: ChannelHealth, direction: HealthDirection, kind: alerts.AlertKind, now: datetime
) -> bool:
    account = accounts.read(channel.account_id)
    inbox = inboxes.get_inbox(channel.account_id, channel.inbox_id)
    if account is None or inbox is None:
        return True
    mail = alerts.written(channel, account, direction, getattr(after, direction.value), kind)
    for user in alerts.recipients(people.list_users(channel.account_id), channel.connected_by, inbox.access):
        notify(
            channel.account_id,
            user.id,
            mail.kind,
            mail.subject,
            mail.text,
            now,
            about=mail.about,
            channel_id=channel.id,
        )
    log.info("alerted", channel=channel.id, kind=kind, because=getattr(after, direction.value).because.code)
    return True
