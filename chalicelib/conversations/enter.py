"""How what a user writes gets into a conversation, and on its way: once, whatever is asked for twice or raced for.

An answer is stored as `queued`, with everything that comes with it, in one transaction; then its task goes onto the
outbound queue. Should that fail, the sweep finds the answer: what the caller was told is there, is there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from chalicelib import log
from chalicelib.conversations import read
from chalicelib.errors import Fault, LostRace
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, Message
from chalicelib.model.entry import Entry, RequestKey
from chalicelib.model.limits import Spending
from chalicelib.model.task import SendTask
from chalicelib.outbound.retry import seconds_until
from chalicelib.storage import entries, idempotency
from chalicelib.storage.limits import require_room
from chalicelib.storage.queues import enqueue_answer

TRIES = 4


class Entered(Struct, frozen=True):
    """What was written; the conversation with it, None when an earlier request had written it."""

    message: Message
    conversation: Conversation | None = None


def enter(caller: Caller, request: RequestKey | None, decide: Callable[[], Entry], now: datetime) -> Entered:
    """Write what `decide` decides, deciding anew after a lost race. The same request again writes nothing.

    `TooManyRequests` when the hour is used up.
    """
    for attempt in range(1, TRIES + 1):
        made = made_before(caller, request, again=attempt > 1)
        if made is not None:
            return Entered(made)
        entry = decide()
        try:
            entries.add_entry(entry, now)
        except LostRace:
            require_recipients(entry.quota, now)
            if attempt == TRIES:
                raise
            continue
        leave_soon(entry.message, now)
        return Entered(entry.message, entry.after)
    raise AssertionError("the last attempt returns or raises")


def made_before(caller: Caller, request: RequestKey | None, *, again: bool) -> Message | None:
    """What the same request wrote before, as it was known when it came, or (`again`) is by now."""
    if request is None:
        return None
    made = idempotency.find_made(caller.account_id, request) if again else request.made
    return read.message_for(caller, made) if made else None


def require_recipients(quota: tuple[Spending, ...], now: datetime) -> None:
    """Raise `TooManyRequests` if that is why a mail was not written: each way that sends mail has a limit."""
    detail = "The account may write to {most} recipients an hour, and has. Try again in the next hour."
    require_room(quota, now, detail, code="too_many_recipients")


def leave_soon(message: Message, now: datetime) -> None:
    """Put a written answer on its way, to leave when it is due; a comment has none."""
    if message.sending is None:
        return
    try:
        delay = seconds_until(message.sending.due_at, now)
        enqueue_answer(SendTask(message.account_id, message.id), delay=delay)
    except Fault as error:
        log.warning("left_to_the_sweep", message=message.id, because=error.detail)
