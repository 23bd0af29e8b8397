"""Channels get the addresses that follow from their account's subdomain and plan, one channel after the other.

The subdomain itself changed in one transaction (`accounts.change`); here each channel follows in one of its own. What
it was reached by before stays among its former addresses and leads to it, so it never matters how far this has come:
who dies half-way is followed by the sweep, which finds the account in a list until all of it is done.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from pynamodb.expressions.update import Action

from chalicelib.clock import derived_id
from chalicelib.errors import LostRace, TemporaryFault
from chalicelib.model.account import Account
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.storage import keys, table
from chalicelib.storage.channels import all_channels
from chalicelib.storage.inboxes import claim_address, get_channel
from chalicelib.storage.tables import AccountRow, ChannelRow

TRIES = 8  # of one channel that is changed at the same time


def move_addresses(account: Account, domain: str) -> int:
    """Give every channel of the account an address below `domain`; how many got another one. Can be done again."""
    moved = sum(_move(channel, domain) for channel in all_channels(account.id))
    writes = table.Transaction()
    done: list[Action] = [AccountRow.list_pk.remove(), AccountRow.list_sk.remove()]
    # Another change of the subdomain meanwhile has its own move to make, and stays in the list for it.
    writes.update(AccountRow, keys.account(account.id), done, AccountRow.subdomain == account.subdomain)
    try:
        writes.commit("end a move of addresses")
    except LostRace:
        return moved
    return moved


def _move(channel: Channel | None, domain: str) -> bool:
    for _ in range(TRIES):
        if channel is None or channel.disconnected_at is not None or channel.receives_at.endswith(f"@{domain}"):
            return False
        for address in _addresses(channel, domain):
            try:
                _write(channel, with_address(channel, address))
            except LostRace:
                continue  # the address is another channel's, or the channel has changed
            return True
        channel = get_channel(channel.account_id, channel.id)
    raise TemporaryFault("a channel was changed again and again while it was to get another address")


def _addresses(channel: Channel, domain: str) -> Iterator[str]:
    """The same local part if it is free, else with letters of the channel's id. Pure."""
    local_part = channel.receives_at.rpartition("@")[0]
    yield f"{local_part}@{domain}"
    yield f"{local_part}-{derived_id('', channel.id)[1:7]}@{domain}"


def with_address(channel: Channel, address: str) -> Channel:
    """The channel with another address of ours to receive at; the one it had leads to it still. Pure."""
    former = tuple(dict.fromkeys((*channel.former_addresses, channel.receives_at)))
    changed = replace(
        channel,
        former_addresses=tuple(each for each in former if each != address),
        version=channel.version + 1,
    )
    if channel.type is ChannelType.FALLBACK_EMAIL:
        return replace(changed, address=address)
    return replace(changed, forwarding_address=address)


def _write(before: Channel, after: Channel) -> None:
    writes = table.Transaction()
    actions: list[Action] = [
        ChannelRow.address.set(after.address),
        ChannelRow.former_addresses.set(list(after.former_addresses)),
        ChannelRow.version.set(after.version),
    ]
    if after.forwarding_address is not None:
        actions.append(ChannelRow.forwarding_address.set(after.forwarding_address))
    key = keys.channel(before.account_id, before.id)
    writes.update(ChannelRow, key, actions, ChannelRow.version == before.version)
    claim_address(writes, after, after.receives_at)
    writes.commit("give a channel another address")
