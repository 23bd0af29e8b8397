"""Address lists (the wild forms are mails in tests/mails/addresses)."""

from __future__ import annotations

from email.headerregistry import Address as Standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import addresses, bounds
from chalicelib.mail.model import Address

LOCAL = st.text("abcdefXYZ0123456789.+-_", min_size=1, max_size=20).filter(
    lambda s: ".." not in s and s[0] != "." and s[-1] != "."
)
NAME = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20).map(lambda s: f"a{s}a")


@given(st.lists(st.tuples(NAME, LOCAL), min_size=1, max_size=5))
def test_what_the_standard_library_writes(people: list[tuple[str, str]]) -> None:
    written = ", ".join(str(Standard(name, local, "example.org")) for name, local in people)
    boxes, defects = addresses.read(written)
    assert [(box.name, box.address) for box in boxes] == [(name, f"{local}@example.org") for name, local in people]
    assert defects == ()


@given(st.text('"\\(<,;:>@ab =?.)', max_size=60))
def test_any_text_gives_clean_boxes(text: str) -> None:
    for box in addresses.read(text)[0]:
        assert box.name or box.address
        assert not set("\r\n\x00") & set((box.name or "") + box.address)


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("", []),
        (",;,", []),
        ("a@b", [(None, "a@b")]),
        ("<a@b>", [(None, "a@b")]),
        ("A <a@B.Example.>", [("A", "a@b.example")]),
        ("A <a@b>, , B <c@d>", [("A", "a@b"), ("B", "c@d")]),
        ("a @ b", [(None, "a@b")]),
        ("a @ b . example", [(None, "a@b.example")]),
        ("A <a@b   . example>", [("A", "a@b.example")]),
        ("a@b(comment).  example", [("comment", "a@b.example")]),
        ("A(b \\) c) <a(d)@b(e).example(f)>", [("A", "a@b.example")]),
        ("a@b.example. A", [("A", "a@b.example")]),
        ("A B <a@b>; C <c@d>;", [("A B", "a@b"), ("C", "c@d")]),
        ("G: a@b, C <c@d>;", [(None, "a@b"), ("C", "c@d")]),
        ("G:;", []),
        ("Re: question <a@b>", [("Re: question", "a@b")]),
        ("B, A <a@b>, D, C <c@d>", [("B, A", "a@b"), ("D, C", "c@d")]),
        ("root, a@b", [(None, "root"), (None, "a@b")]),
        ("<a@b> A", [("A", "a@b")]),
        ("<a@b> (A)", [("A", "a@b")]),
        ("A (comment) <a@b>", [("A", "a@b")]),
        ('"a@b" <a@b>', [("a@b", "a@b")]),
        ('"A <a@b>"', [("A", "a@b")]),
        ("=?utf-8?Q?A_=3Ca=40b=3E?=", [("A", "a@b")]),
        ("=?utf-8?Q?M,_A?= <a@b>", [("M, A", "a@b")]),
        ("A <a@b", [("A", "a@b")]),
        ("A a@b>", [("A", "a@b")]),
        ("<<a@b>>", [(None, "a@b")]),
        ("A <B> <a@b>", [("A <B>", "a@b")]),
        ("A <>", [("A", "")]),
        ("mailto:a@b", [(None, "a@b")]),
        ("(only a comment)", [("only a comment", "")]),
        ('"A \\"B\\" C" <a@b>', [('A "B" C', "a@b")]),
        ("\"'A'\" <a@b>", [("A", "a@b")]),
    ],
)
def test_lists(text: str, boxes: list[tuple[str | None, str]]) -> None:
    assert addresses.read(text)[0] == tuple(Address(name, address) for name, address in boxes)


def test_mailboxes_are_bounded() -> None:
    boxes, defects = addresses.read("a@b," * (bounds.MAX_ADDRESSES + 5))
    assert len(boxes) == bounds.MAX_ADDRESSES
    assert defects == ("too_many_addresses",)
