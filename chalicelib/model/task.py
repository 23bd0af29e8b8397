"""What stands on the outbound queue."""

from __future__ import annotations

from msgspec import Struct


class SendTask(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to be sent: everything else is read when it is."""

    account_id: str
    message_id: str


class ProofTask(Struct, frozen=True, forbid_unknown_fields=True):
    """A mail that proves a from address. Its token is not here: whoever has the signing key can make it."""

    account_id: str
    channel_id: str
    proof_id: str
    address: str


class InvitationTask(Struct, frozen=True, forbid_unknown_fields=True):
    """An invitation to be mailed. Its token is not here: whoever has the signing key can make it."""

    account_id: str
    user_id: str
    invitation_id: str


class NoticeTask(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice to be sent: everything else is read when it is."""

    account_id: str
    notice_id: str


class ProbeTask(Struct, frozen=True, forbid_unknown_fields=True):
    """A probe to be sent to a channel's team address: everything else is read when it is."""

    account_id: str
    channel_id: str
    probe_id: str
