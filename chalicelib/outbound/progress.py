"""How an answer's `Sending` changes: by what we do, and by what SES tells of it. Pure.

What SES tells never moves a recipient backwards, whatever order its events come in, and the same event twice changes
nothing. Any event of SES about the mail proves that it left.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.conversation import Message, Reason, RecipientState, Sending, SendingStatus
from chalicelib.model.entry import Progress

ORDER = {
    SendingStatus.SENT: 1,
    SendingStatus.DELAYED: 2,
    SendingStatus.DELIVERED: 3,
    SendingStatus.BOUNCED: 4,
    SendingStatus.FAILED: 4,
    SendingStatus.COMPLAINED: 5,
}
NOT_ARRIVED = frozenset({SendingStatus.BOUNCED, SendingStatus.FAILED})


class Feedback(Struct, frozen=True):
    """One event of SES. `recipients` are lower-case addresses; None: all of the mail's."""

    account_id: str
    message_id: str
    ses_id: str
    status: SendingStatus
    at: str
    recipients: tuple[str, ...] | None = None
    because: tuple[tuple[str, Reason], ...] = ()  # by recipient, or for "" all of them


def moved(
    message: Message,
    status: SendingStatus,
    at: datetime,
    *,
    because: Reason | None = None,
    **changes: object,
) -> Progress:
    """The whole mail got to `status`, and so did each recipient's copy."""
    assert message.sending is not None
    sending = replace(
        message.sending,
        status=status,
        recipients=tuple(
            RecipientState(each.address, status, because, stamp(at)) for each in message.sending.recipients
        ),
        because=because,
        leased_until=None,
        version=message.sending.version + 1,
    )
    return progressed(message, replace(sending, **changes))


def progressed(message: Message, sending: Sending) -> Progress:
    """The message with another `sending`."""
    return Progress(message, replace(message, status=sending.status.value, sending=sending))


def after_feedback(sending: Sending, told: Feedback) -> Sending:
    """What an event makes of it; itself when there is nothing new, or when the event is of another mail."""
    if sending.ses_id not in (None, told.ses_id):
        return sending
    recipients = sending.recipients
    if sending.ses_id is None:
        recipients = tuple(RecipientState(each.address, SendingStatus.SENT, None, told.at) for each in recipients)
    recipients = tuple(_moved(each, told) for each in recipients)
    if sending.ses_id is not None and recipients == sending.recipients:
        return sending
    return replace(
        sending,
        status=overall(recipients),
        recipients=recipients,
        because=None,
        leased_until=None,
        ses_id=told.ses_id,
        version=sending.version + 1,
    )


def overall(recipients: tuple[RecipientState, ...]) -> SendingStatus:
    """What is true of the mail as a whole: the worst that happened, else the least that is known of every copy."""
    found = {each.status for each in recipients}
    for worst in (SendingStatus.FAILED, SendingStatus.BOUNCED, SendingStatus.COMPLAINED, SendingStatus.DELAYED):
        if worst in found:
            return worst
    return min(found, key=lambda status: ORDER[status])


def newly_failed(before: Sending, after: Sending) -> tuple[RecipientState, ...]:
    """The recipients who will not get the mail, and of whom that was not known before."""
    known = {each.address for each in before.recipients if each.status in NOT_ARRIVED}
    return tuple(each for each in after.recipients if each.status in NOT_ARRIVED and each.address not in known)


def _moved(state: RecipientState, told: Feedback) -> RecipientState:
    if told.recipients is not None and state.address not in told.recipients:
        return state
    if ORDER[told.status] <= ORDER.get(state.status, 0):
        return state
    reasons = dict(told.because)
    return RecipientState(state.address, told.status, reasons.get(state.address) or reasons.get(""), told.at)
