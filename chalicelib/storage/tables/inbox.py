"""Rows of inboxes and channels, and of the names and addresses that lead to them."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    UnicodeAttribute,
)

from chalicelib.storage.tables.row import Deflated, Json, Row


class InboxRow(Row, discriminator="inbox"):
    """`model.Inbox`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    access = Json()


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
    observed = Json(null=True)
    last_mail_in_at = UnicodeAttribute(null=True)


class AddressRow(Row, discriminator="address"):
    """Which channel takes mail for an address: no two channels share one."""

    address = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()


class FromNameRow(Row, discriminator="from_name"):
    """Which channel has a from name: no two channels of an account share one (S30)."""

    channel_id = UnicodeAttribute()
