"""Inboxes, their channels, and the addresses that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from chalicelib.model.audit import AuditEntry
from chalicelib.model.inbox import Channel, ChannelType, Inbox
from chalicelib.model.page import Page
from chalicelib.storage import audit, channel_keys, from_names, inbox_room, keys, signature_images, table
from chalicelib.storage.tables import AccountRow, AddressRow, ChannelRow, InboxRow, Row, TeamAddressRow
from chalicelib.storage.updates import set_or_remove


class Sight:
    """The inboxes that somebody sees, learned as far as a list needs them: those of its page, a request a hundred.

    So a page costs the same however many inboxes an account has. Consistent: a change of access holds from the next
    request on (S17).
    """

    def __init__(self, account_id: str, sees: Callable[[Inbox], bool]) -> None:
        self.account_id, self._sees = account_id, sees
        self._known: dict[str, Inbox | None] = {}

    def look(self, inbox_ids: Iterable[str]) -> None:
        """Read those of these inboxes that are not known yet."""
        new = [each for each in dict.fromkeys(inbox_ids) if each not in self._known]
        for start in range(0, len(new), table.MOST_READS):
            wanted = {keys.inbox(self.account_id, each): each for each in new[start : start + table.MOST_READS]}
            found = table.get_many(wanted, consistent=True)
            self._known |= dict.fromkeys(wanted.values())
            self._known |= {wanted[key]: inbox_of(row) for key, row in found.items()}

    def get(self, inbox_id: str) -> Inbox | None:
        """An inbox that was looked at, if it is there and in sight."""
        inbox = self._known[inbox_id]
        return inbox if inbox is not None and self._sees(inbox) else None

    def __contains__(self, inbox_id: object) -> bool:
        return isinstance(inbox_id, str) and self.get(inbox_id) is not None


def look_at_inboxes(sight: Sight) -> Callable[[Sequence[Any]], None]:
    """For a page of rows that each lie in one inbox: look at those inboxes."""
    return lambda rows: sight.look(row.inbox_id for row in rows)


def inbox_row(inbox: Inbox) -> InboxRow:
    """An inbox's row."""
    return table.to_row(
        InboxRow,
        keys.inbox(inbox.account_id, inbox.id),
        inbox,
        list_pk=keys.list_of_inboxes(inbox.account_id),
        list_sk=keys.list_position(inbox.created_at, inbox.id),
    )


def channel_row(channel: Channel) -> ChannelRow:
    """A channel's row."""
    return table.to_row(
        ChannelRow,
        keys.channel(channel.account_id, channel.id),
        channel,
        list_pk=keys.list_of_channels(channel.account_id, channel.inbox_id),
        list_sk=keys.list_position(channel.created_at, channel.id),
        person_pk=channel_keys.observed(channel.id),
        person_sk=keys.list_position(channel.account_id, channel.id),
    )


def address_row(channel: Channel) -> AddressRow:
    """What leads from a channel's address to the channel."""
    return AddressRow(
        *keys.address(channel.receives_at),
        account_id=channel.account_id,
        address=channel.receives_at,
        channel_id=channel.id,
        inbox_id=channel.inbox_id,
    )


def inbox_of(row: Row) -> Inbox:
    """An inbox from its row."""
    return table.to_value(Inbox, row)


def channel_of(row: Row) -> Channel:
    """A channel from its row."""
    return table.to_value(Channel, row)


def get_inbox(account_id: str, inbox_id: str) -> Inbox | None:
    """One inbox, or None; consistent, since a change of access holds from the next request on (S17)."""
    row = table.get(InboxRow, keys.inbox(account_id, inbox_id), consistent=True)
    return inbox_of(row) if row else None


def get_channel(account_id: str, channel_id: str) -> Channel | None:
    """One channel, or None."""
    row = table.get(ChannelRow, keys.channel(account_id, channel_id), consistent=True)
    return channel_of(row) if row else None


def all_inboxes(account_id: str) -> list[Inbox]:
    """Every inbox of the account, consistent: a change of access holds from the next request on (S17)."""
    return [inbox_of(row) for row in table.query_all(InboxRow, account_id, "INBOX#", consistent=True)]


def all_channels(account_id: str) -> list[Channel]:
    """Every channel of the account, as they are now: a megabyte a request, for what is rarely done."""
    return [channel_of(row) for row in table.query_all(ChannelRow, account_id, "CHANNEL#", consistent=True)]


def page_of_inboxes(sight: Sight, *, limit: int, cursor: str | None) -> Page[Inbox]:
    """The inboxes of an account that are in sight, oldest first, as they are now."""
    return table.page(
        table.BY_LIST,
        [keys.list_of_inboxes(sight.account_id)],
        limit=limit,
        cursor=cursor,
        read=lambda row: sight.get(inbox_of(row).id),
        look=lambda rows: sight.look(inbox_of(row).id for row in rows),
        newest_first=False,
    )


def page_of_channels(account_id: str, inbox_id: str, *, limit: int, cursor: str | None) -> Page[Channel]:
    """The channels of an inbox, oldest first."""
    return table.page(
        table.BY_LIST,
        [keys.list_of_channels(account_id, inbox_id)],
        limit=limit,
        cursor=cursor,
        read=channel_of,
        newest_first=False,
    )


def put_channel(writes: table.Transaction, channel: Channel, folded_name: str | None) -> None:
    """Store a channel, and all that leads to it, as part of a transaction. `folded_name`: its from name (S30)."""
    writes.put(channel_row(channel))
    claim_address(writes, channel, channel.receives_at)
    if channel.type is ChannelType.TEAM_EMAIL:
        key = keys.team_address(channel.account_id, channel.address)
        writes.put(TeamAddressRow(*key, account_id=channel.account_id, channel_id=channel.id))
    if folded_name is not None:
        from_names.claim(writes, channel, folded_name)


def claim_address(writes: table.Transaction, channel: Channel, address: str) -> None:
    """Let an address of ours lead to a channel: one that is free, its own, or that of a disconnected one."""
    row = AddressRow(
        *keys.address(address),
        account_id=channel.account_id,
        address=address,
        channel_id=channel.id,
        inbox_id=channel.inbox_id,
    )
    own = AddressRow.channel_id == channel.id
    given_back = (AddressRow.account_id == channel.account_id) & (AddressRow.released == True)  # noqa: E712
    writes.put(row, table.ABSENT | own | given_back)


def add_inbox(
    inbox: Inbox, channel: Channel | None, folded_name: str | None = None, *, noted: Iterable[AuditEntry]
) -> None:
    """Store an inbox and its first channel, which has the from name `folded_name`, and the audit log: all or nothing.

    `LostRace` when the id, the address or the name is taken, or the plan has no room any more.
    """
    writes = table.Transaction()
    inbox_room.take(writes, inbox.account_id)
    writes.put(inbox_row(inbox))
    if channel is not None:
        put_channel(writes, channel, folded_name)
    for entry in noted:
        audit.note(writes, entry)
    writes.commit("add an inbox")


def change_inbox(before: Inbox, after: Inbox, noted: AuditEntry) -> None:
    """Write name, access and whether it is archived in one save (S77), and the audit log.

    `LostRace` when the stored version is not that of `before`.
    """
    writes = table.Transaction()
    writes.update(
        InboxRow,
        keys.inbox(before.account_id, before.id),
        [
            InboxRow.name.set(after.name),
            InboxRow.access.set(msgspec.to_builtins(after.access)),
            InboxRow.version.set(after.version),
            set_or_remove(InboxRow.archived_at, after.archived_at),
        ],
        InboxRow.version == before.version,
    )
    if (before.archived_at is None) != (after.archived_at is None):
        # Whoever files a mail has the account at hand, and so knows without a further request.
        archived, ids = AccountRow.archived_inbox_ids, {after.id}
        listed = archived.add(ids) if after.archived_at else archived.delete(ids)
        writes.update(AccountRow, keys.account(after.account_id), [listed])
    if before.archived_at is not None and after.archived_at is None:
        inbox_room.take(writes, after.account_id)
    audit.note(writes, noted)
    writes.commit("change an inbox")


def change_channel(
    before: Channel,
    after: Channel,
    noted: AuditEntry,
    *,
    release: str | None = None,
    claim: str | None = None,
    account_name: str | None = None,
) -> None:
    """Write a channel's settings in one save (S70), and the audit log.

    `release`, `claim`: the from name that the channel gives back and the one it takes, as they are compared (S30).
    `account_name`: what the account is called, where the channel's name follows from it. `LostRace` when the stored
    version is not that of `before`, another channel has the name, or the account is called otherwise by now.
    """
    writes = table.Transaction()
    if account_name is not None:
        writes.check(keys.account(before.account_id), AccountRow.company_name == account_name)
    unchanged = ChannelRow.version == before.version
    if "cid:" in after.signature:  # what it shows is to be there still
        unchanged &= signature_images.unchanged(before)
    writes.update(
        ChannelRow,
        keys.channel(before.account_id, before.id),
        [
            ChannelRow.enabled.set(after.enabled),
            ChannelRow.forwards_to_original_sender.set(after.forwards_to_original_sender),
            ChannelRow.routing.set(msgspec.to_builtins(after.routing)),
            ChannelRow.ticketing.set(msgspec.to_builtins(after.ticketing)),
            ChannelRow.sender.set(msgspec.to_builtins(after.sender)),
            ChannelRow.signature.set(after.signature),
            ChannelRow.address.set(after.address),
            ChannelRow.former_addresses.set(msgspec.to_builtins(after.former_addresses)),
            ChannelRow.acknowledgement.set(msgspec.to_builtins(after.acknowledgement)),
            ChannelRow.version.set(after.version),
        ],
        unchanged,
    )
    if after.address != before.address:
        claim_address(writes, after, after.address)
    if release is not None:
        from_names.release(writes, before, release)
    if claim is not None:
        from_names.claim(writes, after, claim)
    audit.note(writes, noted)
    writes.commit("change a channel")
