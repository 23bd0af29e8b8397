"""What a wish makes of a conversation."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations.change import Wish, decide_change
from chalicelib.model.account import Availability, Role, Seat, User
from chalicelib.model.conversation import Conversation, ConversationStatus, Reason

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OPEN, CLOSED = ConversationStatus.OPEN, ConversationStatus.CLOSED
BEFORE = Conversation(
    "acc_a", "cnv_a", "inb_a", "chn_a", "con_a", "a@b.example", None, "Subject", OPEN, None, Reason("new", "New."),
    Reason("new", "New."), (), 1, "2026-02-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z",
)  # fmt: skip
STATUSES = st.sampled_from(ConversationStatus)
SOMEBODY = st.sampled_from([None, "usr_a", "usr_b"])


def user(user_id: str) -> User:
    return User("acc_a", user_id, "x@y.example", user_id, Role.MEMBER, Seat.FREE, Availability.AWAY, "2026")


def burden(conversation: Conversation) -> dict[str, int]:
    """What a conversation adds to the counters of open conversations."""
    if conversation.status is CLOSED or conversation.assignee_id is None:
        return {}
    return {conversation.assignee_id: 1}


@given(STATUSES, SOMEBODY, STATUSES, SOMEBODY, st.sets(st.sampled_from(["usr_a", "usr_b"])))
def test_counters_change_by_exactly_what_the_conversation_weighs(
    status: ConversationStatus, assignee: str | None, wished: ConversationStatus, wish: str | None, existing: set[str]
) -> None:
    before = replace(BEFORE, status=status, assignee_id=assignee, closed_at="then" if status is CLOSED else None)
    decided = decide_change(before, Wish(wished, wish), user("usr_c"), user(wish) if wish else None, existing, NOW)
    if (wished, wish) == (status, assignee):
        assert decided is None
        return
    assert decided is not None
    after = decided.after
    for each in ("usr_a", "usr_b"):
        expected = burden(after).get(each, 0) - burden(before).get(each, 0) if each in existing else 0
        assert decided.counted.get(each, 0) == expected
    assert 0 not in decided.counted.values()
    assert (after.status, after.assignee_id, after.version) == (wished, wish, before.version + 1)
    assert (after.closed_at is None) == (wished is OPEN)
    assert (after.assigned_because != before.assigned_because) == (wish != assignee)


def test_closing_notes_the_time_once() -> None:
    closed = decide_change(BEFORE, Wish(CLOSED, None), user("usr_a"), None, [], NOW)
    assert closed is not None
    assert closed.after.closed_at == stamp(NOW)
    later = datetime(2026, 4, 1, tzinfo=UTC)
    given_away = decide_change(closed.after, Wish(CLOSED, "usr_a"), user("usr_b"), user("usr_a"), ["usr_a"], later)
    assert given_away is not None
    assert given_away.after.closed_at == stamp(NOW)


def test_who_has_no_name_is_told_of_by_address_since_nobody_knows_a_colleague_by_id() -> None:
    by, to = replace(user("usr_a"), name="", email="ann@acme.example"), replace(user("usr_b"), name="Bea")
    decided = decide_change(BEFORE, Wish(OPEN, "usr_b"), by, to, [], NOW)
    assert decided is not None
    assert decided.after.assigned_because.text == "ann@acme.example assigned it to Bea."
