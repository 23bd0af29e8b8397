"""What stands on the inbound queue, as an `Arrival`: SES's notification, or an arrival put back by us.

Formats: (1) SES's notification of an S3 action ("Contents of notifications for Amazon SES email receiving" in the SES
developer guide), delivered raw by SNS or inside SNS's own envelope; (2) `{"arrival": {...}}`, written by the sweep and
by a replay. The envelope recipients and the findings about the sender come from here alone, never from the mail.
Anything else raises `NotANotification` and goes to the dead letters.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.errors import NotANotification
from chalicelib.model.conversation import Authentication
from chalicelib.model.delivery import Arrival, Source

UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)  # what decoding raises; the last one for deep nests


class _Verdict(Struct, frozen=True):
    status: str = "none"


class _Action(Struct, frozen=True):
    type: str
    objectKey: str
    bucketName: str


class _Receipt(Struct, frozen=True):
    recipients: list[str]
    action: _Action
    timestamp: str
    spamVerdict: _Verdict = _Verdict()
    virusVerdict: _Verdict = _Verdict()
    spfVerdict: _Verdict = _Verdict()
    dkimVerdict: _Verdict = _Verdict()
    dmarcVerdict: _Verdict = _Verdict()


class _Mail(Struct, frozen=True):
    messageId: str
    source: str | None = None


class _Notification(Struct, frozen=True):
    notificationType: Literal["Received"]
    mail: _Mail
    receipt: _Receipt


class _SnsEnvelope(Struct, frozen=True):
    Type: Literal["Notification"]
    Message: str


class _OwnMessage(Struct, frozen=True, forbid_unknown_fields=True):
    arrival: Arrival


def read_arrival(body: str, *, bucket: str) -> Arrival:
    """The arrival that a queue message tells of; `bucket` is where raw mail must lie."""
    try:
        return msgspec.json.decode(body, type=_OwnMessage).arrival
    except UNREADABLE:
        pass
    try:
        told = msgspec.json.decode(_without_envelope(body), type=_Notification)
    except UNREADABLE as error:
        raise NotANotification(f"the queue message is no SES notification: {error}") from error
    receipt = told.receipt
    if receipt.action.type != "S3" or receipt.action.bucketName != bucket or not receipt.recipients:
        raise NotANotification("the notification is not of the S3 action of this deployment's receipt rule")
    return Arrival(
        raw_id=told.mail.messageId,
        raw_key=receipt.action.objectKey,
        received_at=_moment(receipt.timestamp),
        recipients=tuple(dict.fromkeys(each.strip().lower() for each in receipt.recipients)),
        mail_from=(told.mail.source or "").strip() or None,
        spam=receipt.spamVerdict.status.lower(),
        virus=receipt.virusVerdict.status.lower(),
        authentication=Authentication(
            spf=receipt.spfVerdict.status.lower(),
            dkim=receipt.dkimVerdict.status.lower(),
            dmarc=receipt.dmarcVerdict.status.lower(),
        ),
        source=Source.SES,
    )


def _moment(text: str) -> str:
    try:
        return stamp(datetime.fromisoformat(text))
    except ValueError as error:
        raise NotANotification(f"the notification's time cannot be read: {text[:40]!r}") from error


def _without_envelope(body: str) -> str:
    try:
        return msgspec.json.decode(body, type=_SnsEnvelope).Message
    except UNREADABLE:
        return body
