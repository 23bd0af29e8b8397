"""A notice: automatic mail to a colleague that no conversation shows, such as the mail to an absent owner (S60)."""

from __future__ import annotations

from msgspec import Struct

from .conversation import Reason, SendingStatus

PREFIX = "ntc"


class Notice(Struct, frozen=True):
    """One notice and how far it got, as `model.Sending` does for an answer. `version` counts its changes.

    `topic` says what it is about: a code for logs and metrics. Secrets are never in `text`, since it is stored.
    `user_id`, and `message_id` or `channel_id`: whom and what it concerns, which is asked again when it leaves.
    """

    account_id: str
    id: str
    topic: str
    address: str
    subject: str
    text: str
    created_at: str
    status: SendingStatus
    due_at: str
    attempts: int = 0
    leased_until: str | None = None
    because: Reason | None = None
    ses_id: str | None = None
    version: int = 1
    user_id: str | None = None
    message_id: str | None = None
    channel_id: str | None = None
