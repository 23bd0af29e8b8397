"""Which conversation a mail joins, by which evidence, in which order; and what it never joins by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.inbound.choose_conversation import Choice, choose_conversation, reopens
from chalicelib.model.account import Account, Answering, Plan
from chalicelib.model.conversation import Conversation, ConversationStatus, Direction, Reason
from chalicelib.model.filing import Evidence, KnownMessageId
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.ticket import StageKind, StageMove, StageMoves

CHANNEL = Channel("acc_a", "chn_a", "inb_a", ChannelType.FALLBACK_EMAIL, "support@acme.in.postfach.test", "")
ADA, BOB, MALLORY = "ada@customer.example", "bob@customer.example", "mallory@evil.example"
WHY = Reason("x", "y")


def conversation(name: str, *participants: str, closed: bool = False) -> Conversation:
    return Conversation(
        account_id="acc_a",
        id=name,
        inbox_id="inb_a",
        channel_id="chn_a",
        contact_id="ctc_a",
        contact_email=ADA,
        contact_name=None,
        subject="",
        status=ConversationStatus.CLOSED if closed else ConversationStatus.OPEN,
        assignee_id=None,
        assigned_because=WHY,
        started_because=WHY,
        participants=participants,
        message_count=1,
        last_message_at="",
        created_at="",
    )


def incoming(conversation_id: str, *participants: str, pending: bool = False, writer: str = ADA) -> KnownMessageId:
    return KnownMessageId("i@x.example", conversation_id, Direction.INCOMING, pending, participants, writer)


def outgoing(conversation_id: str, *participants: str) -> KnownMessageId:
    return KnownMessageId("o@x.example", conversation_id, Direction.OUTGOING, False, participants)


def evidence(*known: KnownMessageId, **more: Any) -> Evidence:
    return Evidence(CHANNEL, known_ids=known, **more)


def reading(*seen: Conversation, **more: Any) -> dict[str, Any]:
    return {"conversations": {each.id: each for each in seen}, **more}


SEEN = reading(conversation("cnv_a", ADA, BOB), conversation("cnv_b", ADA), conversation("cnv_c", ADA))


@pytest.mark.parametrize(
    ("told", "sender", "signed", "joins", "code"),
    [
        # nothing known
        (evidence(), ADA, None, None, "new"),
        (evidence(), None, None, None, "new"),
        # (a) the signed address comes before everything
        (evidence(outgoing("cnv_b", ADA), incoming("cnv_c", ADA)), ADA, "cnv_a", "cnv_a", "signed_reply_address"),
        # (b) our own ids come before theirs, wherever they stand
        (evidence(incoming("cnv_c", ADA), outgoing("cnv_b", ADA)), ADA, None, "cnv_b", "answers_our_message"),
        (
            evidence(outgoing("cnv_b", ADA), own_id=incoming("cnv_c", ADA, pending=True)),
            ADA,
            None,
            "cnv_b",
            "answers_our_message",
        ),
        # (c) the mail's own id, cited before it arrived; then theirs
        (
            evidence(incoming("cnv_b", ADA), own_id=incoming("cnv_c", ADA, pending=True)),
            ADA,
            None,
            "cnv_c",
            "cited_before_arrival",
        ),
        (evidence(incoming("cnv_b", ADA)), ADA, None, "cnv_b", "answers_their_message"),
        (evidence(incoming("cnv_b", ADA, pending=True)), ADA, None, "cnv_b", "shares_an_ancestor"),
        (evidence(incoming("cnv_a", ADA), incoming("cnv_b", ADA)), ADA, None, "cnv_a", "answers_their_message"),
        # an id of its own that has arrived already is another mail's: no evidence
        (evidence(own_id=incoming("cnv_b", ADA)), ADA, None, None, "new"),
    ],
)
def test_the_order_of_evidence(
    told: Evidence, sender: str | None, signed: str | None, joins: str | None, code: str
) -> None:
    choice = choose_conversation(told, sender, signed)
    assert (choice.conversation_id, choice.because.code, choice.look_at, choice.seen) == (joins, code, None, None)
    afresh = choose_conversation(replace(told, may_assume=False, **SEEN), sender, signed)
    assert (afresh.conversation_id, afresh.because.code) == (joins, code)
    assert (afresh.seen and afresh.seen.id) == joins


@pytest.mark.parametrize(
    ("known", "signed", "code"),
    [([], "cnv_a", "signed_reply_address"), ([outgoing("cnv_a", ADA)], None, "answers_our_message")],
)
def test_a_stranger_joins_by_what_left_from_here_but_takes_no_part(
    known: list[KnownMessageId], signed: str | None, code: str
) -> None:
    """FreeScout GHSA-j49f."""
    choice = choose_conversation(evidence(*known, may_assume=False, **SEEN), MALLORY, signed)
    assert (choice.conversation_id, choice.because.code, choice.takes_part) == ("cnv_a", code, False)


@pytest.mark.parametrize("sender", [MALLORY, None])
def test_a_stranger_at_our_own_id_makes_us_look(sender: str | None) -> None:
    assert choose_conversation(evidence(outgoing("cnv_a", ADA)), sender, None).look_at == "cnv_a"


@pytest.mark.parametrize("pending", [True, False])
def test_a_stranger_does_not_join_by_what_came_in(pending: bool) -> None:
    told = evidence(incoming("cnv_a", ADA, pending=pending, writer=MALLORY if pending else ADA))
    assert choose_conversation(told, MALLORY, None).look_at == "cnv_a"
    choice = choose_conversation(replace(told, **SEEN), MALLORY, None)
    assert (choice.conversation_id, choice.because.code) == (None, "not_a_participant")


def test_someone_who_joined_since_the_id_was_noted_takes_part() -> None:
    told = evidence(incoming("cnv_a", ADA))
    assert choose_conversation(told, BOB, None).look_at == "cnv_a"
    choice = choose_conversation(replace(told, **SEEN), BOB, None)
    assert (choice.conversation_id, choice.takes_part, choice.known_participants) == ("cnv_a", True, (ADA, BOB))


@pytest.mark.parametrize(
    ("sender", "addressed", "joins"),
    [
        (MALLORY, frozenset[str](), "cnv_a"),
        (ADA, frozenset({MALLORY}), "cnv_a"),
        (ADA, frozenset({BOB}), None),
        (ADA, frozenset[str](), None),
        (None, frozenset[str](), None),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_a_pending_id_counts_only_for_whom_its_citer_wrote_with(
    sender: str | None, addressed: frozenset[str], joins: str | None, own: bool
) -> None:
    """Whoever learns of a mail under way must not catch it by citing it first."""
    trap = incoming("cnv_a", ADA, MALLORY, pending=True, writer=MALLORY)
    told = evidence(own_id=trap) if own else evidence(trap)
    choice = choose_conversation(told, sender, None, addressed)
    assert choice.conversation_id == joins
    assert choice.because.code == ("not_a_participant" if joins is None else choice.because.code)


def test_a_conversation_that_is_gone_is_passed_over() -> None:
    told = evidence(outgoing("cnv_a", ADA), incoming("cnv_b", ADA), may_assume=False)
    gone = replace(told, conversations={"cnv_a": None, "cnv_b": conversation("cnv_b", ADA)})
    assert choose_conversation(gone, ADA, "cnv_a").conversation_id == "cnv_b"
    all_gone = replace(told, conversations={"cnv_a": None, "cnv_b": None})
    assert choose_conversation(all_gone, ADA, None) == Choice(
        Reason("new", choose_conversation(all_gone, ADA, None).because.text)
    )


def test_after_a_lost_race_nothing_is_assumed() -> None:
    told = evidence(incoming("cnv_a", ADA), may_assume=False)
    assert choose_conversation(told, ADA, None).look_at == "cnv_a"
    assert choose_conversation(told, ADA, "cnv_s").look_at == "cnv_s"


def test_a_closed_conversation_is_joined_as_well() -> None:
    closed = conversation("cnv_a", ADA, closed=True)
    choice = choose_conversation(evidence(incoming("cnv_a", ADA), may_assume=False, **reading(closed)), ADA, None)
    assert choice.seen == closed


@pytest.mark.parametrize(
    ("seen", "automatic", "expected"),
    [
        (None, False, False),
        (conversation("cnv_a", ADA), False, False),
        (conversation("cnv_a", ADA, closed=True), False, True),
        (conversation("cnv_a", ADA, closed=True), True, False),
    ],
)
def test_reopening(seen: Conversation | None, automatic: bool, expected: bool) -> None:
    assert reopens(seen, automatic=automatic) is expected


OPEN, CLOSED = conversation("cnv_a", ADA), conversation("cnv_a", ADA, closed=True)
ACCOUNT = Account(
    id="acc_a",
    company_name="Acme",
    subdomain="acme",
    plan=Plan.STARTER,
    locale="en",
    default_inbox_id="inb_a",
    default_pipeline_id="pip_a",
    created_at="",
    answering=Answering(new_conversation_after_days=30),
    stage_moves={"pip_a": StageMoves(on_reply=StageMove("stg_b", StageKind.OPEN))},
)
WITH_TICKET = replace(OPEN, ticket_id="tck_a", ticket_pipeline_id="pip_a")


@pytest.mark.parametrize(
    ("glimpse", "is_used"),
    [
        (OPEN, False),  # joins unread, by the loosest conditions
        (replace(CLOSED, closed_at="2026-03-01T08:00:00.000000+00:00"), True),
        (replace(CLOSED, closed_at="2026-01-01T08:00:00.000000+00:00"), False),  # too long: to be read as it is now
        (replace(OPEN, inbox_id="inb_b"), True),
        (replace(WITH_TICKET, ticket_stage_id="stg_a"), True),
        (replace(WITH_TICKET, ticket_stage_id="stg_b"), False),
        (replace(CLOSED, participants=(BOB,)), False),  # may have been added since
        (replace(CLOSED, id="cnv_b"), False),
        (None, False),
    ],
)
def test_a_glimpse_is_used_where_joining_unread_would_fail(glimpse: Conversation | None, is_used: bool) -> None:
    told = evidence(account=ACCOUNT, glimpse=glimpse)
    choice = choose_conversation(told, ADA, "cnv_a", arrived_at="2026-03-02T08:00:00.000000+00:00")
    assert (choice.conversation_id, choice.look_at, choice.takes_part) == ("cnv_a", None, True)
    assert choice.seen == (glimpse if is_used else None)
    assert choice.known_participants == ((ADA,) if is_used else ())


PEOPLE = st.sampled_from([ADA, BOB, MALLORY])
NAMES = st.sampled_from(["cnv_a", "cnv_b", "cnv_c"])
KNOWN = st.builds(
    KnownMessageId,
    message_id=st.just("x"),
    conversation_id=NAMES,
    direction=st.sampled_from([Direction.INCOMING, Direction.OUTGOING]),
    pending=st.booleans(),
    participants=st.lists(PEOPLE, max_size=3).map(tuple),
    writer=PEOPLE,
)


@given(
    st.lists(KNOWN, max_size=5),
    st.none() | KNOWN,
    st.none() | PEOPLE,
    st.none() | NAMES,
    st.dictionaries(NAMES, st.lists(PEOPLE, max_size=2, unique=True), min_size=3),
    st.booleans(),
)
def test_looking_comes_to_an_end_and_only_participants_or_our_own_ids_join(
    known: list[KnownMessageId],
    own: KnownMessageId | None,
    sender: str | None,
    signed: str | None,
    stored: dict[str, list[str]],
    may_assume: bool,
) -> None:
    told = evidence(*known, own_id=own, may_assume=may_assume)
    for _ in range(4):
        choice = choose_conversation(told, sender, signed, frozenset({ADA}))
        if choice.look_at is None:
            break
        assert choice.look_at not in told.conversations
        found = conversation(choice.look_at, *stored[choice.look_at])
        told = replace(told, conversations={**told.conversations, choice.look_at: found})
    assert choice.look_at is None
    if choice.seen is not None and sender not in choice.seen.participants:
        assert not choice.takes_part
        ours = {each.conversation_id for each in known if each.direction is Direction.OUTGOING}
        assert choice.seen.id in ours | {signed}
    if choice.conversation_id is not None and choice.seen is None:
        assert may_assume
        assert sender is not None
