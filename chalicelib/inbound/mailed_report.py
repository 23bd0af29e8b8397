"""Whether a mail that reports a failure is to be believed as far as to say so on the answer it is about. Pure.

Anybody can write such a mail. So it counts only if it cites a Message-ID of ours, which nobody but the recipients of
that mail and their servers know, and unless DMARC fails for its sender. What it says of others than the recipients of
that mail is left out where it is applied (`outbound/apply_report.py`).
"""

from __future__ import annotations

from chalicelib.mail.addresses import as_kept
from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Direction
from chalicelib.model.delivery import Arrival
from chalicelib.model.filing import Evidence, KnownMessageId
from chalicelib.model.mailed_report import MailedReport

MOST = 50  # recipients of an answer
LONGEST = 500  # characters of what a server says


def mailed_report(mail: ParsedMail, arrival: Arrival, evidence: Evidence) -> MailedReport | None:
    """The report in a mail, about an answer that left from this inbox; None for all others."""
    bounce, answer = mail.bounce, cited_answer(mail, evidence)
    if bounce is None or answer is None or arrival.authentication.dmarc == "fail":
        return None
    told = [(as_kept(each.address), _said(each.diagnostic, each.status)) for each in bounce.recipients[:MOST]]
    if not told:
        return None
    return MailedReport(
        account_id=evidence.channel.account_id,
        conversation_id=answer.conversation_id,
        cited_id=answer.message_id,
        delayed=bounce.kind == "delayed",
        recipients=tuple(told),
        at=arrival.received_at,
    )


def cited_answer(mail: ParsedMail, evidence: Evidence) -> KnownMessageId | None:
    """The id of an answer of ours that a delivery report is about; None for what is none, or about other mail."""
    cited = mail.bounce.original_message_id if mail.bounce is not None else None
    known = next((each for each in evidence.known_ids if each.message_id == cited), None)
    return known if known is not None and known.direction is Direction.OUTGOING and not known.pending else None


def _said(diagnostic: str | None, status: str | None) -> str:
    words = " ".join((diagnostic or "").split())[:LONGEST]
    return words or (status or "no reason is given")
