"""Parameters of Content-Type and Content-Disposition."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import bounds, parameters

NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zs", "Zl", "Zp"), blacklist_characters="/\\"),
    min_size=1,
    max_size=60,
)


@given(NAMES)
def test_names_the_standard_library_writes(name: str) -> None:
    message = EmailMessage()
    message.add_attachment(b"x", maintype="image", subtype="png", filename=name)
    written = str(
        next(message.iter_attachments()).as_bytes().split(b"Content-Disposition: ")[1].split(b"\n\n")[0].decode()
    )
    assert parameters.filename(written.split("\nMIME")[0].replace("\n", ""), "") == name


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    name = parameters.filename(text, text)
    assert name is None or 0 < len(name) <= bounds.MAX_FILENAME_CHARS
    kind, found, _ = parameters.content_type(text, "text/plain")
    assert kind
    assert all(isinstance(value, str) for value in found.values())


@pytest.mark.parametrize(
    ("value", "word", "found"),
    [
        ("text/plain", "text/plain", {}),
        ("Text/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        ("text/plain;charset = utf-8 ; format= flowed", "text/plain", {"charset": "utf-8", "format": "flowed"}),
        ("text/plain; charset=utf-8 format=flowed", "text/plain", {"charset": "utf-8", "format": "flowed"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('a/b; name="x;y=z"; c=d', "a/b", {"name": "x;y=z", "c": "d"}),
        ('a/b; name="x\\"y\\\\z"', "a/b", {"name": 'x"y\\z'}),
        ('a/b; name="C:\\temp\\x"', "a/b", {"name": "C:\\temp\\x"}),
        ('a/b; name="open; c=d', "a/b", {"name": "open", "c": "d"}),
        ("a/b; name=my file.pdf; c=d", "a/b", {"name": "my file.pdf", "c": "d"}),
        ("a/b; name=1; name=2", "a/b", {"name": "1"}),
        ("a/b; name*=utf-8''%C3%A4; name=plain", "a/b", {"name": "ä"}),
        ("a/b; name*0=x; name*1=y", "a/b", {"name": "xy"}),
        ("a/b; name*1*=%A4; name*0*=utf-8''%C3", "a/b", {"name": "ä"}),
        ("a/b; name*0*=iso-8859-1'de'%E4; name*1=b%20", "a/b", {"name": "äb%20"}),
        ("a/b; name*=%C3%A4", "a/b", {"name": "ä"}),
        ("a/b; name*0*==?utf-8?Q?=C3=A4?=", "a/b", {"name": "ä"}),
        ("charset=utf-8", "", {"charset": "utf-8"}),
        ("", "", {}),
        (";;;", "", {}),
    ],
)
def test_splitting(value: str, word: str, found: dict[str, str]) -> None:
    assert parameters.split(value) == (word, found)


@pytest.mark.parametrize(
    ("disposition", "content_type", "name"),
    [
        ("attachment; filename=a.txt", "text/plain; name=b.txt", "a.txt"),
        ("attachment", "text/plain; name=b.txt", "b.txt"),
        ("attachment; name=c.txt", "", "c.txt"),
        ("", "", None),
        ('attachment; filename=""', "", None),
        ("attachment; filename=../../x", "", "x"),
        (r'attachment; filename="\\server\share\x.doc"', "", "x.doc"),
        (r"attachment; filename=c:\x\y.doc", "", "y.doc"),
        ("attachment; filename=/home/eva/x.doc", "", "/home/eva/x.doc"),
        ("attachment; filename=a\x00b\u202ec", "", "abc"),
        ("attachment; filename=" + "x" * 300 + ".pdf", "", "x" * 235 + ".pdf"),
        ("attachment; filename=" + "x" * 300, "", "x" * 255),
    ],
)
def test_filenames(disposition: str, content_type: str, name: str | None) -> None:
    assert parameters.filename(disposition, content_type) == name


def test_parameters_are_bounded() -> None:
    many = "a/b; " + "; ".join(f"p{i}=x" for i in range(bounds.MAX_PARAMETERS * 2))
    assert len(parameters.split(many)[1]) == bounds.MAX_PARAMETERS
