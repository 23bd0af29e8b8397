"""Names, types and sizes of files that are sent."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.outgoing_files import LARGEST_MAIL, clean_filename, encoded_size, fits, refused_extension, type_of

PNG, PDF = b"\x89PNG\r\n\x1a\n....", b"%PDF-1.7"


@pytest.mark.parametrize(
    ("told", "clean"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\temp\\a.pdf", "C:_temp_a.pdf"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nContent-Type: x", "a Content-Type: x"),
        ("  . ", "attachment"),
        ("", "attachment"),
        (None, "attachment"),
        ("x" * 300 + ".docx", "x" * 250 + ".docx"),
        ("Grüße 📦.pdf", "Grüße 📦.pdf"),
    ],
)
def test_a_name_is_one_line_without_a_path(told: str | None, clean: str) -> None:
    assert clean_filename(told) == clean


@given(st.text())
def test_a_clean_name_stays_as_it_is(told: str) -> None:
    name = clean_filename(told)
    assert name
    assert clean_filename(name) == name
    assert not {"/", "\\", "\r", "\n", "\0", "\u202e"} & set(name)


@pytest.mark.parametrize(
    ("filename", "ending"),
    [
        ("a.exe", "exe"),
        ("A.Js", "js"),
        ("a.pdf.scr", "scr"),
        ("a.js ", "js"),
        ("exe", None),
        ("a.html", None),
        ("a.zip", None),
    ],
)
def test_ses_refuses_some_endings(filename: str, ending: str | None) -> None:
    assert refused_extension(filename) == ending


@pytest.mark.parametrize(
    ("label", "filename", "head", "found"),
    [
        ("application/octet-stream", "a.bin", PDF, "application/pdf"),
        ("application/octet-stream", "a.csv", b"a;b", "text/csv"),
        ("text/plain", "a.txt", b"hello", "text/plain"),
        ("TEXT/Plain; charset=x", "a.txt", b"hello", "text/plain"),
        ("text/html", "a.html", PNG, "image/png"),
        ("image/png", "a.png", b"<svg onload=x()>", "application/octet-stream"),
        ("image/svg+xml", "a.svg", b"<svg>", "image/svg+xml"),
        ("application/pdf", "a.pdf", b"MZ", "application/octet-stream"),
        ("image/png", "a.png", b"", "image/png"),  # announced, not there yet
        ("multipart/mixed", "a.bin", b"x", "application/octet-stream"),
        ("message/rfc822", "a.eml", b"From: x", "application/octet-stream"),
        ("nonsense", "a.bin", b"x", "application/octet-stream"),
    ],
)
def test_a_type_is_what_the_bytes_say_or_the_label(label: str, filename: str, head: bytes, found: str) -> None:
    assert type_of(label, filename, head) == found


@given(st.binary(max_size=3000))
def test_the_size_is_at_least_what_base64_makes_of_it(content: bytes) -> None:
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    assert len(encoded) <= encoded_size([len(content)])


def test_a_mail_of_the_limit_fits() -> None:
    assert fits([27_000_000])
    assert not fits([LARGEST_MAIL * 3 // 4])
