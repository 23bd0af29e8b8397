"""Bytes to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import charset

GERMAN = "Größe, Übermut und Straße"
RUSSIAN = "Добрый день, где находится мой заказ"
JAPANESE = "お世話になっております。注文した商品"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\ufffe")))
def test_utf8_is_read_whatever_single_byte_label_it_has(text: str) -> None:
    data = text.encode()
    if b"\x1b" not in data:
        for label in ("utf-8", "iso-8859-1", "us-ascii", "windows-1252", None):
            assert charset.decode(data, label)[0] == text


@given(
    st.binary(),
    st.sampled_from(["utf-8", "iso-2022-jp", "shift_jis", "utf-7", "utf-16", "x", None, "hz", "big5", "idna", "rot13"]),
)
def test_any_bytes_under_any_label_give_text(data: bytes, label: str | None) -> None:
    text, defects = charset.decode(data, label)
    assert isinstance(text, str)
    assert set(defects) <= {"unknown_charset", "wrong_charset"}


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("latin1", "cp1252"),
        ("UTF8", "utf-8"),
        ("utf_8", "utf-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("euc-kr", "cp949"),
        ("shift-jis", "cp932"),
        ("x-sjis", "cp932"),
        ("iso-8859-9", "cp1254"),
        ("iso-8859-8-i", "iso8859-8"),
        ("tis-620", "cp874"),
        ("windows-1251", "cp1251"),
        ("cp-1250", "cp1250"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("macintosh", "mac_roman"),
        ("koi8-u", "koi8-u"),
        ("iso-8859-16", "iso8859-16"),
        ("ibm850", "cp850"),
        ("", None),
        (None, None),
        ("unknown-8bit", None),
        ("x-unknown", None),
        ("base64", None),
        ("rot13", None),
        ("nonsense", None),
        ("a" * 10_000, None),
        ("utf-8\x00", "utf-8"),
    ],
)
def test_labels(label: str | None, codec: str | None) -> None:
    assert charset.codec_for(label) == codec


@pytest.mark.parametrize(
    ("data", "label", "text", "defects"),
    [
        (b"", None, "", ()),
        (b"plain", "nonsense", "plain", ("unknown_charset",)),
        (GERMAN.encode("cp1252"), "utf-8", GERMAN, ("wrong_charset",)),
        (GERMAN.encode(), "iso-8859-1", GERMAN, ("wrong_charset",)),
        (GERMAN.encode("cp1252"), None, GERMAN, ()),
        (RUSSIAN.encode("cp1251"), None, RUSSIAN, ()),
        (RUSSIAN.encode("koi8-r"), None, RUSSIAN, ()),
        (RUSSIAN.encode("cp1251"), "utf-8", RUSSIAN, ("wrong_charset",)),
        (JAPANESE.encode("cp932"), "iso-2022-jp", JAPANESE, ("wrong_charset",)),
        (JAPANESE.encode("euc-jp"), "shift_jis", JAPANESE, ("wrong_charset",)),
        (JAPANESE.encode("iso-2022-jp"), None, JAPANESE, ()),
        (JAPANESE.encode("iso-2022-jp"), "us-ascii", JAPANESE, ()),
        (b"\x1b$B-!\x1b(B", "iso-2022-jp", "①", ()),
        (b"\x1b(I1\x1b(B", "iso-2022-jp", "ｱ", ()),
        (b"\xef\xbb\xbfx", "iso-8859-1", "x", ()),
        (b"\xff\xfex\x00", None, "x", ()),
        (b"\xfe\xff\x00x", "utf-8", "x", ()),
        ("Grüße\n".encode() * 20 + b"\xc3", "utf-8", "Grüße\n" * 20 + "\ufffd", ("wrong_charset",)),
        (b"\x80\x81", "windows-1252", "€\x81", ()),
        ("Grüße".encode("cp1252") + b"\x81", "iso-8859-1", "Grüße\x81", ()),
        (b"Hi Mom +Jjo-", "utf-7", "Hi Mom ☺", ()),
        ("x".encode("utf-16-le"), "utf-16", "x", ()),
    ],
)
def test_decoding(data: bytes, label: str | None, text: str, defects: tuple[str, ...]) -> None:
    assert charset.decode(data, label) == (text, defects)


@pytest.mark.parametrize(
    ("document", "label"),
    [
        (b'<meta charset="utf-8">', "utf-8"),
        (b"<META http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<p>charset=utf-8</p>", None),
        (b"", None),
    ],
)
def test_meta(document: bytes, label: str | None) -> None:
    assert charset.from_meta(document) == label
