"""What we compose passes a reader that forgives nothing, and three parsers read the same out of it."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

import fast_mail_parser
import pytest
from hypothesis import given, settings

from chalicelib.mail import read_mail
from chalicelib.mail.clean import clean_text
from chalicelib.mail.compose import Draft, OutgoingFile, compose
from chalicelib.mail.model import Address
from tests.post.strict_mail import faults
from tests.unit.mail.test_compose import DRAFTS

FULL = Draft(
    from_=Address("Jürgen Müller, Acme GmbH", "support@acme.example"),
    to=(Address('Ada "the Countess" Lovelace', "ada@x.example"), Address("名前", "n@y.example")),
    cc=(Address(None, "cc@z.example"),),
    reply_to=(Address("Acme", "r-abcdefghijklmnop@in.postfach.test"),),
    subject="Re: Größe \N{LATIN SMALL LETTER SHARP S} and a subject of many words that has to be folded more than once",
    message_id="1@acme.example",
    in_reply_to="0@x.example",
    references=tuple(f"{number}-abcdefghijklmnopqrstuvwxyz@x.example" for number in range(20)),
    date=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    text="Grüße\n" + "x" * 2000 + "\n.\nFrom me\n--\n",
    html='<p>Grüße <img src="cid:logo@acme.example"></p>' + "<br>" * 500,
    inline=(
        OutgoingFile(filename="a.png", content_type="image/png", content=b"\x89PNG", content_id="logo@acme.example"),
    ),
    attachments=(
        OutgoingFile(filename="Angebot für März – endgültig.pdf", content_type="application/pdf", content=b"%PDF" * 99),
        OutgoingFile(filename='a"b\\c.txt', content_type="text/plain", content=b"a\nb\r\nc\rd"),
        OutgoingFile(filename=None, content_type="application/x-empty", content=b""),
    ),
    auto_submitted="auto-replied",
)


@settings(max_examples=150)
@given(DRAFTS)
def test_a_strict_reader_finds_no_fault_in_what_is_composed(draft: Draft) -> None:
    if draft.to or draft.cc:
        assert faults(compose(draft)) == []


def test_a_strict_reader_finds_no_fault_in_a_mail_with_everything() -> None:
    assert faults(compose(FULL)) == []


GOOD = compose(FULL)
BROKEN = {
    "bare line feed": GOOD.replace(b"\r\nTo:", b"\nTo:"),
    "8 bit": GOOD.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nX-A: \xe9"),
    "two subjects": b"Subject: a\r\n" + GOOD,
    "bcc": b"Bcc: a@b.example\r\n" + GOOD,
    "no date": GOOD.replace(b"Date:", b"X-Date:"),
    "date of another form": GOOD.replace(b"Date: Mon, 02 Mar", b"Date: 2 Mar"),
    "unquoted comma in a name": GOOD.replace(b"From: ", b"From: Acme, Inc. <a@b.example>, "),
    "id without brackets": GOOD.replace(b"<0@x.example>", b"0@x.example"),
    "line too long": GOOD.replace(b"\r\nTo:", b"\r\nX-Long: " + b"a" * 1000 + b"\r\nTo:"),
    "not folded": GOOD.replace(b"\r\nTo:", b"\r\nX-Long: " + b"a b " * 40 + b"c\r\nTo:"),
    "injected line": GOOD.replace(b"\r\nTo:", b"\r\ninjected\r\nTo:"),
    "boundary not closed": GOOD.rstrip().removesuffix(b"--") + b"\r\n",
    "encoded word too long": GOOD.replace(b"Subject: ", b"Subject: =?utf-8?B?" + b"QUFB" * 20 + b"?= "),
    "half a character in an encoded word": GOOD.replace(b"Subject: ", b"Subject: =?utf-8?B?w7w=?= =?utf-8?B?ww==?= "),
    "base64 that is none": GOOD.replace(b"JVBERiVQREYl", b"JVBERiVQ*EYl"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_strict_reader_sees_what_is_wrong(fault: str) -> None:
    assert BROKEN[fault] != GOOD
    assert faults(BROKEN[fault])


@settings(max_examples=60)
@given(DRAFTS)
def test_three_parsers_read_the_same(draft: Draft) -> None:
    raw = compose(draft)
    ours = read_mail(raw)
    theirs = email.message_from_bytes(raw, policy=email.policy.default)
    rust = fast_mail_parser.parse_email(raw)
    assert _lines(ours.subject) == _lines(str(theirs["Subject"] or "")) == _lines(rust.subject)
    named = theirs["To"].addresses if draft.to else ()
    assert [box.address for box in ours.to] == [each.addr_spec for each in named]
    assert ours.message_id == str(theirs["Message-ID"]).strip("<>") == rust.headers["Message-ID"][0].strip("<>")
    plain = theirs.get_body(("plain",))
    assert plain is not None
    read = _lines(str(plain.get_content()))
    assert read == _lines("".join(rust.text_plain[:1]))
    assert not read or read == _lines(ours.text)  # without words, ours is made of the HTML
    files = [(part.get_filename(), part.get_payload(decode=True)) for part in theirs.iter_attachments()]
    assert [(each.filename, each.size) for each in ours.attachments] == [(name, len(data)) for name, data in files]
    assert [bytes(each.content) for each in rust.attachments] == [data for _, data in files]


def _lines(text: str) -> list[str]:
    """The words of each line, without control characters, which we never show."""
    lines = (" ".join(line.split()) for line in clean_text(text).split("\n"))
    return [line for line in lines if line]
