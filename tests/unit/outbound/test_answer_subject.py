"""Exactly one "Re:", whatever a subject begins with."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.subject_prefixes import prefix_of
from chalicelib.outbound.answer_subject import answer_subject


@pytest.mark.parametrize(
    ("subject", "answered"),
    [
        ("Hello", "Re: Hello"),
        ("Re: Hello", "Re: Hello"),
        ("RE : Hello", "Re: Hello"),
        ("AW: Hello", "Re: Hello"),
        ("Antw: Hello", "Re: Hello"),
        ("SV: AW: Re[2]: Hello", "Re: Hello"),
        ("Re(3): Hello", "Re: Hello"),
        ("回复：Hello", "Re: Hello"),
        ("R: Hello", "Re: Hello"),
        ("VS: Hello", "Re: Hello"),
        ("WG: Hello", "Re: WG: Hello"),
        ("Re: Fwd: Re: Hello", "Re: Fwd: Hello"),
        ("[External] AW: Hello", "Re: [External] Hello"),
        ("Re: [Ticket 5] AW: Hello", "Re: [Ticket 5] Hello"),
        ("[Fwd: Re: Hello]", "Re: [Fwd: Hello]"),
        ("Re: Hello (fwd)", "Re: Hello (fwd)"),
        ("Note: Hello", "Re: Note: Hello"),
        ("Regarding: Re: Hello", "Re: Regarding: Re: Hello"),
        ("", "Re:"),
        ("Re:", "Re:"),
        ("Re:Re:Re:", "Re:"),
        ("Hello\r\nBcc: x@evil.example", "Re: Hello Bcc: x@evil.example"),
    ],
)
def test_the_subject_of_an_answer(subject: str, answered: str) -> None:
    assert answer_subject(subject) == answered


WORDS = st.sampled_from(
    [
        "Re:",
        "RE:",
        "AW:",
        "SV:",
        "Antw:",
        "RE[2]:",
        "Re^3:",
        "Odp:",
        "回复：",
        "Fwd:",
        "WG:",
        "TR :",
        "[External]",
        "(a)",
        "x",
    ]
)


@given(st.lists(WORDS, max_size=8), st.text(max_size=30))
def test_an_answer_to_an_answer_has_the_same_subject(words: list[str], rest: str) -> None:
    once = answer_subject(" ".join([*words, rest]))
    assert answer_subject(once) == once
    assert once.startswith("Re:")
    assert not prefix_of(once[3:]).reply
    assert not re.search(r"[\r\n\x00]", once)


def test_many_prefixes_cost_no_more_than_their_number() -> None:
    assert answer_subject("Re: " * 2500 + "x") == "Re: x"
