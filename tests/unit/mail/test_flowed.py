"""format=flowed."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.flowed import unflow

WORDS = st.lists(st.text("abcäö.", min_size=1, max_size=12), min_size=1, max_size=30).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=4), st.integers(20, 78))
def test_wrapped_paragraphs_are_whole_again(paragraphs: list[str], width: int) -> None:
    flowed = "\n".join(" \n".join(textwrap.wrap(p, width, break_long_words=False)) for p in paragraphs)
    assert unflow(flowed) == "\n".join(paragraphs)


@pytest.mark.parametrize(
    ("text", "delsp", "result"),
    [
        ("", False, ""),
        ("a", False, "a"),
        ("a \nb", False, "a b"),
        ("a \nb", True, "ab"),
        ("a\nb", False, "a\nb"),
        ("a \n\nb", False, "a \n\nb"),
        ("a \n-- \nb", False, "a \n-- \nb"),
        ("-- \nEva", False, "-- \nEva"),
        (" From x\n >y", False, "From x\n>y"),
        ("> a \n> b", False, "> a \n> b"),
        ("a \n> b", False, "a \n> b"),
        ("a \nb \nc\nd", False, "a b c\nd"),
    ],
)
def test_lines(text: str, delsp: bool, result: str) -> None:
    assert unflow(text, delsp) == result
