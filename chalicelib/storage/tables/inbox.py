"""Rows of inboxes and channels, and of the names and addresses that lead to them."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.storage.tables.row import Deflated, Json, Row


class InboxRow(Row, discriminator="inbox"):
    """`model.Inbox`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    access = Json()
    archived_at = UnicodeAttribute(null=True)


class InboxRoomRow(Row, discriminator="inbox_room"):
    """How often inboxes were added or restored; `closed` while the account's plan has no further ones."""

    taken = NumberAttribute(null=True)
    closed = BooleanAttribute(null=True)


class ChannelRow(Row, discriminator="channel"):
    """`model.Channel`."""

    id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    type = UnicodeAttribute()
    address = UnicodeAttribute()
    enabled = BooleanAttribute()
    forwards_to_original_sender = BooleanAttribute()
    routing = Json()
    ticketing = Json()
    sender = Json(null=True)
    signature = Deflated(null=True)
    proven_address = UnicodeAttribute(null=True)
    acknowledgement = Json(null=True)
    observed = Json(null=True)
    last_mail_in_at = UnicodeAttribute(null=True)
    connected_by = UnicodeAttribute(null=True)
    forwarding_address = UnicodeAttribute(null=True)
    former_addresses = Json(null=True)
    confirmation = Json(null=True)
    disconnected_at = UnicodeAttribute(null=True)
    signature_images = Json(null=True)
    images_version = NumberAttribute(null=True)


class AddressRow(Row, discriminator="address"):
    """Which channel takes mail for an address: no two channels share one.

    `released`: the channel is disconnected, so another one of the account may take the address.
    """

    address = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    released = BooleanAttribute(null=True)


class TeamAddressRow(Row, discriminator="team_address"):
    """Which channel of an account has an address of the team: no two share one."""

    channel_id = UnicodeAttribute()


class FromNameRow(Row, discriminator="from_name"):
    """Which channel has a from name: no two channels of an account share one (S30)."""

    channel_id = UnicodeAttribute()


class SendingDomainRow(Row, discriminator="sending_domain"):
    """`model.SendingDomain`: no two accounts have one domain."""

    domain = UnicodeAttribute()
    mail_from_domain = UnicodeAttribute()
    records = Json()
    state = UnicodeAttribute()
    claimed_until = UnicodeAttribute()
    checked_at = UnicodeAttribute(null=True)
    verified_at = UnicodeAttribute(null=True)
