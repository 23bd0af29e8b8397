"""The state of channels as stored: conditional, with a copy on the channel, in few requests."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chalicelib.errors import LostRace
from chalicelib.model.conversation import Reason
from chalicelib.model.health import (
    ChannelHealth,
    ChannelStatus,
    DirectionHealth,
    HealthChange,
    HealthDirection,
    ObservedStatus,
    overall,
)
from chalicelib.storage import channel_keys, health, inboxes
from chalicelib.storage.health import HealthUpdate
from tests.post.meter import metered
from tests.post.office import Office

AT = "2026-03-02T08:00:00.000Z"


def state(office: Office, channel_id: str, status: ChannelStatus) -> ChannelHealth:
    direction = DirectionHealth(status, Reason("code", "text"), AT)
    return ChannelHealth(office.account_id, channel_id, direction, direction, AT)


def change(office: Office, channel_id: str, at: str, after: ChannelStatus) -> HealthChange:
    return HealthChange(
        office.account_id,
        channel_id,
        at,
        HealthDirection.INCOMING,
        ChannelStatus.UNKNOWN,
        after,
        Reason("code", "text"),
    )


def test_a_state_is_read_as_it_was_written_and_stands_with_the_channel(office: Office) -> None:
    before = office.channel()
    assert health.get_health(office.account_id, office.channel_id) is None
    written = state(office, office.channel_id, ChannelStatus.WORKING)
    health.put_health(None, written)
    assert health.get_health(office.account_id, office.channel_id) == written
    assert health.get_many([before]) == {office.channel_id: written}
    after = office.channel()
    assert after == replace(before, observed=ObservedStatus(ChannelStatus.WORKING, ChannelStatus.WORKING))


def test_of_two_who_observe_at_once_one_loses(office: Office) -> None:
    first = state(office, office.channel_id, ChannelStatus.WORKING)
    health.put_health(None, first)
    with pytest.raises(LostRace):
        health.put_health(None, first)
    second = replace(first, version=2)
    health.put_health(first, second)
    with pytest.raises(LostRace):
        health.put_health(first, second)


def test_observing_does_not_get_in_the_way_of_whoever_saves_settings(office: Office) -> None:
    read = office.channel()
    health.put_health(None, state(office, office.channel_id, ChannelStatus.DEGRADED))
    inboxes.change_channel(
        read, replace(read, enabled=False, version=read.version + 1), office.noted("channel.changed", read.id)
    )
    assert office.channel().observed.incoming is ChannelStatus.DEGRADED
    assert not office.channel().enabled


def test_history_is_listed_newest_first_over_years(office: Office) -> None:
    times = ["2025-12-31T23:00:00.000Z", "2026-01-01T01:00:00.000Z", "2026-03-01T00:00:00.000Z"]
    states = [ChannelStatus.WORKING, ChannelStatus.DISCONNECTED, ChannelStatus.WORKING]
    changes = [change(office, office.channel_id, *each) for each in zip(times, states, strict=True)]
    health.put_health(None, state(office, office.channel_id, ChannelStatus.WORKING), changes)
    first = health.page_of_history(office.account_id, office.channel_id, (2026, 2025), limit=2, cursor=None)
    rest = health.page_of_history(office.account_id, office.channel_id, (2026, 2025), limit=2, cursor=first.next)
    assert [*first.items, *rest.items] == changes[::-1]
    assert rest.next is None


def test_many_are_written_in_few_requests_and_one_lost_race_stays_alone(office: Office) -> None:
    channels = [office.add_channel(f"c{number}") for number in range(60)]
    updates = [HealthUpdate(None, state(office, each.id, ChannelStatus.WORKING)) for each in channels]
    with metered() as bill:
        assert health.put_all(updates) == []
    assert bill.dynamodb == 2  # two items each, a hundred in a request
    stale = replace(updates[7].after, version=9)
    again = [HealthUpdate(each.after, replace(each.after, version=2)) for each in updates]
    again[7] = HealthUpdate(stale, replace(stale, version=10))
    assert health.put_all(again) == [again[7]]
    stored = health.get_many(channels)
    assert [stored[each.id].version for each in channels] == [1 if number == 7 else 2 for number in range(60)]


def test_all_channels_are_listed_for_the_scheduled_run_a_page_a_request(office: Office) -> None:
    added = {office.add_channel(f"c{number}").id for number in range(20)} | {office.channel_id}
    found = [
        channel.id
        for number in range(len(channel_keys.observed_lists()))
        for channel in health.page_of_channels(number, limit=100, cursor=None).items
    ]
    assert set(found) >= added
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("incoming", "outgoing", "enabled", "sends", "word"),
    [
        ("working", "working", True, True, "working"),
        ("working", "disconnected", True, True, "disconnected"),
        ("working", "disconnected", True, False, "working"),
        ("degraded", "pending", True, True, "degraded"),
        ("unknown", "working", True, True, "unknown"),
        ("disconnected", "disconnected", False, True, "off"),
    ],
)
def test_S81_one_word_for_a_channel(incoming: str, outgoing: str, enabled: bool, sends: bool, word: str) -> None:
    observed = ObservedStatus(ChannelStatus(incoming), ChannelStatus(outgoing))
    assert overall(observed, enabled=enabled, sends=sends) == word
