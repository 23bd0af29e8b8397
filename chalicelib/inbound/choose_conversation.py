"""Which conversation a mail belongs to: pure, by what the outside cannot make up.

In this order: (a) the signed reply address in the envelope; (b) ids of our own outgoing mail; (c) ids of incoming mail
of the same inbox, when the sender takes part; (d) a new conversation. Never the subject, never a number. An id that was
cited before its mail arrived is known as pending, so that the order of arrival does not matter; it counts as (c).

What is only pending asks for more: whoever cited the id first must be the sender, or somebody the sender wrote to. Else
a stranger who learns of a mail under way could cite it first, and have it land in a conversation of his.

Who writes with (a) or (b) but takes no part joins as a marked message, and becomes neither the contact nor a
participant (FreeScout GHSA-j49f).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.model.conversation import Conversation, ConversationStatus, Direction, Reason
from chalicelib.model.filing import Evidence, KnownMessageId
from chalicelib.routing.move_ticket import Trigger, may_move

NEW = Reason("new", "The mail answers nothing known in this inbox.")
STRANGER = Reason("not_a_participant", "The mail cites a conversation in which its sender takes no part.")


class Choice(Struct, frozen=True):
    """The conversation to join (None: a new one) and why.

    `look_at` names a conversation that has to be read before the choice can be made; the rest is then void.
    `seen` is None when the conversation is joined on the strength of the known ids alone.
    """

    because: Reason
    conversation_id: str | None = None
    seen: Conversation | None = None
    takes_part: bool = True
    known_participants: tuple[str, ...] = ()
    look_at: str | None = None
    continues: str | None = None  # of a new one: the conversation that was closed too long ago to be joined


class _Candidate(Struct, frozen=True):
    conversation_id: str
    because: Reason
    strangers_join: bool
    cited_by: str | None  # of a pending id: who cited it first
    participants: tuple[str, ...] | None  # as last noted; None: not noted, and taken to include the sender


def choose_conversation(
    evidence: Evidence,
    sender: str | None,
    signed: str | None,
    addressed: frozenset[str] = frozenset(),
    *,
    arrived_at: str = "",
    automatic: bool = False,
) -> Choice:
    """Choose for a mail from `sender` that came to the reply address of conversation `signed`, if any.

    `addressed`: the mail's own To and Cc. All addresses are lower-case. `automatic`: a machine wrote it, so it opens
    nothing that the account wants to be opened for people.
    """
    refused, continues = NEW, None
    for candidate in _candidates(evidence, signed):
        if candidate.cited_by is not None and candidate.cited_by != sender and candidate.cited_by not in addressed:
            refused = STRANGER
            continue
        likely = sender is not None and (candidate.participants is None or sender in candidate.participants)
        if likely and evidence.may_assume:
            seen = _glimpsed(evidence, candidate.conversation_id, sender, arrived_at, automatic=automatic)
            known = seen.participants if seen else candidate.participants or ()
            return Choice(candidate.because, candidate.conversation_id, seen, known_participants=known)
        if candidate.conversation_id not in evidence.conversations:
            return Choice(candidate.because, look_at=candidate.conversation_id)
        seen = evidence.conversations[candidate.conversation_id]
        if seen is None:
            continue
        takes_part = sender in seen.participants
        days = evidence.account.answering.new_conversation_after_days if evidence.account else None
        if not automatic and days is not None and is_long_closed(seen, days, arrived_at):
            if takes_part and continues is None:
                text = f"The mail answers a conversation that has been closed for more than {days} days."
                refused, continues = Reason("long_closed", text), seen.id
            continue
        if takes_part or candidate.strangers_join:
            return Choice(candidate.because, seen.id, seen, takes_part, seen.participants)
        refused = STRANGER if continues is None else refused
    return Choice(refused, continues=continues)


def _glimpsed(
    evidence: Evidence, conversation_id: str, sender: str | None, at: str, *, automatic: bool
) -> Conversation | None:
    """The conversation as it was a moment ago, where joining it unread would fail and joining it as it was may not.

    The write is conditional on what is taken from it; nothing is, of what the write cannot ask.
    """
    seen = evidence.glimpse
    if seen is None or seen.id != conversation_id or sender not in seen.participants:
        return None
    answering, moves = (evidence.account.answering, evidence.account.stage_moves) if evidence.account else (None, {})
    days = answering.new_conversation_after_days if answering else None
    if not automatic and days is not None and is_long_closed(seen, days, at):
        return None
    is_open, is_there = seen.status is ConversationStatus.OPEN, seen.inbox_id == evidence.channel.inbox_id
    return None if is_open and is_there and not may_move(moves, seen, Trigger.REPLY) else seen


def is_long_closed(seen: Conversation, days: int, at: str) -> bool:
    """Whether a conversation had been closed for more than `days` when a mail came in at `at`."""
    if seen.status is not ConversationStatus.CLOSED or seen.closed_at is None or not at:
        return False
    return datetime.fromisoformat(at) - datetime.fromisoformat(seen.closed_at) > timedelta(days=days)


def reopens(seen: Conversation | None, *, automatic: bool) -> bool:
    """A person's mail reopens a closed conversation; a machine's does not."""
    return seen is not None and seen.status is ConversationStatus.CLOSED and not automatic


def _candidates(evidence: Evidence, signed: str | None) -> Iterator[_Candidate]:
    if signed is not None:
        reason = Reason("signed_reply_address", "The mail came to the conversation's own reply address.")
        yield _Candidate(signed, reason, True, None, None)
    for known in evidence.known_ids:
        if known.direction is Direction.OUTGOING:
            reason = Reason("answers_our_message", "The mail answers a message that left from this inbox.")
            yield _Candidate(known.conversation_id, reason, True, None, known.participants)
    own = evidence.own_id
    if own is not None and own.pending:
        reason = Reason("cited_before_arrival", "A mail that answers this one arrived before it.")
        yield _Candidate(own.conversation_id, reason, False, own.writer, own.participants)
    for known in evidence.known_ids:
        if known.direction is Direction.INCOMING:
            cited_by = known.writer if known.pending else None
            yield _Candidate(known.conversation_id, _cited(known), False, cited_by, known.participants)


def _cited(known: KnownMessageId) -> Reason:
    if known.pending:
        return Reason("shares_an_ancestor", "The mail answers the same, not yet arrived, mail as this conversation.")
    return Reason("answers_their_message", "The mail answers a message of someone who takes part, as does its sender.")
