"""Evidence in, status out: what is shown after which observations, and that it neither flaps nor latches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.health import (
    ChannelHealth,
    ChannelStatus,
    Finding,
    HealthDirection,
    Observation,
)
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.reconcile.channel_status import DAMPING, SEVERITY, candidate_of, changes, damped, decide, is_news
from chalicelib.reconcile.sentences import SENTENCES, sentence

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
STEP = timedelta(minutes=5)
W, P, DEG, DIS, U = (
    ChannelStatus.WORKING,
    ChannelStatus.PENDING,
    ChannelStatus.DEGRADED,
    ChannelStatus.DISCONNECTED,
    ChannelStatus.UNKNOWN,
)
LETTERS = {"w": W, "p": P, "g": DEG, "d": DIS, "u": U}
CODES = {P: "identity_pending", DEG: "dkim_failed", DIS: "identity_failed"}
CHANNEL = Channel("acc_1", "chn_1", "inb_1", ChannelType.FALLBACK_EMAIL, "a@acme.in.postfach.test", stamp(START))


def observed(status: ChannelStatus, at: datetime) -> tuple[Observation, ...]:
    """The identity as it speaks for a status; unknown: it could not be seen."""
    if status is U:
        return (Observation("identity", stamp(at), None, "no answer"),)
    finding = Finding(status, CODES[status]) if status in CODES else None
    return (Observation("identity", stamp(at), finding is None, "what was seen", finding),)


def run(sequence: str, channel: Channel = CHANNEL) -> list[ChannelHealth]:
    """What is shown after each observation of outgoing mail, five minutes apart."""
    shown: list[ChannelHealth] = []
    for number, letter in enumerate(sequence):
        now = START + number * STEP
        before = shown[-1] if shown else None
        shown.append(decide(channel, (), observed(LETTERS[letter], now), before, now))
    return shown


def statuses(sequence: str) -> str:
    """The same as letters."""
    names = {status: letter for letter, status in LETTERS.items()}
    return "".join(names[each.outgoing.status] for each in run(sequence))


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ("w", "w"),
        ("p", "p"),
        ("g", "g"),
        ("u", "u"),
        ("pppw", "pppw"),  # proven: from pending to working at once
        ("wd", "ww"),  # one bad observation changes nothing
        ("wdd", "wwg"),  # two are worth a word
        ("wddd", "wwgd"),  # three of four are disconnected
        ("wdwdd", "wwwgd"),
        ("wdwdwdw", "wwwgggg"),  # every other one: degraded, and stays so
        ("wdddww", "wwgddw"),  # heals sooner than it broke
        ("wdddwdw", "wwgdddd"),
        ("wdddpp", "wwgddp"),  # being set up again
        ("wdddpw", "wwgddg"),
        ("wggg", "wwgg"),
        ("wpp", "wwg"),  # what worked and has to be verified again is degraded
        ("ddd", "uud"),  # never worked: said only when it is sure
        ("wuuu", "wwww"),  # a resolver that is down says nothing
        ("wduudd", "wwwwgd"),  # nor does it confirm what was seen before
    ],
)
def test_what_is_shown_after_what_was_seen(seen: str, shown: str) -> None:
    assert statuses(seen) == shown


def test_a_check_that_cannot_be_seen_keeps_its_last_sight_for_a_day_and_then_nothing_is_known() -> None:
    working = run("w")[-1]
    later = START + timedelta(hours=23)
    assert decide(CHANNEL, (), observed(U, later), working, later).outgoing.status is W
    too_late = START + timedelta(hours=25)
    assert decide(CHANNEL, (), observed(U, too_late), working, too_late).outgoing.status is U


def test_asking_again_and_again_confirms_no_trouble_but_heals_at_once() -> None:
    shown = run("w")[-1]
    for seconds in range(1, 10):
        now = START + STEP + timedelta(seconds=seconds)
        shown = decide(CHANNEL, (), observed(DIS, now), shown, now)
    assert shown.outgoing.status is W
    broken = run("wddd")[-1]
    for seconds in (1, 2):
        now = START + 4 * STEP + timedelta(seconds=seconds)
        broken = decide(CHANNEL, (), observed(W, now), broken, now)
    assert broken.outgoing.status is W


def test_what_is_broken_is_not_healed_by_what_cannot_be_seen() -> None:
    assert statuses("wddduuuuuu") == "wwgddddddd"


def test_good_news_of_others_says_nothing_without_the_essential_check() -> None:
    good = Observation("account", stamp(START), True, "may send")
    unseen = Observation("identity", stamp(START), None, "throttled")
    assert candidate_of(HealthDirection.OUTGOING, (good, unseen)) == (U, "nothing_seen")


def test_the_worst_finding_is_the_reason() -> None:
    found = [
        Observation("mail_from", stamp(START), False, "", Finding(DEG, "mail_from_failed")),
        Observation("identity", stamp(START), False, "", Finding(DIS, "identity_failed")),
        Observation("dkim", stamp(START), False, "", Finding(P, "dkim_pending")),
    ]
    assert candidate_of(HealthDirection.OUTGOING, found) == (DIS, "identity_failed")


def test_S85_off_is_off_at_once_and_on_begins_anew() -> None:
    off = replace(CHANNEL, enabled=False)
    shown = run("wddd")[-1]
    now = START + timedelta(hours=1)
    switched_off = decide(off, (), observed(DIS, now), shown, now)
    assert switched_off.incoming.status is switched_off.outgoing.status is ChannelStatus.OFF
    on_again = decide(CHANNEL, (), observed(W, now), switched_off, now)
    assert on_again.outgoing.status is W


def test_since_when_and_the_history_tell_each_change_once() -> None:
    shown = run("wddddww")
    assert [each.outgoing.since for each in shown] == [
        stamp(START + n * STEP) for n in (0, 0, 2, 3, 3, 3, 6)
    ]  # fmt: skip
    told = [change for before, after in zip([None, *shown], shown, strict=False) for change in changes(before, after)]
    assert [(each.before, each.after) for each in told] == [(U, W), (W, DEG), (DEG, DIS), (DIS, W)]
    assert [each.because.code for each in told] == ["in_order", "identity_failed", "identity_failed", "in_order"]
    assert told[2].evidence[0].saw == "what was seen"


def test_only_news_is_worth_writing() -> None:
    first, second = run("ww")[0], run("ww")[1]
    hour = timedelta(hours=1)
    assert is_news(None, first, START, hour)
    third = decide(CHANNEL, (), observed(W, START + 4 * STEP), run("wwww")[-1], START + 4 * STEP)
    assert not is_news(run("wwww")[-1], third, START + 4 * STEP, hour)
    assert is_news(first, second, START + 2 * hour, hour)
    assert is_news(run("wwww")[-1], run("wwwwd")[-1], START + 4 * STEP, hour)


levels = st.sampled_from([W, DEG, DIS])


def after(shown: ChannelStatus, observations: list[ChannelStatus]) -> list[ChannelStatus]:
    """What is shown after each."""
    told = []
    for number in range(len(observations)):
        shown = damped(shown, observations[: number + 1][-4:])
        told.append(shown)
    return told


@given(st.lists(st.tuples(levels, levels), min_size=1, max_size=30), levels)
def test_better_observations_never_show_a_worse_status(
    pairs: list[tuple[ChannelStatus, ...]], first: ChannelStatus
) -> None:
    better = [min(pair, key=SEVERITY.__getitem__) for pair in pairs]
    worse = [max(pair, key=SEVERITY.__getitem__) for pair in pairs]
    for mild, bad in zip(after(first, better), after(first, worse), strict=True):
        assert SEVERITY[mild] <= SEVERITY[bad]


@given(levels, levels, levels, st.integers(2, 40))
def test_alternating_observations_do_not_flap(
    shown: ChannelStatus, one: ChannelStatus, other: ChannelStatus, times: int
) -> None:
    told = [shown, *after(shown, [one, other] * times)]
    moves = sum(was is not is_ for was, is_ in pairwise(told))
    assert moves <= 2


@given(st.sampled_from([*SEVERITY, U, ChannelStatus.OFF]), st.lists(st.sampled_from(list(SEVERITY)), max_size=20))
def test_it_heals_after_two_good_observations_from_any_state(shown: ChannelStatus, before: list[ChannelStatus]) -> None:
    assert after(shown, [*before, *[W] * DAMPING.healing])[-1] is W


@given(st.sampled_from([*SEVERITY, U, ChannelStatus.OFF]), st.lists(st.sampled_from(list(SEVERITY)), max_size=20))
def test_it_tells_after_three_bad_observations_from_any_state(
    shown: ChannelStatus, before: list[ChannelStatus]
) -> None:
    assert after(shown, [*before, DIS, DIS, DIS])[-1] is DIS


@given(st.lists(st.sampled_from(list(SEVERITY)), min_size=1, max_size=20), levels)
def test_nothing_is_shown_disconnected_without_three_bad_observations(
    observations: list[ChannelStatus], shown: ChannelStatus
) -> None:
    if shown is not DIS and observations.count(DIS) < 3:
        assert DIS not in after(shown, observations)


def test_each_sentence_is_there_in_both_languages_and_says_something() -> None:
    for code, (english, german) in SENTENCES.items():
        assert english.endswith("."), code
        assert german.endswith("."), code
        assert english != german, code
    shown = run("wddd")[-1].outgoing.because
    assert sentence(shown, "de") == SENTENCES["identity_failed"][1]
    assert sentence(shown, "fr") == SENTENCES["identity_failed"][0]
