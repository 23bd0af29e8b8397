"""The verdict on one delivery: pure. What is judged first hides the rest, so nothing leaks from a mail that is refused.

Order: nobody's address; channel disconnected; channel off (S85-S88: not even read); inbox archived; a virus as SES
found it; a sender whom the account denies; spam as SES found it, before any contact or ticket exists; a copy of what
was filed; our own mail coming back; reports and automatic replies; filed.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from chalicelib.inbound.listed_senders import Listed, ListName
from chalicelib.mail.addresses import as_kept
from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Direction, Reason
from chalicelib.model.delivery import Arrival, Verdict
from chalicelib.model.filing import Evidence
from chalicelib.model.inbox import Channel, ChannelType

MAX_HOPS = 50  # Received headers; RFC 5321 §6.3 lets a loop be assumed at a hundred, real mail has under thirty


class Judgement(Struct, frozen=True):
    """A verdict and why."""

    verdict: Verdict
    because: Reason
    of_delivery_id: str | None = None


DISCONNECTED = Judgement(
    Verdict.CHANNEL_DISCONNECTED,
    Reason("channel_disconnected", "The channel had been disconnected when the mail came."),
)
ARCHIVED = Judgement(
    Verdict.INBOX_ARCHIVED,
    Reason(
        "inbox_archived", "The inbox was archived when the mail came. Restore it, then have the mail handled again."
    ),
)


def judge_envelope(
    channel: Channel | None,
    arrival: Arrival,
    archived: Collection[str] = (),
    *,
    signed: bool = False,
    listed: Listed | None = None,
) -> Judgement | None:
    """What can be said before the mail is read; None: read it.

    `archived`: the ids of the account's archived inboxes. `signed`: it came to the reply address of a conversation,
    which goes on when its channel is disconnected (S24). `listed`: what the account's lists say of the sender.
    """
    if channel is None:
        return _judged(Verdict.NO_CHANNEL, "unknown_recipient", "No channel has this address.")
    if channel.disconnected_at is not None and not signed:
        return DISCONNECTED
    if not channel.enabled:
        return _judged(Verdict.CHANNEL_OFF, "channel_off", "The channel was switched off when the mail came.")
    if channel.inbox_id in archived:
        return ARCHIVED
    if arrival.virus == "fail":
        return _judged(Verdict.QUARANTINED, "virus", "SES found a virus in the mail.")
    if arrival.released:
        return None
    if listed is not None and listed.list is ListName.DENY:
        return _judged(Verdict.DENIED, "denied_sender", f"The account takes no mail from this sender: {listed.entry}.")
    if arrival.spam == "fail" and listed is None:
        return _judged(Verdict.QUARANTINED, "spam", "SES takes the mail for spam.")
    return None


def judge_place(
    judgement: Judgement, channel: Channel, inbox_id: str, archived: Collection[str], *, joins: bool
) -> Judgement:
    """The verdict once its conversation is known, which may be in another inbox than the channel.

    A disconnected channel begins no conversation, also behind a signed address whose conversation is gone.
    """
    if not joins and channel.disconnected_at is not None:
        return DISCONNECTED
    return ARCHIVED if inbox_id in archived else judgement


def judge_mail(mail: ParsedMail, evidence: Evidence, delivery_id: str, *, about_probe: bool = False) -> Judgement:
    """The verdict on a mail that was read, but for what depends on its conversation (`judge_threading`).

    `about_probe`: a person wrote it about a probe, and so maybe from the very address that the probe went to.
    """
    if evidence.claimed_by is not None and evidence.claimed_by != delivery_id:
        return Judgement(
            Verdict.DUPLICATE,
            Reason("same_content", "The same mail was already delivered to this channel."),
            evidence.claimed_by,
        )
    looped = _loop(mail, evidence, about_probe)
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


def own_addresses(channel: Channel) -> frozenset[str]:
    """The addresses that are the channel's own, lower-case."""
    return frozenset(each.lower() for each in (channel.address, channel.receives_at, *channel.former_addresses))


def _loop(mail: ParsedMail, evidence: Evidence, about_probe: bool) -> Judgement | None:
    sender = as_kept(mail.from_.address) if mail.from_ else None
    channel = evidence.channel
    # Who works in the team's own mailbox may forward a mail from there by hand (S48).
    by_hand = channel.type is ChannelType.TEAM_EMAIL and (mail.forwarded is not None or about_probe)
    if sender is not None and sender in own_addresses(channel) and not by_hand:
        return _judged(Verdict.LOOP, "own_address", "The mail says it comes from the channel's own address.")
    own = evidence.own_id
    if own is not None and own.direction is Direction.OUTGOING and not own.pending:
        return _judged(Verdict.LOOP, "own_message", "The mail is one that left from this inbox.")
    if mail.received_count > MAX_HOPS:
        return _judged(Verdict.LOOP, "too_many_hops", f"The mail passed more than {MAX_HOPS} servers.")
    return None


def _judged(verdict: Verdict, code: str, text: str) -> Judgement:
    return Judgement(verdict, Reason(code, text))
