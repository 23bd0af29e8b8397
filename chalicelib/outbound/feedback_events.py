"""What SES tells of mail that was sent, as a `Feedback`.

Format: the event publishing records of SES ("Contents of event data that Amazon SES publishes to Amazon SNS"), as SNS
delivers them raw. The tags that `send_mail` gave the mail say which message it is about. Events of other mail, and of
kinds that say nothing of delivery (opens, clicks, subscriptions), give None. Anything else raises `NotANotification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.errors import NotANotification
from chalicelib.model.conversation import Reason, SendingStatus
from chalicelib.outbound.progress import Feedback

ACCOUNT, CONVERSATION, MESSAGE, ROUND = "account", "conversation", "message", "round"  # names of our tags
LONGEST_DIAGNOSTIC = 500  # characters; remote servers write them
KINDS = {
    "Send": SendingStatus.SENT,
    "Delivery": SendingStatus.DELIVERED,
    "DeliveryDelay": SendingStatus.DELAYED,
    "Bounce": SendingStatus.BOUNCED,
    "Complaint": SendingStatus.COMPLAINED,
    "Reject": SendingStatus.FAILED,
    "Rendering Failure": SendingStatus.FAILED,
}


class _Mail(Struct, frozen=True):
    messageId: str
    timestamp: str
    tags: dict[str, list[str]] = {}


class _Recipient(Struct, frozen=True):
    emailAddress: str
    status: str = ""
    diagnosticCode: str = ""


class _Detail(Struct, frozen=True):
    """The part that each kind of event has under its own name."""

    timestamp: str | None = None
    recipients: list[str] | None = None
    bounceType: str = ""
    bounceSubType: str = ""
    delayType: str = ""
    reason: str = ""
    errorMessage: str = ""
    complaintFeedbackType: str | None = None
    bouncedRecipients: list[_Recipient] | None = None
    complainedRecipients: list[_Recipient] | None = None
    delayedRecipients: list[_Recipient] | None = None


class _Event(Struct, frozen=True):
    eventType: str
    mail: _Mail
    delivery: _Detail = _Detail()
    bounce: _Detail = _Detail()
    complaint: _Detail = _Detail()
    deliveryDelay: _Detail = _Detail()
    reject: _Detail = _Detail()
    failure: _Detail = _Detail()

    @property
    def detail(self) -> _Detail:
        """The part of this event's kind."""
        parts = {
            "Delivery": self.delivery,
            "Bounce": self.bounce,
            "Complaint": self.complaint,
            "DeliveryDelay": self.deliveryDelay,
            "Reject": self.reject,
            "Rendering Failure": self.failure,
        }
        return parts.get(self.eventType, _Detail())


def read_feedback(body: str) -> Feedback | None:
    """The feedback in a message of the feedback queue."""
    try:
        event = msgspec.json.decode(body, type=_Event)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotANotification(f"the queue message is no event of SES: {error}") from error
    tags = event.mail.tags
    if event.eventType not in KINDS or not (tags.get(ACCOUNT) and tags.get(MESSAGE)):
        return None
    detail = event.detail
    told = detail.bouncedRecipients or detail.complainedRecipients or detail.delayedRecipients
    addresses = [each.emailAddress for each in told] if told is not None else detail.recipients
    return Feedback(
        account_id=tags[ACCOUNT][0],
        message_id=tags[MESSAGE][0],
        ses_id=event.mail.messageId,
        status=KINDS[event.eventType],
        at=_moment(detail.timestamp or event.mail.timestamp),
        recipients=None if addresses is None else tuple(_plain(each) for each in addresses),
        because=_reasons(event.eventType, detail, told or ()),
        round=_round(tags.get(ROUND) or ["0"]),
    )


def _round(told: list[str]) -> int:
    if not (told[0].isascii() and told[0].isdigit() and len(told[0]) < 5):
        raise NotANotification("the event's tags are not ours")
    return int(told[0])


def _reasons(kind: str, detail: _Detail, told: Sequence[_Recipient]) -> tuple[tuple[str, Reason], ...]:
    if kind == "Bounce":
        code = {"Permanent": "hard_bounce", "Transient": "soft_bounce"}.get(detail.bounceType, "bounce")
        if detail.bounceSubType in ("Suppressed", "OnAccountSuppressionList"):
            text = "SES does not send to this address any more, since mail to it bounced or was complained about."
            return tuple((_plain(each.emailAddress), Reason("suppressed", text)) for each in told)
        return tuple((_plain(each.emailAddress), Reason(code, _said(each, "The mail came back."))) for each in told)
    if kind == "DeliveryDelay":
        return tuple((_plain(each.emailAddress), Reason("delayed", _said(each, "It is tried again."))) for each in told)
    if kind == "Complaint":
        return (("", Reason("complaint", "The recipient marked the mail as unwanted.")),)
    if kind in ("Reject", "Rendering Failure"):
        return (("", Reason("rejected", f"SES did not send it: {detail.reason or detail.errorMessage or kind}")),)
    return ()


def _said(recipient: _Recipient, otherwise: str) -> str:
    said = " ".join(recipient.diagnosticCode.split())[:LONGEST_DIAGNOSTIC]
    return said or (f"{otherwise} ({recipient.status})" if recipient.status else otherwise)


def _plain(address: str) -> str:
    """A lower-case address, without the name that some servers put before it."""
    inside = address.rpartition("<")[2].partition(">")[0]
    return inside.strip().lower()


def _moment(text: str) -> str:
    try:
        return stamp(datetime.fromisoformat(text))
    except ValueError as error:
        raise NotANotification(f"the event's time cannot be read: {text[:40]!r}") from error
