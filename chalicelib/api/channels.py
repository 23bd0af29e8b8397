"""`/v1/inboxes/{id}/channels` and `/v1/channels`: how messages reach an inbox, and what becomes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.channel_types import form_of
from chalicelib.api.receiving import ReceivingAnswer, SendingAnswer, shape_receiving, shape_sending
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import read
from chalicelib.model.account import Account
from chalicelib.model.caller import Caller
from chalicelib.model.health import ChannelStatus, overall
from chalicelib.model.inbox import Acknowledgement, Channel, ChannelType, FromNameMode, Routing, Ticketing
from chalicelib.outbound.choose_sender import is_proven
from chalicelib.outbound.sending_way import Way, find_ways
from chalicelib.settings import channels, connect, receiving
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
    acknowledgement: Annotated[Acknowledgement, Meta(description="The automatic answer to a first mail.")]
    created_at: str
    receiving: Annotated[ReceivingAnswer, Meta(description="Of a team address: how its mail gets here.")] | None
    sending: Annotated[SendingAnswer, Meta(description="Of a team address: what its domain lacks to send.")] | None


def shape(channel: Channel, caller: Caller, way: Way, *, is_proven: bool, whole: bool = False) -> ChannelAnswer:
    """A channel as somebody who may read its inbox sees it; `whole`: with the steps that set up forwarding.

    `is_proven`: the forwarding of a team address is.
    """
    return ChannelAnswer(
        id=channel.id,
        inbox_id=channel.inbox_id,
        type=channel.type,
        address=channel.address,
        forwarding_address=channel.receives_at,
        enabled=channel.enabled,
        status=overall(channel.observed, enabled=channel.enabled, sends=channel.sender.use_for_sending),
        forwards_to_original_sender=channel.forwards_to_original_sender,
        routing=channel.routing,
        ticketing=channel.ticketing,
        sender=shape_sender(way, caller.account),
        signature=channel.signature,
        signature_warning=warning_of(channel.signature),
        acknowledgement=channel.acknowledgement,
        created_at=channel.created_at,
        receiving=shape_receiving(channel, is_proven=is_proven, whole=whole, for_admin=caller.user.role.is_admin),
        sending=shape_sending(channel, way),
    )


def shape_sender(way: Way, account: Account) -> SenderAnswer:
    """A channel's sender, with what follows from it for the next mail."""
    channel = way.channel
    sender, custom = channel.sender, channel.sender.from_address is not None
    return SenderAnswer(
        use_for_sending=sender.use_for_sending,
        from_name_mode=sender.from_name_mode,
        company_name=sender.company_name or account.company_name,
        from_address=sender.from_address or channel.address,
        from_address_status=("proven" if is_proven(channel, way.verified) else "unproven") if custom else "own",
        sends_from=way.sender(None, account.company_name).from_.address,
    )


def list_channels(call: Call) -> Listing[ChannelAnswer]:
    """The channels of an inbox (S81)."""
    query: Paging = call.query
    page = read.list_channels(call.caller, call.path["inbox_id"], limit=query.limit, cursor=query.cursor)
    ways, known = find_ways(page.items), receiving.proven(page.items)
    return listing(page, lambda each: shape(each, call.caller, ways[each.id], is_proven=each.id in known))


def connect_channel(call: Call) -> Answered:
    """Connect a channel (S13, S82). A fallback address works at once; a team address says what is still to be done."""
    inbox = read.inbox_for(call.caller, call.path["inbox_id"])
    channel = connect.connect(call.caller, inbox, form_of(call.body), call.id_for("chn"), call.now)
    return Answered(_whole(call, channel), channel.version, f"/v1/channels/{channel.id}")


def get_channel(call: Call) -> Answered:
    """One channel."""
    channel, _ = read.channel_for(call.caller, call.path["channel_id"])
    return Answered(_whole(call, channel), channel.version)


def delete_channel(call: Call) -> None:
    """Disconnect a channel. Its conversations stay; they are answered from the inbox's fallback address (S24)."""
    channel, _ = read.channel_for(call.caller, call.path["channel_id"])
    connect.disconnect(call.caller, channel, call.now)


def _whole(call: Call, channel: Channel) -> ChannelAnswer:
    is_known = channel.id in receiving.proven([channel])
    return shape(channel, call.caller, find_ways([channel])[channel.id], is_proven=is_known, whole=True)


def patch_channel(call: Call) -> Answered:
    """A channel's settings, whole or not at all (S70)."""
    before, _ = read.channel_for(call.caller, call.path["channel_id"])
    after = patched(channels.settings_of(before), call.body)
    channel = channels.change(call.caller, before, after, call.accepted_versions, call.now)
    return Answered(_whole(call, channel), channel.version)
