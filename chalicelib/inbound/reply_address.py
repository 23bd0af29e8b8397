"""Signed reply addresses: `r1.<conversation><channel>.<expiry>.<mac>@<subdomain>.<domain>`.

Answers carry one as Reply-To, so that a reply finds its conversation whatever the sender's client does to the headers.
The MAC is HMAC-SHA256 over purpose, version, account, conversation, channel and expiry, cut to 80 bits, compared in
constant time; the whole survives lower-casing and fits the 64 octets of a local part (RFC 5321 §4.5.3.1.1). There is
no unsigned form and no other version (FreeScout CVE-2026-47123): what does not hold is an unknown recipient.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from msgspec import Struct

from chalicelib.model.credentials import mac_of

VERSION = "r1"
DAY = 86400
_ID = 16  # letters of an id behind its prefix


class ReplyAddress(Struct, frozen=True):
    """What a reply address says, once its MAC has been checked."""

    conversation_id: str
    channel_id: str


def looks_signed(recipient: str) -> bool:
    """Whether a recipient claims to be a signed reply address: cheap, and no proof."""
    return recipient.startswith(f"{VERSION}.") and recipient.partition("@")[0].count(".") == 3


def make_reply_address(
    key: bytes, domain: str, account_id: str, conversation_id: str, channel_id: str, *, expires: datetime
) -> str:
    """The address that leads to a conversation until the day of `expires` is over (UTC)."""
    ids = conversation_id.partition("_")[2] + channel_id.partition("_")[2]
    until = format(int(expires.timestamp()) // DAY, "x")
    return f"{VERSION}.{ids}.{until}.{_mac(key, account_id, ids, until)}@{domain}"


def read_reply_address(key: bytes, recipient: str, account_id: str, *, now: datetime) -> ReplyAddress | None:
    """What a reply address leads to, or None when it is forged, of another account, expired or malformed."""
    parts = recipient.partition("@")[0].split(".")
    if len(parts) != 4 or parts[0] != VERSION or len(parts[1]) != 2 * _ID:
        return None
    _, ids, until, mac = parts
    if not hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(key, account_id, ids, until).encode()):
        return None
    if int(until, 16) < int(now.timestamp()) // DAY:
        return None
    return ReplyAddress(f"cnv_{ids[:_ID]}", f"chn_{ids[_ID:]}")


def _mac(key: bytes, account_id: str, ids: str, until: str) -> str:
    return mac_of(key, "reply address", VERSION, account_id, ids, until, octets=10)
