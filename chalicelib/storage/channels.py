"""Channels that come and go: connected with all that leads to them, disconnected so that their history stays.

What leads to a channel: the address of ours that its mail comes to, former ones of these, the from name (S30), and with
a team address a row that keeps it the account's only one.
"""

from __future__ import annotations

from chalicelib.model.audit import AuditEntry
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.storage import audit, from_names, keys, signature_images, table
from chalicelib.storage.inboxes import channel_of, put_channel
from chalicelib.storage.tables import AddressRow, ChannelRow, InboxRow, TeamAddressRow

CONNECTED = ChannelRow.disconnected_at.does_not_exist()


def connect(channel: Channel, folded_name: str | None, noted: AuditEntry) -> None:
    """Store a channel with all that leads to it, in an inbox that is not archived: all or nothing.

    `LostRace` when the id, an address or the from name `folded_name` is taken, or the inbox is archived.
    """
    writes = table.Transaction()
    writes.check(
        keys.inbox(channel.account_id, channel.inbox_id), table.PRESENT & InboxRow.archived_at.does_not_exist()
    )
    put_channel(writes, channel, folded_name)
    audit.note(writes, noted)
    writes.commit("connect a channel")


def address_is_free(account_id: str, address: str) -> bool:
    """Whether a channel of the account could have an address of ours."""
    row = table.get(AddressRow, keys.address(address), consistent=True)
    return row is None or (row.account_id == account_id and bool(row.released))


def holder_of_team_address(account_id: str, address: str) -> str | None:
    """The id of the account's channel that has a team address."""
    row = table.get(TeamAddressRow, keys.team_address(account_id, address), consistent=True)
    return row.channel_id if row else None


def all_channels(account_id: str) -> list[Channel]:
    """Every connected channel of the account, consistent: for what is done seldom."""
    rows = table.query_all(ChannelRow, account_id, "CHANNEL#", consistent=True)
    return [channel_of(row) for row in rows if row.disconnected_at is None]


def disconnect(before: Channel, after: Channel, noted: AuditEntry, *, name: str | None, left: Channel | None) -> None:
    """Take a channel out of the lists, free its addresses and its from name `name`, erase its images: all or nothing.

    Its addresses lead to it until another channel takes them. `left` must be there still. `LostRace` when the stored
    version is not that of `before`, or `left` was disconnected, too.
    """
    writes = table.Transaction()
    writes.update(
        ChannelRow,
        keys.channel(before.account_id, before.id),
        [
            ChannelRow.disconnected_at.set(after.disconnected_at or ""),
            ChannelRow.version.set(after.version),
            ChannelRow.signature_images.remove(),
            *(getattr(ChannelRow, key).remove() for key in ("list_pk", "list_sk", "person_pk", "person_sk")),
        ],
        (ChannelRow.version == before.version) & CONNECTED & signature_images.unchanged(before),
    )
    for address in dict.fromkeys((before.receives_at, *before.former_addresses)):
        still_its_own = AddressRow.channel_id == before.id
        writes.update(AddressRow, keys.address(address), [AddressRow.released.set(True)], still_its_own)
    if before.type is ChannelType.TEAM_EMAIL:
        key = keys.team_address(before.account_id, before.address)
        writes.delete(TeamAddressRow, key, table.ABSENT | (TeamAddressRow.channel_id == before.id))
    if name is not None:
        from_names.release(writes, before, name)
    if left is not None:
        writes.check(keys.channel(left.account_id, left.id), table.PRESENT & CONNECTED)
    images = before.signature_images
    note = signature_images.forget(writes, before, images, noted.at) if images else None
    audit.note(writes, noted)
    writes.commit("disconnect a channel")
    if note is not None:
        signature_images.erase(note)
