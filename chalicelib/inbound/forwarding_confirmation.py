"""What Gmail asks before it forwards a mailbox to a team channel: a code, and a page to confirm on. Pure.

Google mails `(#123456789) Gmail Forwarding Confirmation - Receive Mail from ann@customer.example` (in the mailbox's
language) from forwarding-noreply@google.com to the address that is to be forwarded to. It belongs to the admins who
set the channel up, not among the customers' conversations. Only what DMARC proves to be Google's is believed, and only
links to Google's own pages are passed on: anybody may ask Google to send such a mail, and anybody may write one.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chalicelib.inbound.judge import Judgement
from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Reason
from chalicelib.model.delivery import Arrival, Verdict
from chalicelib.model.inbox import Channel, ChannelType, ForwardingConfirmation

GOOGLE = "forwarding-noreply@google.com"
PAGES = frozenset({"mail.google.com", "mail-settings.google.com"})
LONGEST = 20_000  # characters of the mail that are looked at
CONFIRMATION = Judgement(
    Verdict.CONFIRMATION,
    Reason("forwarding_confirmation", "A mail provider asks whether it may forward; the channel shows what it asks."),
)

_CODE = re.compile(r"\(#(\d{6,12})\)")
_URL = re.compile(r"https://[A-Za-z0-9.-]{1,80}/[^\s<>\"')\]]{1,500}")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")


def find_confirmation(channel: Channel, mail: ParsedMail, arrival: Arrival) -> ForwardingConfirmation | None:
    """What the provider asks, if the mail is such a question to a team channel."""
    sender = mail.from_.address.lower() if mail.from_ else ""
    if channel.type is not ChannelType.TEAM_EMAIL or sender != GOOGLE or not arrival.authentication.is_proven:
        return None
    code = _CODE.search(mail.subject[:LONGEST])
    links = [each for each in _URL.findall(mail.text[:LONGEST]) if urlsplit(each).hostname in PAGES]
    if code is None and not links:
        return None
    mailbox = _MAILBOX.search(mail.subject[:LONGEST])
    return ForwardingConfirmation(
        code=code[1] if code else None,
        url=links[0] if links else None,
        mailbox=mailbox[0].rstrip(".") if mailbox else None,
        at=arrival.received_at,
    )
