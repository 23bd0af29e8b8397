"""Which channel holds which from name of its account: one row a name, so that no two channels can hold one (S30)."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.model.inbox import Channel
from chalicelib.storage import keys, table
from chalicelib.storage.tables import FromNameRow


def claim(writes: table.Transaction, channel: Channel, folded: str) -> None:
    """Take a name for a channel; the transaction fails when another channel holds it."""
    key = keys.from_name(channel.account_id, folded)
    row = FromNameRow(*key, account_id=channel.account_id, channel_id=channel.id)
    writes.put(row, table.ABSENT | (FromNameRow.channel_id == channel.id))


def release(writes: table.Transaction, channel: Channel, folded: str) -> None:
    """Give a channel's name back; the transaction fails when another channel holds it."""
    held = table.ABSENT | (FromNameRow.channel_id == channel.id)
    writes.delete(FromNameRow, keys.from_name(channel.account_id, folded), held)


def holders(account_id: str, folded: Iterable[str]) -> dict[str, str]:
    """Of these names the ones that are held, each with the id of its channel; one request, consistent."""
    wanted = {keys.from_name(account_id, name): name for name in folded}
    rows = table.get_many(wanted, consistent=True)
    return {wanted[key]: row.channel_id for key, row in rows.items() if isinstance(row, FromNameRow)}
