"""Header blocks, encoded words and the cleaning of hostile strings."""

from __future__ import annotations

import base64
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import bounds, encoded_words
from chalicelib.mail.clean import clean_line, clean_text
from chalicelib.mail.headers import Headers, read_fields

TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=60)


def headers(block: bytes) -> Headers:
    return Headers(read_fields(block)[0])


@given(
    st.lists(
        st.tuples(st.sampled_from(["To", "X-A", "subject"]), st.text("abc xyz", min_size=1, max_size=20)), max_size=8
    )
)
def test_fields_come_back_in_order(fields: list[tuple[str, str]]) -> None:
    block = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
    assert list(headers(block)) == [(name.lower(), value.strip()) for name, value in fields]


@given(st.text("ab ", min_size=1, max_size=80), st.sampled_from(["\r\n ", "\n\t", "\r\n  "]))
def test_folds_are_blanks(value: str, fold: str) -> None:
    words = value.split()
    block = f"Subject: {fold.join(words)}\r\n".encode()
    assert headers(block).get("subject") == " ".join(words)


@given(st.binary(max_size=300))
def test_any_block_is_read(block: bytes) -> None:
    fields, rest, _ = read_fields(block)
    for _, text in Headers(fields):
        assert text == clean_line(text)
    assert rest is None or isinstance(rest, bytes)


@pytest.mark.parametrize(
    ("block", "fields", "rest", "defects"),
    [
        (b"", [], None, ()),
        (b"A:b", [("a", b"b")], None, ()),
        (b"A :  b \r\n", [("a", b"b")], None, ()),
        (b"A: b\nbroken\nC: d\n", [("a", b"b\n broken"), ("c", b"d")], None, ("broken_header_line",)),
        (b"A: b\n>From x@y Mon\nC: d\n", [("a", b"b"), ("c", b"d")], None, ("broken_header_line",)),
        (b"A: b\nhello\nthere\n", [("a", b"b")], b"hello\nthere\n", ("missing_blank_line",)),
        (b"A: b\n--x\nC: d\n", [("a", b"b")], b"--x\nC: d\n", ("missing_blank_line",)),
        (b"A: b\rC: d\r\n", [("a", b"b"), ("c", b"d")], None, ("bare_cr",)),
        (b"A: b\r\r\nC: d\r\r\n", [("a", b"b"), ("c", b"d")], None, ("bare_cr",)),
        (b": no name\n", [], b": no name\n", ("missing_blank_line",)),
        (b"A: " + b"x" * 999, [("a", b"x" * 999)], None, ("header_line_too_long",)),
    ],
)
def test_blocks(block: bytes, fields: list[tuple[str, bytes]], rest: bytes | None, defects: tuple[str, ...]) -> None:
    assert read_fields(block) == (fields, rest, defects)


def test_header_bytes_and_fields_are_bounded() -> None:
    fields, _, defects = read_fields(b"A: b\n" * (bounds.MAX_HEADER_FIELDS + 10))
    assert len(fields) == bounds.MAX_HEADER_FIELDS
    assert defects == ("header_too_large",)
    fields, _, defects = read_fields(b"A: " + b"x " * bounds.MAX_FIELD_BYTES)
    assert len(fields[0][1]) <= bounds.MAX_FIELD_BYTES
    assert "header_too_large" in defects
    fields, _, defects = read_fields((b"A: " + b"x" * 900 + b"\n") * 3000)
    assert sum(len(value) for _, value in fields) <= bounds.MAX_HEADER_BYTES
    assert "header_too_large" in defects


def test_access() -> None:
    found = headers(b"Subject:\nSUBJECT: =?utf-8?Q?=C3=A4?=\nTo: a\n b\n")
    assert found.get("Subject") == "ä"
    assert found.all("subject") == ["", "ä"]
    assert found.raw("TO") == b"a\n b"
    assert found.raw_all("to") == [b"a\n b"]
    assert found.unfolded("to") == "a b"
    assert found.unfolded("cc") is None
    assert found.get("cc") is None
    assert "to" in found
    assert "cc" not in found
    assert len(found) == 3


def test_raw_bytes_follow_the_hint() -> None:
    found = headers("Subject: Привет".encode("koi8-r"))
    found.charset_hint = "koi8-r"
    assert found.get("subject") == "Привет"
    utf8 = headers("Subject: Grüße".encode())
    utf8.charset_hint = "koi8-r"
    assert utf8.get("subject") == "Grüße"


# Encoded words


@given(TEXT, st.sampled_from(["utf-8", "utf-16-be", "gb18030"]), st.integers(1, 9))
def test_words_cut_anywhere(text: str, label: str, size: int) -> None:
    data = text.encode(label)
    words = [base64.b64encode(data[i : i + size]).decode() for i in range(0, len(data), size)]
    assert encoded_words.decode(" ".join(f"=?{label}?B?{word}?=" for word in words)) == text.lstrip("\ufeff")


@given(TEXT)
def test_what_the_standard_library_writes(text: str) -> None:
    written = Header(text, "utf-8", maxlinelen=70).encode()
    assert encoded_words.decode(written) == text.lstrip("\ufeff") or not written


@given(st.text("=?utf-8qQbB_ abcdÄ", max_size=80))
def test_any_text_is_decoded(text: str) -> None:
    assert isinstance(encoded_words.decode(text), str)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?a_b?=", "a b"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        ("=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=A4?=", "ää"),
        ("=?utf-8*en?q?=C3=A4?=", "ä"),
        ("=?nonsense?q?=C3=A4?=", "ä"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?open", "open"),
        ("=?utf-8?b?w6Q", "ä"),
        ("=?utf-8?b?!!!?=", ""),
        ("=??q?x?=", "=??q?x?="),
        ("=?utf-8?q??=", ""),
        ("=?utf-8?Q?a?=20b?=", "a? b"),
        ("=?utf-8?Q?=3D?=", "="),
        ('"=?utf-8?q?=C3=A4?="', '"ä"'),
        ("=?utf-8?b?w6T=?= =?utf-8?b?w7Y=?=", "äö"),
    ],
)
def test_words(written: str, text: str) -> None:
    assert encoded_words.decode(written) == text


def test_words_are_bounded() -> None:
    many = "=?utf-8?q?a?= x " * (bounds.MAX_ENCODED_WORDS + 5)
    assert encoded_words.decode(many).count("=?") == 5


# Cleaning


@given(st.text())
def test_a_clean_line_is_one_line_and_stays_clean(text: str) -> None:
    line = clean_line(text)
    assert clean_line(line) == line
    assert not set("\r\n\x00\t\u202e\u2066\u2028\x7f") & set(line)
    line.encode("utf-8")


@given(st.text())
def test_a_clean_text_keeps_its_words(text: str) -> None:
    cleaned = clean_text(text)
    assert "\r" not in cleaned
    assert "\x00" not in cleaned
    assert [c for c in cleaned if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\r\r\n", "\x0b", "\x85", "\u2028", "\u2029"])
def test_whatever_ends_a_line_keeps_two_lines_apart(end: str) -> None:
    assert clean_text(f"Broken lamp{end}Street 3") == "Broken lamp\nStreet 3"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\n b", "a b"),
        ("a\x00b", "ab"),
        (" a ", "a"),
        ("a\u202eb\u202c", "ab"),
        ("a\u200eb", "a\u200eb"),
        ("\ud800x", "x"),
    ],
)
def test_lines(text: str, line: str) -> None:
    assert clean_line(text) == line
