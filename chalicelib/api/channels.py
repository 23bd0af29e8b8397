"""`/v1/inboxes/{id}/channels` and `/v1/channels`: how messages reach an inbox, and what becomes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import read
from chalicelib.model.account import Account
from chalicelib.model.health import ChannelStatus, overall
from chalicelib.model.inbox import Channel, ChannelType, FromNameMode, Routing, Ticketing
from chalicelib.outbound.choose_sender import choose_sender, is_proven
from chalicelib.settings import channels
from chalicelib.settings.signatures import warning_of


class SenderAnswer(Struct, frozen=True, kw_only=True):
    """In whose name mail leaves (S25, S29, S33). `from_address` is what is set, `sends_from` what is used now."""

    use_for_sending: bool
    from_name_mode: FromNameMode
    company_name: str
    from_address: str
    from_address_status: Annotated[
        Literal["own", "unproven", "proven"],
        Meta(description="`own`: the channel's. `unproven`: not used until somebody has shown to control it (S37)."),
    ]
    sends_from: str


class ChannelAnswer(Struct, frozen=True, kw_only=True):
    """A channel. `enabled` is what the admins want, `status` what is known of it."""

    id: str
    inbox_id: str
    type: ChannelType
    address: str
    forwarding_address: Annotated[str, Meta(description="Forward or redirect mail to this address (S38, S39).")]
    enabled: bool
    status: Annotated[
        ChannelStatus, Meta(description="What is observed, the worse of both directions; why: see its `/health`.")
    ]
    forwards_to_original_sender: bool
    routing: Routing
    ticketing: Ticketing
    sender: SenderAnswer
    signature: Annotated[str, Meta(description="HTML; empty without a signature.")]
    signature_warning: Annotated[str, Meta(description="For whoever edits the HTML (S45).")] | None
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
        status=overall(channel.observed, enabled=channel.enabled, sends=channel.sender.use_for_sending),
        forwards_to_original_sender=channel.forwards_to_original_sender,
        routing=channel.routing,
        ticketing=channel.ticketing,
        sender=shape_sender(channel, account),
        signature=channel.signature,
        signature_warning=warning_of(channel.signature),
        created_at=channel.created_at,
    )


def shape_sender(channel: Channel, account: Account) -> SenderAnswer:
    """A channel's sender, with what follows from it for the next mail."""
    sender, custom = channel.sender, channel.sender.from_address is not None
    return SenderAnswer(
        use_for_sending=sender.use_for_sending,
        from_name_mode=sender.from_name_mode,
        company_name=sender.company_name or account.company_name,
        from_address=sender.from_address or channel.address,
        from_address_status=("proven" if is_proven(channel) else "unproven") if custom else "own",
        sends_from=choose_sender(channel, None, account.company_name).from_.address,
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
    channel = channels.change(call.caller, before, after, call.accepted_versions, call.now)
    return Answered(shape(channel, call.caller.account), channel.version)
