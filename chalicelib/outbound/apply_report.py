"""What a mailed report makes of the answer it cites: as what SES tells, but for recipients of that very mail alone.

Its reason says where it is from (`reported_by_mail`), and it keeps no address from anything (decision 061).
"""

from __future__ import annotations

import msgspec

from chalicelib.errors import NotANotification
from chalicelib.model.conversation import Message, Reason, Sending, SendingStatus
from chalicelib.model.mailed_report import MailedReport
from chalicelib.outbound.progress import Feedback, id_of_round
from chalicelib.storage import conversations, ses

REPORTED = "reported_by_mail"
LOOKED_BACK = 100  # messages of the conversation; a report comes within days


def read_report(body: str) -> MailedReport | None:
    """The mailed report in a message of the feedback queue; None for an event of SES."""
    if not body.startswith('{"report":'):
        return None
    try:
        return msgspec.json.decode(body, type=dict[str, MailedReport])["report"]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotANotification(f"the queue message is no report: {error}") from error


def find_feedback(report: MailedReport) -> Feedback | None:
    """The report as feedback on the answer that it cites; None when there is none, or none of its recipients."""
    newest = conversations.newest_messages(report.account_id, report.conversation_id, LOOKED_BACK)
    for message in newest:
        if message.sending is not None:
            number = _round_of(message, message.sending, report.cited_id)
            if number is not None:
                return as_feedback(report, message, message.sending, number)
    return None


def as_feedback(report: MailedReport, message: Message, sending: Sending, number: int) -> Feedback | None:
    """The same for the message, of whose round it is. Pure."""
    ses_id = id_of_round(sending, number)
    wrote_to = {each.address for each in sending.recipients if each.round == number}
    told = [(address, said) for address, said in report.recipients if address in wrote_to]
    if ses_id is None or not told:
        return None
    return Feedback(
        account_id=report.account_id,
        message_id=message.id,
        ses_id=ses_id,
        status=SendingStatus.DELAYED if report.delayed else SendingStatus.BOUNCED,
        at=report.at,
        recipients=tuple(address for address, _ in told),
        because=tuple((address, Reason(REPORTED, f"A mail reports: {said}")) for address, said in told),
        round=number,
    )


def _round_of(message: Message, sending: Sending, cited: str) -> int | None:
    if message.message_id == cited:  # ours is the same in each round
        return sending.round
    for number in range(sending.round, -1, -1):
        ses_id = id_of_round(sending, number)
        if ses_id is not None and ses.message_id_of(ses_id) == cited:
            return number
    return None
