"""A mail that reports what became of an answer of ours, on its way from the inbound to the feedback function."""

from __future__ import annotations

from msgspec import Struct


class MailedReport(Struct, frozen=True, forbid_unknown_fields=True):
    """What a mailed report says. `recipients`: lower-case address and what the report says of it, in words."""

    account_id: str
    conversation_id: str
    cited_id: str  # the Message-ID of the mail that it is about
    delayed: bool
    recipients: tuple[tuple[str, str], ...]
    at: str
