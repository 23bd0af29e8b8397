"""Inboxes, their channels, and in whose name these send. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import channel_types, channels, from_addresses, inboxes, previews, signature_images
from chalicelib.api.auth import ADMIN, PUBLIC, READ
from chalicelib.api.channel_types import ChannelTypeAnswer, ConnectRequest
from chalicelib.api.channels import ChannelAnswer, SenderAnswer
from chalicelib.api.dispatch import Route, route
from chalicelib.api.from_addresses import FromAddressRequest, ProofAnswer
from chalicelib.api.inboxes import InboxAnswer, InboxQuery, InboxRequest
from chalicelib.api.previews import PreviewAnswer, PreviewQuery, PreviewRequest
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.api.signature_images import SignatureImageAnswer, SignatureImageRequest
from chalicelib.settings.channels import ChannelSettings
from chalicelib.settings.inboxes import InboxSettings

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/inboxes", READ, inboxes.list_inboxes, "Inboxes", Listing[InboxAnswer], query=InboxQuery),
    route("POST", "/v1/inboxes", ADMIN, inboxes.add_inbox, "Add an inbox", InboxAnswer,
          body=InboxRequest, status=201, versioned=True, rules=True, repeatable=True, costly=True),
    route("GET", "/v1/inboxes/{inbox_id}", READ, inboxes.get_inbox, "An inbox", InboxAnswer, versioned=True),
    route("PATCH", "/v1/inboxes/{inbox_id}", ADMIN, inboxes.patch_inbox, "Rename an inbox, or change who has access",
          InboxAnswer, body=InboxSettings, versioned=True, rules=True),
    route("GET", "/v1/inboxes/{inbox_id}/channels", READ, channels.list_channels, "Channels of an inbox",
          Listing[ChannelAnswer], query=Paging),
    route("POST", "/v1/inboxes/{inbox_id}/channels", ADMIN, channels.connect_channel, "Connect a channel",
          ChannelAnswer, body=ConnectRequest, status=201, versioned=True, rules=True, repeatable=True, costly=True),
    route("GET", "/v1/channel-types", READ, channel_types.list_channel_types, "Types of channel that can be connected",
          Listing[ChannelTypeAnswer]),
    route("DELETE", "/v1/channels/{channel_id}", ADMIN, channels.delete_channel, "Disconnect a channel", None,
          status=204, rules=True),
    route("GET", "/v1/channels/{channel_id}", READ, channels.get_channel, "A channel", ChannelAnswer, versioned=True),
    route("PATCH", "/v1/channels/{channel_id}", ADMIN, channels.patch_channel, "Change a channel's settings",
          ChannelAnswer, body=ChannelSettings, versioned=True, rules=True),
    route("POST", "/v1/channels/{channel_id}/preview", READ, previews.add_preview,
          "A mail as its recipient will see it", PreviewAnswer, query=PreviewQuery,
          body=PreviewRequest, body_optional=True, rules=True, repeatable=True, costly=True),
    route("GET", "/v1/channels/{channel_id}/signature-images", READ, signature_images.list_images,
          "Images that a signature may show", Listing[SignatureImageAnswer]),
    route("POST", "/v1/channels/{channel_id}/signature-images", ADMIN, signature_images.add_image,
          "Add an image to a channel's signature", SignatureImageAnswer, body=SignatureImageRequest, status=201,
          rules=True, repeatable=True),
    route("GET", "/v1/channels/{channel_id}/signature-images/{image_id}", READ, signature_images.get_image,
          "An image that a signature may show", SignatureImageAnswer),
    route("DELETE", "/v1/channels/{channel_id}/signature-images/{image_id}", ADMIN, signature_images.delete_image,
          "Delete an image of a signature", None, status=204, rules=True),
    route("POST", "/v1/channels/{channel_id}/from-address", ADMIN, from_addresses.add_from_address,
          "Send from an address of one's own", SenderAnswer, body=FromAddressRequest, status=202, rules=True,
          limited=True, repeatable=True),
    route("POST", "/v1/from-address-proofs/{token}", PUBLIC, from_addresses.give_proof,
          "Prove an address by the code that was mailed to it", ProofAnswer, rules=True, repeatable=True),
)
# fmt: on
