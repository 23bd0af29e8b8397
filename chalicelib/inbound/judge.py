"""The verdict on one delivery: pure. What is judged first hides the rest, so nothing leaks from a mail that is refused.

Order: nobody's address; channel off (S85-S88: not even read); virus and spam as SES found them, before any contact or
ticket exists; a copy of what was filed; our own mail coming back; reports and automatic replies; filed.
"""

from __future__ import annotations

from msgspec import Struct

from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Direction, Reason
from chalicelib.model.delivery import Arrival, Verdict
from chalicelib.model.filing import Evidence
from chalicelib.model.inbox import Channel

MAX_HOPS = 50  # Received headers; RFC 5321 §6.3 lets a loop be assumed at a hundred, real mail has under thirty


class Judgement(Struct, frozen=True):
    """A verdict and why."""

    verdict: Verdict
    because: Reason
    of_delivery_id: str | None = None


def judge_envelope(channel: Channel | None, arrival: Arrival) -> Judgement | None:
    """What can be said before the mail is read; None: read it."""
    if channel is None:
        return _judged(Verdict.NO_CHANNEL, "unknown_recipient", "No channel has this address.")
    if not channel.enabled:
        return _judged(Verdict.CHANNEL_OFF, "channel_off", "The channel was switched off when the mail came.")
    if arrival.virus == "fail":
        return _judged(Verdict.QUARANTINED, "virus", "SES found a virus in the mail.")
    if arrival.spam == "fail" and not arrival.released:
        return _judged(Verdict.QUARANTINED, "spam", "SES takes the mail for spam.")
    return None


def judge_mail(mail: ParsedMail, evidence: Evidence, delivery_id: str) -> Judgement:
    """The verdict on a mail that was read, but for what depends on its conversation (`judge_threading`)."""
    if evidence.claimed_by is not None and evidence.claimed_by != delivery_id:
        return Judgement(
            Verdict.DUPLICATE,
            Reason("same_content", "The same mail was already delivered to this channel."),
            evidence.claimed_by,
        )
    looped = _loop(mail, evidence)
    if looped is not None:
        return looped
    if mail.bounce is not None:
        return _judged(Verdict.BOUNCE, "delivery_report", "The mail reports that another mail was not delivered.")
    if mail.complaint is not None:
        return _judged(Verdict.BOUNCE, "complaint_report", "The mail reports a complaint about another mail.")
    if "unreadable" in mail.defects:
        return _judged(Verdict.UNREADABLE, "unreadable", "The mail could not be understood; its raw form is kept.")
    return _judged(Verdict.FILED, "filed", "The mail was filed as a message.")


def judge_threading(judgement: Judgement, mail: ParsedMail, *, joins: bool) -> Judgement:
    """An automatic reply that answers nothing of ours opens no conversation: it is kept and listed."""
    automatic = mail.automatic
    if judgement.verdict is Verdict.FILED and not joins and automatic is not None:
        if automatic.kind == "auto_replied":
            return _judged(Verdict.AUTO_REPLY, "automatic_reply", "An automatic reply that answers no conversation.")
        if automatic.kind == "receipt":
            return _judged(Verdict.AUTO_REPLY, "read_receipt", "A read receipt that answers no conversation.")
    return judgement


def _loop(mail: ParsedMail, evidence: Evidence) -> Judgement | None:
    sender = mail.from_.address.lower() if mail.from_ else None
    if sender == evidence.channel.address:
        return _judged(Verdict.LOOP, "own_address", "The mail says it comes from the channel's own address.")
    own = evidence.own_id
    if own is not None and own.direction is Direction.OUTGOING and not own.pending:
        return _judged(Verdict.LOOP, "own_message", "The mail is one that left from this inbox.")
    if mail.received_count > MAX_HOPS:
        return _judged(Verdict.LOOP, "too_many_hops", f"The mail passed more than {MAX_HOPS} servers.")
    return None


def _judged(verdict: Verdict, code: str, text: str) -> Judgement:
    return Judgement(verdict, Reason(code, text))
