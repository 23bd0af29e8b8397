"""How an answer's `Sending` changes: by what we do, and by what SES tells of it. Pure.

What SES tells never moves a recipient backwards, whatever order its events come in, and the same event twice changes
nothing. Any event of SES about the mail proves that it left. What it tells of a mail that was sent again concerns the
recipients of that round alone.
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
STUCK = "stuck"  # the reason of an answer whose task died; it is queued, and may be again
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
    round: int = 0  # of sending, that the mail belongs to


def moved(
    message: Message,
    status: SendingStatus,
    at: datetime,
    *,
    because: Reason | None = None,
    **changes: object,
) -> Progress:
    """The whole mail got to `status`, and so did the copy of each recipient of its round."""
    assert message.sending is not None
    sending = replace(
        message.sending,
        status=status,
        recipients=tuple(
            replace(each, status=status, because=because, at=stamp(at)) if each.round == message.sending.round else each
            for each in message.sending.recipients
        ),
        because=because,
        leased_until=None,
        version=message.sending.version + 1,
    )
    return progressed(message, replace(sending, **changes))


def progressed(message: Message, sending: Sending) -> Progress:
    """The message with another `sending`."""
    return Progress(message, replace(message, status=sending.status.value, sending=sending))


def sent_again(message: Message, to: tuple[str, ...], because: Reason, at: datetime) -> Progress:
    """The mail is queued again, for these of its recipients alone: another round begins."""
    assert message.sending is not None
    sending = message.sending
    number, queued = sending.round + 1, SendingStatus.QUEUED
    again = replace(
        sending,
        status=queued,
        recipients=tuple(
            RecipientState(each.address, queued, because, stamp(at), number) if each.address in to else each
            for each in sending.recipients
        ),
        because=because,
        due_at=stamp(at),
        queued_at=stamp(at),
        attempts=0,
        ses_id=None,
        round=number,
        earlier_ids=(*sending.earlier_ids, sending.ses_id or ""),
        version=sending.version + 1,
    )
    return progressed(message, again)


def after_feedback(sending: Sending, told: Feedback) -> Sending:
    """What an event makes of it; itself when there is nothing new, or when the event is of another mail."""
    if told.round > sending.round or id_of_round(sending, told.round) not in (None, told.ses_id):
        return sending
    is_new = id_of_round(sending, told.round) is None
    recipients = sending.recipients
    if is_new:
        recipients = tuple(
            replace(each, status=SendingStatus.SENT, because=None, at=told.at) if each.round == told.round else each
            for each in recipients
        )
    recipients = tuple(_moved(each, told) for each in recipients)
    if not is_new and recipients == sending.recipients:
        return sending
    after = replace(sending, recipients=recipients, version=sending.version + 1)
    if told.round < sending.round:
        ids = (*sending.earlier_ids[: told.round], told.ses_id, *sending.earlier_ids[told.round + 1 :])
        after = replace(after, earlier_ids=ids)
    else:
        after = replace(after, because=None, leased_until=None, ses_id=told.ses_id)
    if any(each.status not in ORDER for each in recipients):  # a later round is on its way
        return after
    return replace(after, status=overall(recipients))


def id_of_round(sending: Sending, number: int) -> str | None:
    """SES's id of what was sent in a round, None where none is known."""
    return (sending.ses_id if number == sending.round else sending.earlier_ids[number]) or None


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
    if state.round != told.round or (told.recipients is not None and state.address not in told.recipients):
        return state
    if ORDER[told.status] <= ORDER.get(state.status, 0):
        return state
    reasons = dict(told.because)
    because = reasons.get(state.address) or reasons.get("")
    return RecipientState(state.address, told.status, because, told.at, state.round)
