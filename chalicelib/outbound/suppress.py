"""Which addresses automatic mail leaves alone from now on, by what SES tells of a mail. Pure.

A hard bounce says that nobody is there, a complaint that somebody does not want our mail. People may still write there;
they are warned (`conversations/warnings.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.model.conversation import Message, Reason, RecipientState, Sending, SendingStatus
from chalicelib.model.suppression import Suppression, suppression_id

GONE = frozenset({"hard_bounce", "suppressed"})  # of the reasons in `feedback_events.py`


def suppressions_of(message: Message, before: Sending, after: Sending) -> tuple[Suppression, ...]:
    """Those that follow from what newly became of an answer's recipients."""
    known = {(each.address, each.status) for each in before.recipients}
    fresh = (each for each in after.recipients if (each.address, each.status) not in known)
    return tuple(_suppressions(message.account_id, fresh, message.id))


def suppressed_by(account_id: str, state: RecipientState) -> tuple[Suppression, ...]:
    """The same for mail that no conversation shows."""
    return tuple(_suppressions(account_id, [state], None))


def _suppressions(account_id: str, states: Iterable[RecipientState], message_id: str | None) -> Iterable[Suppression]:
    for each in states:
        gone = each.status is SendingStatus.BOUNCED and each.because is not None and each.because.code in GONE
        if gone or each.status is SendingStatus.COMPLAINED:
            because = each.because or Reason("complaint", "The recipient marked the mail as unwanted.")
            yield Suppression(
                account_id, suppression_id(each.address), each.address, because, each.at or "", message_id
            )
