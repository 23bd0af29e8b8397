"""When two from names are the same (S30), and which a further inbox gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.settings.from_names import LONGEST, default_names, folded_name


@pytest.mark.parametrize(
    "other",
    [
        "acme straße",
        "ACME STRASSE",
        "  Acme \u00a0 Straße ",
        "Acme\tStraße",
        "Ａｃｍｅ Straße",  # full width
        "Ac\u200bme Stra\u00adße",  # zero width, soft hyphen
        "Acme Straße",
    ],
)
def test_S30_names_that_look_the_same_are_the_same(other: str) -> None:
    assert folded_name(other) == folded_name("Acme Straße")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme", "Acme Inc."), ("Acme", "Acmé"), ("Acme 1", "Acme1"), ("Æ", "AE"), ("Müller", "Mueller")],
)
def test_S30_names_that_differ_differ(one: str, other: str) -> None:
    assert folded_name(one) != folded_name(other)


def test_S30_composed_and_decomposed_are_the_same() -> None:
    assert folded_name("Caf\u00e9") == folded_name("Cafe\u0301") == folded_name("CAFÉ")


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u00ad\u2060 \u00a0"])
def test_a_name_of_which_nothing_shows_is_empty(name: str) -> None:
    assert folded_name(name) == ""


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(name: str) -> None:
    once = folded_name(name)
    assert folded_name(once) == once
    assert folded_name(f"  {name}\u00a0") == once


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=200))
def test_default_names_differ_and_fit(company: str, inbox: str) -> None:
    names = list(default_names(company, inbox))
    assert len({folded_name(name) for name in names}) == len(names) > 5
    assert max(map(len, names)) <= LONGEST
