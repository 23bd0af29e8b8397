"""What agents change in a conversation: who has it, and whether it is done. Every change says why (§7.5).

Status, assignee, lists and the users' counters of open conversations change together or not at all. A lost race (a mail
came in meanwhile) is decided again on what is there then.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations import access, read
from chalicelib.errors import LostRace, Refused
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, ConversationStatus, Reason
from chalicelib.routing.count_open import counted
from chalicelib.storage import conversations, people

TRIES = 4


class Wish(Struct, frozen=True):
    """What a conversation shall become; a field that is not to change repeats what is there."""

    status: ConversationStatus
    assignee_id: str | None


class Change(Struct, frozen=True):
    """A decided change: the conversation afterwards, and by how much users' counters of open conversations change."""

    after: Conversation
    counted: dict[str, int]


def decide_change(
    before: Conversation, wish: Wish, by: User, assignee: User | None, existing: Collection[str], now: datetime
) -> Change | None:
    """What the wish makes of the conversation, None when nothing changes. Pure.

    `assignee` is the user that the wish names. `existing` are the ids of users whose counters still exist.
    """
    if (wish.status, wish.assignee_id) == (before.status, before.assignee_id):
        return None
    because = before.assigned_because
    if wish.assignee_id != before.assignee_id:
        because = _reason(by, assignee)
    closed_at = None
    if wish.status is ConversationStatus.CLOSED:
        closed_at = before.closed_at or stamp(now)
    after = replace(
        before,
        status=wish.status,
        assignee_id=wish.assignee_id,
        assigned_because=because,
        closed_at=closed_at,
        version=before.version + 1,
    )
    return Change(after, counted(before, after, existing))


def change(
    caller: Caller,
    conversation_id: str,
    *,
    status: ConversationStatus | None,
    assign: bool,
    assignee_id: str | None,
    now: datetime,
) -> Conversation:
    """Give a conversation to somebody (`assign`; None: to nobody), close or reopen it (`status`).

    `NotFound`, `Forbidden` (S19), or `Refused` when the assignee does not exist or has no access to the inbox. Users
    without a paid seat may assign and be assigned by hand (S21).
    """
    for attempt in range(1, TRIES + 1):
        before, inbox = read.conversation_for(caller, conversation_id)
        access.require_act(caller.user, inbox)
        wish = Wish(status or before.status, assignee_id if assign else before.assignee_id)
        users = people.get_users(caller.account_id, [each for each in (before.assignee_id, wish.assignee_id) if each])
        assignee = users.get(wish.assignee_id) if wish.assignee_id else None
        if wish.assignee_id != before.assignee_id and wish.assignee_id is not None:
            if assignee is None:
                raise Refused(f"There is no user {wish.assignee_id}.", pointer="/assignee_id", code="no_such_user")
            access.require_assignable(assignee, inbox)
        existing = [user_id for user_id, user in users.items() if user is not None]
        decided = decide_change(before, wish, caller.user, assignee, existing, now)
        if decided is None:
            return before
        try:
            conversations.change_conversation(before, decided.after, decided.counted, stamp(now))
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return decided.after
    raise AssertionError("the last attempt returns or raises")


def _reason(by: User, assignee: User | None) -> Reason:
    if assignee is None:
        return Reason("unassigned_by_hand", f"{by.called} took the assignment away.")
    if assignee.id == by.id:
        return Reason("assigned_to_oneself", f"{by.called} took the conversation.")
    return Reason("assigned_by_hand", f"{by.called} assigned it to {assignee.called}.")
