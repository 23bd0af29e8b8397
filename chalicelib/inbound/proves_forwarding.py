"""Whether a mail shows that a customer's forwarding works, and is worth noting. Pure.

It must have come to the forwarding address and name the team address among its recipients: who writes straight to the
former proves nothing. A header can be forged, so this only says "working" of a forwarding that no probe contradicts.
Noting costs a write to the channel's row, so it is done a few times a day, and sooner while something is wrong.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.mail.addresses import as_kept
from chalicelib.mail.model import ParsedMail
from chalicelib.model.delivery import Arrival
from chalicelib.model.health import ChannelStatus
from chalicelib.model.inbox import Channel, ChannelType

EVERY = timedelta(hours=6)
SOONER = timedelta(minutes=5)


def proves_forwarding(channel: Channel, mail: ParsedMail, arrival: Arrival) -> bool:
    """Whether this mail is to be noted as having come through the channel's forwarding."""
    if channel.type is not ChannelType.TEAM_EMAIL or channel.receives_at.lower() not in arrival.recipients:
        return False
    if channel.address.lower() not in {as_kept(each.address) for each in (*mail.to, *mail.cc)}:
        return False
    if channel.last_mail_in_at is None:
        return True
    age = datetime.fromisoformat(arrival.received_at) - datetime.fromisoformat(channel.last_mail_in_at)
    return age >= (EVERY if channel.observed.incoming is ChannelStatus.WORKING else SOONER)
