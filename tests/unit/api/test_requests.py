"""What comes in, as values: queries, merge patches, versions, pointers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from chalicelib.api.requests import (
    ID,
    Paging,
    merge,
    patched,
    read_body,
    read_if_match,
    read_path,
    read_query,
)
from chalicelib.errors import InvalidInput, NotFound, PreconditionRequired


class Inner(Struct, frozen=True, forbid_unknown_fields=True):
    """Something inside."""

    numbers: tuple[Annotated[int, Meta(ge=0)], ...] = ()
    word: str | None = None


class Outer(Struct, frozen=True, forbid_unknown_fields=True):
    """Something with something inside."""

    name: str
    inner: Inner = Inner()
    inners: tuple[Inner, ...] = ()


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7396, appendix A, but for null in what is not there
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d", "c": None}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ([1, 2], {"a": "b"}, {"a": "b"}),
        ({"e": 1}, {"e": {"f": 2}}, {"e": {"f": 2}}),
    ],
)
def test_merge_is_rfc_7396(target: Any, patch: Any, result: Any) -> None:
    assert merge(target, patch) == result


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc", max_size=1), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON, JSON)
def test_a_patch_applied_twice_is_a_patch_applied_once_unless_it_takes_away(target: Any, patch: Any) -> None:
    if "None" not in repr(patch):
        once = merge(target, patch)
        assert merge(once, patch) == once


@given(JSON)
def test_an_empty_patch_changes_nothing(value: Any) -> None:
    if isinstance(value, dict):
        assert merge(value, {}) == value


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": 1}, "/name"),
        ({}, "/name"),
        ({"name": "a", "nmae": "b"}, "/nmae"),
        ({"name": "a", "inner": {"words": 1}}, "/inner/words"),
        ({"name": "a", "inner": {"numbers": [1, -1]}}, "/inner/numbers/1"),
        ({"name": "a", "inners": [{}, {"word": 1}]}, "/inners/1/word"),
        ({"name": "a", "a/b~c": 1}, "/a~1b~0c"),
        (7, None),
    ],
)
def test_a_fault_is_pointed_to(body: Any, pointer: str | None) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_body(body, Outer)
    assert raised.value.pointer == pointer


def test_a_misspelt_field_is_refused_even_as_null() -> None:
    with pytest.raises(InvalidInput) as raised:
        patched(Outer("a"), {"nmae": None})
    assert raised.value.pointer == "/nmae"
    assert patched(Outer("a", Inner((1,), "w")), {"inner": {"word": None}}) == Outer("a", Inner((1,)))


@given(st.builds(Outer, st.text(max_size=3), st.builds(Inner, st.lists(st.integers(0, 9)).map(tuple))), JSON)
def test_a_patch_gives_a_value_or_says_what_is_wrong(value: Outer, patch: Any) -> None:
    try:
        result = patched(value, patch)
    except InvalidInput:
        return
    assert isinstance(result, Outer)
    assert msgspec.convert(msgspec.to_builtins(result), Outer) == result


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("*", None),
        (" * ", None),
        ('"3"', {3}),
        ('"3", "4"', {3, 4}),
        ('W/"3"', set()),
        ("3", set()),
        ('"x"', set()),
        ("", set()),
        ('"' + "9" * 400 + '"', set()),
    ],
)
def test_if_match_names_versions(header: str, accepted: set[int] | None) -> None:
    assert read_if_match(header) == accepted


def test_without_if_match_nothing_is_changed() -> None:
    with pytest.raises(PreconditionRequired):
        read_if_match(None)


@given(st.text(max_size=30))
def test_a_path_is_an_id_or_leads_nowhere(text: str) -> None:
    if ID.fullmatch(text):
        assert read_path({"id": text}) == {"id": text}
        assert text.isascii()
        assert "#" not in text
    else:
        with pytest.raises(NotFound):
            read_path({"id": text})


@given(st.dictionaries(st.sampled_from(["limit", "cursor", "sort"]), st.lists(st.text(max_size=4), max_size=2)))
def test_a_query_is_a_value_or_is_refused(told: dict[str, list[str]]) -> None:
    try:
        query = read_query(told, Paging)
    except InvalidInput:
        return
    assert 1 <= query.limit <= 100
    assert "sort" not in told
