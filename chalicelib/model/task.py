"""What stands on the outbound queue."""

from __future__ import annotations

from msgspec import Struct


class SendTask(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to be sent: everything else is read when it is."""

    account_id: str
    message_id: str
