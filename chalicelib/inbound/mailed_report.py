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
from chalicelib.model.filing import Evidence
from chalicelib.model.mailed_report import MailedReport

MOST = 50  # recipients of an answer
LONGEST = 500  # characters of what a server says


def mailed_report(mail: ParsedMail, arrival: Arrival, evidence: Evidence) -> MailedReport | None:
    """The report in a mail, about an answer that left from this inbox; None for all others."""
    bounce = mail.bounce
    if bounce is None or bounce.original_message_id is None or arrival.authentication.dmarc == "fail":
        return None
    known = [each for each in evidence.known_ids if each.message_id == bounce.original_message_id]
    if not known or known[0].direction is not Direction.OUTGOING or known[0].pending:
        return None
    told = [(as_kept(each.address), _said(each.diagnostic, each.status)) for each in bounce.recipients[:MOST]]
    if not told:
        return None
    return MailedReport(
        account_id=evidence.channel.account_id,
        conversation_id=known[0].conversation_id,
        cited_id=bounce.original_message_id,
        delayed=bounce.kind == "delayed",
        recipients=tuple(told),
        at=arrival.received_at,
    )


def _said(diagnostic: str | None, status: str | None) -> str:
    words = " ".join((diagnostic or "").split())[:LONGEST]
    return words or (status or "no reason is given")
