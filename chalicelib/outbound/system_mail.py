"""A mail that nobody writes, of Postfach's own: codes, notices, probes. Pure."""

from __future__ import annotations

from datetime import datetime

from chalicelib.mail.compose import Draft
from chalicelib.mail.model import Address


def system_mail(mail_id: str, from_: Address, to: str, subject: str, text: str, now: datetime) -> Draft:
    """The mail: plain text without a signature (S41), automatic (RFC 3834 §5), so that no absence note answers it."""
    return Draft(
        from_=from_,
        to=(Address(None, to),),
        subject=subject,
        message_id=f"{mail_id}@{from_.address.rpartition('@')[2]}",
        date=now,
        text=text,
        auto_submitted="auto-generated",
        headers=(("X-Auto-Response-Suppress", "All"),),
    )
