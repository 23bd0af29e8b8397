"""`/v1/inboxes/{id}/channels` and `/v1/channels`: how messages reach an inbox, and what becomes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import read
from chalicelib.model.account import Account
from chalicelib.model.inbox import Channel, ChannelType, Routing, Ticketing
from chalicelib.settings import channels


class SenderAnswer(Struct, frozen=True, kw_only=True):
    """How mail from the channel is signed on the envelope: the values of a fresh install (S25, S29, S33)."""

    use_for_sending: bool
    from_name_mode: Literal["user_and_company", "company"]
    company_name: str
    from_address: str


class ChannelAnswer(Struct, frozen=True, kw_only=True):
    """A channel. `enabled` is what the admins want, `status` what is known of it."""

    id: str
    inbox_id: str
    type: ChannelType
    address: str
    forwarding_address: Annotated[str, Meta(description="Forward or redirect mail to this address (S38, S39).")]
    enabled: bool
    status: Annotated[
        Literal["unknown", "off"], Meta(description="`unknown`: there is no evidence yet that mail arrives.")
    ]
    forwards_to_original_sender: bool
    routing: Routing
    ticketing: Ticketing
    sender: SenderAnswer
    signature: Annotated[str, Meta(description="HTML; empty without a signature.")]
    created_at: str


def shape(channel: Channel, account: Account) -> ChannelAnswer:
    """A channel as everybody who may read its inbox sees it."""
    return ChannelAnswer(
        id=channel.id,
        inbox_id=channel.inbox_id,
        type=channel.type,
        address=channel.address,
        forwarding_address=channel.address,
        enabled=channel.enabled,
        status="unknown" if channel.enabled else "off",
        forwards_to_original_sender=channel.forwards_to_original_sender,
        routing=channel.routing,
        ticketing=channel.ticketing,
        sender=SenderAnswer(
            use_for_sending=False,
            from_name_mode="user_and_company",
            company_name=account.company_name,
            from_address=channel.address,
        ),
        signature="",
        created_at=channel.created_at,
    )


def list_channels(call: Call) -> Listing[ChannelAnswer]:
    """The channels of an inbox (S81)."""
    query: Paging = call.query
    page = read.list_channels(call.caller, call.path["inbox_id"], limit=query.limit, cursor=query.cursor)
    return listing(page, lambda channel: shape(channel, call.caller.account))


def get_channel(call: Call) -> Answered:
    """One channel."""
    channel, _ = read.channel_for(call.caller, call.path["channel_id"])
    return Answered(shape(channel, call.caller.account), channel.version)


def patch_channel(call: Call) -> Answered:
    """A channel's settings, whole or not at all (S70)."""
    before, _ = read.channel_for(call.caller, call.path["channel_id"])
    after = patched(channels.settings_of(before), call.body)
    channel = channels.change(call.caller, before, after, call.accepted_versions)
    return Answered(shape(channel, call.caller.account), channel.version)
