"""Which channels a mail arrived at: by the envelope recipients alone, never by To or Cc (Chatwoot 15365)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.inbound.probe_words import is_probe_address, read_token
from chalicelib.inbound.reply_address import looks_signed, read_reply_address
from chalicelib.model.filing import Door, Recipient


class Visit(Struct, frozen=True):
    """One channel the mail arrived at, or one recipient that leads nowhere (`door.channel_id` is None)."""

    door: Door
    recipients: tuple[str, ...]


def take_apart(recipient: str, inbound_domains: Sequence[str]) -> Recipient:
    """Split an address; domains are compared label by label (Discourse CVE-2026-33393)."""
    address = recipient.strip().lower()
    domain = address.rpartition("@")[2].rstrip(".")
    for inbound in inbound_domains:
        label, dot, rest = domain.partition(".")
        if dot and rest == inbound:
            return Recipient(address, domain, label, looks_signed(address) or is_probe_address(address))
    return Recipient(address, domain, None, False)


def open_signed_door(recipient: Recipient, account_id: str, keys: Sequence[bytes], now: datetime) -> Door:
    """Where a reply address leads: to its conversation, or nowhere in the account of its subdomain.

    The address that a probe came from leads to the channel that it tested. `keys` are those whose signatures hold.
    """
    if is_probe_address(recipient.address):
        token = recipient.address.partition("@")[0]
        probe = next(filter(None, (read_token(key, token, account_id) for key in keys)), None)
        if probe is None:
            return Door(recipient.address, account_id=account_id)
        return Door(recipient.address, account_id=account_id, channel_id=probe.channel_id, probe_token=token)
    read = (read_reply_address(key, recipient.address, account_id, now=now) for key in keys)
    found = next(filter(None, read), None)
    if found is None:
        return Door(recipient.address, account_id=account_id)
    return Door(
        recipient.address,
        account_id=account_id,
        channel_id=found.channel_id,
        conversation_id=found.conversation_id,
    )


def visits(doors: Sequence[Door]) -> tuple[Visit, ...]:
    """One visit a channel, in the order of the recipients; a signed door wins over the plain address of its channel."""
    grouped: dict[str, list[Door]] = {}
    for door in doors:
        grouped.setdefault(door.channel_id or f"nowhere:{door.recipient}", []).append(door)
    return tuple(
        Visit(next((door for door in group if door.conversation_id), group[0]), tuple(door.recipient for door in group))
        for group in grouped.values()
    )
