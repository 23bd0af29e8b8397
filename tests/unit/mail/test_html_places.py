"""Places judge chains of open elements as counting them does, whether they are remembered or found anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import html_places
from chalicelib.mail.html_nesting import Nesting
from chalicelib.mail.html_places import Place, Places

NAMES = ["table", "tr", "td", "th", "caption", "ul", "ol", "li", "dl", "dt", "dd", "p", "h1", "a", "div", "option", "x"]
STEPS = st.lists(st.one_of(st.sampled_from(NAMES), st.none()), max_size=60)  # None closes the last open element


@given(STEPS)
def test_places_count_as_nesting_does(steps: list[str | None]) -> None:
    places, nesting, open_names = Places(lambda place, name: True), Nesting(), list[str]()
    place = places.root
    for step in steps:
        if step is not None:
            found = place.inside.get(step) or places.enter(place, step)
            assert found is not None
            place = found
            nesting.push(step)
            open_names.append(step)
        elif open_names:
            nesting.pop(open_names.pop())
            assert place.above is not None
            place = place.above
        assert place.depth == len(open_names)
        assert [place.closes(name) for name in NAMES] == [nesting.closes(name) for name in NAMES]


def test_a_chain_is_judged_once() -> None:
    asked: list[tuple[str, str]] = []

    def may_open(place: Place, name: str) -> bool:
        asked.append((place.name, name))
        return name != "p"

    places = Places(may_open)
    first = places.enter(places.root, "div")
    assert places.root.inside["div"] is first
    assert places.enter(places.root, "p") is None
    assert places.root.inside["p"] is None
    assert places.enter(places.root, "br") is places.root
    assert asked == [("", "div"), ("", "p"), ("", "br")]


def test_no_more_places_are_remembered_than_memory_is_meant_for() -> None:
    places = Places(lambda place, name: True)
    for number in range(html_places.MOST + 10):
        found = places.enter(places.root, f"x{number}")
        assert found is not None
        assert found.above is places.root
    assert len(places.root.inside) == html_places.MOST
