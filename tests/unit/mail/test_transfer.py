"""Transfer encodings, whole and broken."""

from __future__ import annotations

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import transfer


@given(st.binary(), st.integers(1, 90), st.sampled_from([b"\n", b"\r\n", b" \n", b"\r\r\n"]))
def test_base64_with_any_line_length_and_end(data: bytes, width: int, end: bytes) -> None:
    letters = base64.b64encode(data)
    lines = end.join(letters[i : i + width] for i in range(0, len(letters), width))
    assert transfer.from_base64(lines) == (data, ())
    assert transfer.from_base64(memoryview(lines)) == (data, ())


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=5))
def test_base64_padded_in_pieces(pieces: list[bytes]) -> None:
    letters = b"\n".join(map(base64.b64encode, pieces))
    assert transfer.from_base64(letters)[0] == b"".join(pieces)


@given(st.binary())
def test_base64_of_anything_gives_bytes(data: bytes) -> None:
    assert isinstance(transfer.from_base64(data)[0], bytes)


@pytest.mark.parametrize(
    ("written", "data", "defects"),
    [
        (b"", b"", ()),
        (b"YQ==", b"a", ()),
        (b"YQ", b"a", ("broken_base64",)),
        (b"YWJjZ", b"abc", ("broken_base64",)),
        (b"YW!Jj", b"abc", ("broken_base64",)),
        (b"YWJj\n-- \nlist footer here.\n", b"abc", ("broken_base64",)),
        (b"Hello\nthis is plain, no base64\n", b"Hello\nthis is plain, no base64\n", ("wrong_transfer_encoding",)),
        (b"YWJjZGU=\n\n_____ footer\n", b"abcde", ("broken_base64",)),
        (b"Dear all, see you.", b"Dear all, see you.", ("wrong_transfer_encoding",)),
    ],
)
def test_broken_base64(written: bytes, data: bytes, defects: tuple[str, ...]) -> None:
    assert transfer.from_base64(written) == (data, defects)


@given(st.binary())
def test_quoted_printable(data: bytes) -> None:
    assert transfer.from_quoted_printable(quopri.encodestring(data)) == data.replace(b"\r\n", b"\n") or b"\r" in data


@pytest.mark.parametrize(
    ("written", "data"),
    [
        (b"a=20b=\n c", b"a b c"),
        (b"soft =  \r\nend", b"soft end"),
        (b"wrong =XY and =", b"wrong =XY and "),
        (b"lone=\rcr", b"lonecr"),
        (b"=c3=a4", b"\xc3\xa4"),
    ],
)
def test_quoted_printable_in_the_wild(written: bytes, data: bytes) -> None:
    assert transfer.from_quoted_printable(written) == data


def uuencoded(data: bytes, name: bytes = b"a.txt") -> bytes:
    lines = b"".join(binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    return b"begin 644 " + name + b"\n" + lines + b"`\nend\n"


@given(st.binary(min_size=1, max_size=300))
def test_uuencode(data: bytes) -> None:
    assert transfer.decode(uuencoded(data), "uuencode") == (data, ())
    text, files = transfer.split_uuencoded("before\n" + uuencoded(data).decode("ascii") + "after", 10_000)
    assert files == [("a.txt", data)]
    assert text == "before\n\nafter"


def test_uuencoded_files_are_bounded() -> None:
    text = uuencoded(b"x" * 100).decode("ascii")
    assert transfer.split_uuencoded(text, 99) == (text, [])


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("", "identity"),
        ("7bit", "identity"),
        ("8BIT", "identity"),
        (" Binary ", "identity"),
        ("BASE64", "base64"),
        ("base64 (comment)", "base64"),
        ("base64;", "base64"),
        ("quoted printable", "quoted-printable"),
        ("Quoted-Printable", "quoted-printable"),
        ("x-uuencode", "uuencode"),
        ("x-gzip", "xgzip"),
    ],
)
def test_names(field: str, name: str) -> None:
    assert transfer.encoding_name(field) == name


def test_uuencode_without_its_first_line() -> None:
    assert transfer.decode(b"\n#0V%T\n`\n", "uuencode") == (b"Cat", ("broken_uuencode",))
    assert transfer.decode(b"", "uuencode") == (b"", ("broken_uuencode",))


def test_an_unknown_encoding_is_named() -> None:
    assert transfer.decode(b"x", "xgzip") == (b"x", ("unknown_transfer_encoding",))
