"""The keys of what is observed of channels (`keys.py` has the others).

| item | pk | sk |
|---|---|---|
| what is observed of a channel | `A#CHANNEL#c#HEALTH` | `HEALTH` |
| how that changed | `A#CHANNEL#c#HEALTH#year` | `time#direction` |
| last probe; what left in an hour | `A#CHANNEL#c#PROBE`, `A#CHANNEL#c#TRAFFIC#hour` | `PROBE`, `TRAFFIC` |
"""

from __future__ import annotations

from chalicelib.storage.keys import Key, digest

OBSERVED_LISTS = 16  # of all channels, so that no single index partition takes every one of the installation


def channel_health(account_id: str, channel_id: str) -> Key:
    """What was last observed of a channel."""
    return Key(f"{account_id}#CHANNEL#{channel_id}#HEALTH", "HEALTH")


def health_history(account_id: str, channel_id: str, year: int) -> str:
    """The partition of a year's changes of a channel's status."""
    return f"{account_id}#CHANNEL#{channel_id}#HEALTH#{year}"


def health_change(account_id: str, channel_id: str, at: str, direction: str) -> Key:
    """One change of one direction's status."""
    return Key(f"{account_id}#CHANNEL#{channel_id}#HEALTH#{at[:4]}", f"{at}#{direction}")


def probe(account_id: str, channel_id: str) -> Key:
    """The last probe of a channel."""
    return Key(f"{account_id}#CHANNEL#{channel_id}#PROBE", "PROBE")


def traffic(account_id: str, channel_id: str, hour: str) -> Key:
    """What left through a channel in an hour (`2026-03-02T08`)."""
    return Key(f"{account_id}#CHANNEL#{channel_id}#TRAFFIC#{hour}", "TRAFFIC")


def observed_lists() -> list[str]:
    """`by_person`: every list of channels, of all accounts, that are to be observed."""
    return [f"CHANNELS#{number:02d}" for number in range(OBSERVED_LISTS)]


def observed(channel_id: str) -> str:
    """`by_person`: the one of those lists that a channel is in."""
    return observed_lists()[int(digest(channel_id)[:8], 16) % OBSERVED_LISTS]


def domains_looked_at(state: str) -> str:
    """`by_person`: the domains of that state of all accounts that are sent from, those asked for longest ago first."""
    return f"SENDING-DOMAINS#{state}"


def sweep_step(step: str) -> Key:
    """The position of one step of the scheduled function."""
    return Key("SWEEP", f"STEP#{step}")
