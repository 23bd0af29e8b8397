"""Header blocks: what is one, where it ends, what is in it."""

import pytest

from chalicelib.mail.header_block import header_block
from chalicelib.mail.header_people import read_people
from chalicelib.mail.languages import vocabulary
from chalicelib.mail.lines import read_lines
from chalicelib.mail.model import Address
from chalicelib.mail.one_line_block import one_line_block

FULL = "From: Kim <kim@example.org>\nSent: Monday\nTo: bo@example.net\nSubject: Hello"


def fields(text: str) -> dict[str, str] | None:
    block = header_block(read_lines(text), 0, vocabulary())
    return None if block is None else block.fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FULL, {"from": "Kim <kim@example.org>", "date": "Monday", "to": "bo@example.net", "subject": "Hello"}),
        ("From: Kim\nTo: Bo\nSubject: x\nhello", {"from": "Kim", "to": "Bo", "subject": "x"}),
        (
            "From: Kim\nTo: Bo\nSubject: a long one\nwrapped\nCc: Ann",
            {"from": "Kim", "to": "Bo", "subject": "a long one wrapped", "cc": "Ann"},
        ),
        ("From: Kim\nTo: Bo,\nAnn,\nUte\nSubject: x", {"from": "Kim", "to": "Bo, Ann, Ute", "subject": "x"}),
        ("From:\nKim\nTo:\nBo\nSubject:\nx", {"from": "Kim", "to": "Bo", "subject": "x"}),
        ("From: Kim\n\nTo: Bo\n\nSubject: x", {"from": "Kim", "to": "Bo", "subject": "x"}),
        ("From: Kim\nTo: Bo\nCc:\nSubject: x", {"from": "Kim", "to": "Bo", "cc": "", "subject": "x"}),
        (
            "From: Kim\nAttachments: a.pdf\nTo: Bo\nSubject: x",
            {"from": "Kim", "other": "a.pdf", "to": "Bo", "subject": "x"},
        ),
        ("From: kim@example.org\nDate: Monday", {"from": "kim@example.org", "date": "Monday"}),
        ("| From | Kim |\n| To | Bo |\n| Subject | x |", {"from": "Kim", "to": "Bo", "subject": "x"}),
        ("From Kim\nTo Bo\nSubject x", None),
        ("From: Berlin\nTo: Paris\nDate: Monday", None),
        ("From: Kim\nDate: Monday", None),
        ("From: Kim\nTo: Bo", None),
        ("To: Bo\nSubject: x", None),
        ("From: Kim\n> To: Bo\n> Subject: x", None),
        ("From here on\nTo: Bo\nSubject: x", None),
        ("Please note:\nFrom: Kim\nTo: Bo\nSubject: x", None),
    ],
)
def test_block(text: str, expected: dict[str, str] | None) -> None:
    assert fields(text) == expected


def test_ends_before_the_text() -> None:
    block = header_block(read_lines(f"{FULL}\n\nTo: all of you\n\nhello"), 0, vocabulary())
    assert block is not None
    assert block.end == 4


def test_labels_without_colons_need_a_client_s_words_above() -> None:
    block = header_block(read_lines("From Kim\nTo Bo\nSubject x\n\nhi"), 0, vocabulary(), announced=True)
    assert block is not None
    assert block.fields == {"from": "Kim", "to": "Bo", "subject": "x"}


def test_second_block_begins_anew() -> None:
    block = header_block(read_lines(f"{FULL}\n{FULL}"), 0, vocabulary())
    assert block is not None
    assert block.end == 4


def test_header_of_a_mail_as_it_was_sent_is_told_apart() -> None:
    block = header_block(read_lines(f"{FULL}\nMessage-ID: <a@b>\nMIME-Version: 1.0"), 0, vocabulary())
    assert block is not None
    assert block.is_raw


K, B = Address("Kim Doe", "kim@example.org"), Address(None, "bo@example.net")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ()),
        ("Kim Doe <kim@example.org>", (K,)),
        ('"Kim Doe" <kim@example.org>', (K,)),
        ("'Kim Doe' <kim@example.org>", (K,)),
        ("„Kim Doe” <kim@example.org>", (K,)),
        ("Kim Doe [mailto:kim@example.org]", (K,)),
        ("Kim Doe <mailto:kim@example.org>", (K,)),
        ("Kim Doe <kim@example.org<mailto:kim@example.org>>", (K,)),
        ("Kim Doe (kim@example.org)", (K,)),
        ("Kim Doe kim@example.org", (K,)),
        ("Kim Doe <[kim@example.org](mailto:kim@example.org)>", (K,)),
        ("Kim Doe &lt;kim@example.org&gt;", (K,)),
        ("\u202bKim Doe\u200f <kim@EXAMPLE.org>", (K,)),
        ("bo@example.net", (B,)),
        ("<bo@example.net>", (B,)),
        ("bo@example.net <bo@example.net>", (B,)),
        ('"bo@example.net" <bo@example.net>', (B,)),
        ("'bo@example.net' <bo@example.net>", (B,)),
        ("bo@example.net <mailto:bo@example.net>", (B,)),
        ("[bo@example.net](mailto:bo@example.net)", (B,)),
        ("Kim Doe <kim@example.org>, bo@example.net", (K, B)),
        ("Kim Doe <kim@example.org>; bo@example.net;", (K, B)),
        ("<kim@example.org>, <bo@example.net>", (Address(None, "kim@example.org"), B)),
        ("Doe, Kim <kim@example.org>, bo@example.net", (Address("Doe, Kim", "kim@example.org"), B)),
        (
            '"Doe, Kim" <kim@example.org>; Lee, Ann<ann@example.net>',
            (Address("Doe, Kim", "kim@example.org"), Address("Lee, Ann", "ann@example.net")),
        ),
        ("Kim Doe", (Address("Kim Doe", ""),)),
        ("Doe, Kim", (Address("Doe, Kim", ""),)),
        ("Kim Doe; Bo Berg", (Address("Kim Doe", ""), Address("Bo Berg", ""))),
        ("Kim Doe, Bo Berg", (Address("Kim Doe", ""), Address("Bo Berg", ""))),
        ("Kim Doe <kim@example.org>; Bo Berg", (K, Address("Bo Berg", ""))),
        (" ; , ", ()),
        ("undisclosed-recipients:;", ()),
    ],
)
def test_people(value: str, expected: tuple[Address, ...]) -> None:
    assert read_people(value) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "----- Forwarded Message ----- From: Kim <k@b.org>To: Bo <b@b.org>Sent: Monday 10:31Subject: x",
            {"from": "Kim <k@b.org>", "to": "Bo <b@b.org>", "date": "Monday 10:31", "subject": "x"},
        ),
        (
            "----- Mensagem encaminhada ----- De: Kim <k@b.org>Para: Bo <b@b.org>Enviado: segunda CETAssunto Onde está",
            {"from": "Kim <k@b.org>", "to": "Bo <b@b.org>", "date": "segunda CET", "subject": "Onde está"},
        ),
        ("----- Forwarded Message -----", None),
        ("----- Forwarded Message ----- From: Kim", None),
        ("--------------------------------", None),
    ],
)
def test_block_in_one_line(line: str, expected: dict[str, str] | None) -> None:
    block = one_line_block(line, 3)
    assert (block and block.fields) == expected
