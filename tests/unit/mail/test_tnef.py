"""winmail.dat (whole streams are mails in tests/mails/tnef)."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import bounds, tnef


def attribute(ident: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", 2, ident, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def stream(*attributes: bytes) -> bytes:
    return tnef.SIGNATURE + b"\x01\x00" + b"".join(attributes)


def file(name: bytes, content: bytes) -> bytes:
    return attribute(0x9002, b"") + attribute(0x8010, name + b"\x00") + attribute(0x800F, content)


FILES = st.lists(
    st.tuples(st.text("abc.", min_size=1, max_size=9).filter(str.strip), st.binary(max_size=60)), max_size=5
)


@given(FILES)
def test_files_come_back(files: list[tuple[str, bytes]]) -> None:
    unpacked = tnef.unpack(stream(*(file(name.encode(), content) for name, content in files)), 10_000)
    assert [(one.name, one.content) for one in unpacked.files] == files
    assert unpacked.defects == ()


@given(FILES, st.integers(0, 400), st.binary(max_size=40))
def test_any_bytes_are_survived(files: list[tuple[str, bytes]], cut: int, junk: bytes) -> None:
    whole = stream(*(file(name.encode(), content) for name, content in files))
    for data in (
        junk,
        tnef.SIGNATURE + junk,
        whole[:cut],
        whole[:cut] + junk,
        stream(attribute(0x9003, junk), attribute(0x9005, junk)),
    ):
        assert isinstance(tnef.unpack(data, 10_000), tnef.Unpacked)


@pytest.mark.parametrize(
    ("limit", "names", "defects"),
    [(6, ["a", "b"], ()), (5, ["a"], ("unpacked_too_large",)), (0, [], ("unpacked_too_large",))],
)
def test_what_is_unpacked_is_bounded(limit: int, names: list[str], defects: tuple[str, ...]) -> None:
    unpacked = tnef.unpack(stream(file(b"a", b"123"), file(b"b", b"456")), limit)
    assert [one.name for one in unpacked.files] == names
    assert unpacked.defects == defects


def test_streams_in_streams_are_bounded() -> None:
    data = stream(file(b"innermost", b"x"))
    for _ in range(20):
        data = stream(attribute(0x9002, b""), attribute(0x800F, b"i" * 16 + data))
    unpacked = tnef.unpack(data, 10_000_000)
    assert [one.content[:1] for one in unpacked.files] == [b"i"]


def test_names_are_cleaned() -> None:
    (one,) = tnef.unpack(stream(file(b"a\r\nb\x1bc", b"x")), 10).files
    assert one.name == "a bc"


def test_attributes_are_bounded_and_say_so() -> None:
    unpacked = tnef.unpack(stream(*[attribute(0x9002, b"")] * (bounds.MAX_TNEF_ATTRIBUTES + 1)), 10)
    assert unpacked.defects == ("broken_tnef",)
