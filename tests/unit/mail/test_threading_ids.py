"""Message ids of threading fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import bounds, threading_ids

ID = st.from_regex(r"[a-zA-Z0-9.+_-]{1,30}@[a-z0-9.-]{1,20}", fullmatch=True)


@given(st.lists(ID, max_size=8, unique=True), st.sampled_from([" ", "", ",", ", ", "\t", " \t "]))
def test_bracketed_ids_come_back(ids: list[str], between: str) -> None:
    assert threading_ids.read_ids(between.join(f"<{one}>" for one in ids)) == (tuple(ids), ())


@given(st.text("<>@ab,=3D \"'\x00", max_size=80))
def test_any_text_gives_clean_ids(text: str) -> None:
    ids, _ = threading_ids.read_ids(text)
    assert len(set(ids)) == len(ids)
    assert not any(set(" <>\x00\"'") & set(one) or not one for one in ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ()),
        ("<>", ()),
        ("<a@b>", ("a@b",)),
        ("a@b", ("a@b",)),
        ("a@b c@d", ("a@b", "c@d")),
        ("a@b,c@d;e@f", ("a@b", "c@d", "e@f")),
        ("<a@b><c@d>", ("a@b", "c@d")),
        ("<a@b> <a@b>", ("a@b",)),
        ("<a@ b>", ("a@b",)),
        ("<a=3Db@c>", ("a=b@c",)),
        ("<a= b@c>", ("ab@c",)),
        ("<a=b@c>", ("a=b@c",)),
        ("no-at-sign", ("no-at-sign",)),
        ("<no-at-sign>", ("no-at-sign",)),
        ("Message from Eva of yesterday <a@b>", ("a@b",)),
        ("Eva's message of yesterday", ()),
        ("<a@b", ("a@b",)),
        ("<" + "x" * 2000 + "@b>", ()),
    ],
)
def test_ids(text: str, ids: tuple[str, ...]) -> None:
    assert threading_ids.read_ids(text)[0] == ids


def test_the_first_and_the_newest_stay() -> None:
    ids, defects = threading_ids.read_ids(" ".join(f"<{i}@b>" for i in range(1000)))
    assert len(ids) == bounds.MAX_IDS
    assert ids[0] == "0@b"
    assert ids[-1] == "999@b"
    assert defects == ("too_many_references",)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("<a@b>", "a@b"),
        ("a@b", "a@b"),
        (" < a@b > ", "a@b"),
        ("", None),
        ("<>", None),
        ("<a@b> (added by x)", "a@b"),
        ("x" * 2000, None),
    ],
)
def test_message_id(text: str, one: str | None) -> None:
    assert threading_ids.read_id(text) == one
