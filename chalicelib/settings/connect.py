"""Channels connected to an inbox (S13, S82), and disconnected: their history stays, mail for them gets a verdict."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, LostRace
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Channel, ChannelType, Inbox
from chalicelib.settings import domains
from chalicelib.settings.channel_types import Form
from chalicelib.settings.new_channel import claimed_name, connected, prepare, proposals, require_free
from chalicelib.settings.versions import saving
from chalicelib.storage import channels, from_names, inboxes


def connect(caller: Caller, inbox: Inbox, form: Form, channel_id: str, now: datetime) -> Channel:
    """Connect a channel; with the id of one that the inbox has already, that one.

    `Conflict`: the inbox is archived, or an address, the from name or the domain is taken. `Refused`: the address
    cannot be a channel's.
    """
    require_not_archived(inbox)
    made = inboxes.get_channel(caller.account_id, channel_id)
    if made is not None and made.inbox_id == inbox.id and made.disconnected_at is None:
        return made
    for proposed in proposals(caller.account, inbox, form, channel_id, now):
        channel = replace(proposed, connected_by=caller.user.id)
        require_free(caller, channel)
        prepare(caller, channel, now)
        try:
            channels.connect(channel, claimed_name(channel, caller.account), connected(caller, channel))
        except LostRace:
            continue
        return channel
    raise Conflict("Somebody else was quicker. Try again.")


def require_not_archived(inbox: Inbox) -> None:
    """Raise `Conflict` for an inbox that is archived: it can be read and no more."""
    if inbox.archived_at is not None:
        raise Conflict("The inbox is archived. Restore it first.", code="inbox_archived")


def disconnect(caller: Caller, before: Channel, now: datetime) -> None:
    """Disconnect a channel. Its conversations stay, and are answered from the inbox's fallback address (S24).

    `Conflict`: the default inbox always keeps one fallback address (S8), or somebody changed the channel just now.
    """
    left = _left_fallback(before)
    is_default = before.inbox_id == caller.account.default_inbox_id
    if before.type is ChannelType.FALLBACK_EMAIL and is_default and left is None:
        raise Conflict(
            "The default inbox keeps a fallback address, and this is its last. Connect another one first.",
            code="last_fallback_address",
        )
    at = stamp(now)
    after = replace(before, disconnected_at=at, version=before.version + 1)
    gone = replace(connected(caller, before), action="channel.disconnected", at=at)
    noted = replace(gone, before=gone.after, after=None)
    name = claimed_name(before, caller.account)
    holds_it = name is not None and from_names.holders(caller.account_id, [name]).get(name) == before.id
    with saving():
        channels.disconnect(before, after, noted, name=name if holds_it else None, left=left if is_default else None)
    if before.type is ChannelType.TEAM_EMAIL:
        _give_domain_back(caller.account_id, domains.domain_of(before.address))


def _left_fallback(gone: Channel) -> Channel | None:
    page = inboxes.page_of_channels(gone.account_id, gone.inbox_id, limit=100, cursor=None)
    others = (each for each in page.items if each.type is ChannelType.FALLBACK_EMAIL and each.id != gone.id)
    return next(others, None)


def _give_domain_back(account_id: str, domain: str) -> None:
    """Forget a domain that no channel of the account sends from any more."""
    for channel in channels.all_channels(account_id):
        custom = channel.sender.from_address
        if channel.type is ChannelType.TEAM_EMAIL and domains.domain_of(channel.address) == domain:
            return
        if custom is not None and domains.domain_of(custom) == domain:
            return
    domains.give_back(account_id, domain)
