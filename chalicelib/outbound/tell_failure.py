"""An answer that did not arrive, told in its conversation: an event says who did not get it and why, and what was
closed is open again, since somebody has to do something (§7.9)."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.model.conversation import Conversation, ConversationStatus, RecipientState
from chalicelib.model.entry import Entry, Progress
from chalicelib.outbound.new_message import new_event, with_message
from chalicelib.routing.count_open import counted
from chalicelib.storage.entries import add_entry

NOT_DELIVERED = "not_delivered"
LONGEST = 1000  # characters
PREVIEW = 140


def tell_failure(before: Conversation, progress: Progress, failed: tuple[RecipientState, ...], now: datetime) -> None:
    """Write the answer's progress and the event that tells of it. `LostRace` when either was changed meanwhile."""
    add_entry(failure_entry(before, progress, failed, now), now)


def failure_entry(before: Conversation, progress: Progress, failed: tuple[RecipientState, ...], now: datetime) -> Entry:
    """The event, and the conversation with it. Pure."""
    answer = progress.after
    text = sentence(failed)
    version = answer.sending.version if answer.sending else 0
    event = new_event(before, f"{answer.id}:{version}", NOT_DELIVERED, text, now, subject=answer.subject)
    after = replace(with_message(before, event), status=ConversationStatus.OPEN, closed_at=None, preview=text[:PREVIEW])
    existing = [before.assignee_id] if before.assignee_id else []
    return Entry(before, after, event, counted(before, after, existing), progress=progress)


def sentence(failed: tuple[RecipientState, ...]) -> str:
    """Who did not get the mail, and why."""
    told = "; ".join(f"{each.address} ({each.because.text if each.because else each.status})" for each in failed)
    return f"The answer did not reach {told}"[:LONGEST]
