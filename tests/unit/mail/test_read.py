"""The assembly: body, attachments, identity, the JSON contract, the command line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chalicelib.mail.__main__ as command
from chalicelib.mail import attachment_content, bounds, read, read_mail, understand
from chalicelib.mail.model import ParsedMail

ROOT = Path(__file__).parents[3]
HEAD = (
    b"From: Eva <eva@example.org>\nTo: a@example.com\nSubject: Hi\n"
    b"Date: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n"
)
FILES = HEAD + (
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n"
    b"--b\nContent-Type: application/octet-stream; "
    b"name=a.bin\n"
    b"Content-Transfer-Encoding: base64\n\nAAEC\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\nx\n--b--\n"
)
CONTRACT = {
    "subject", "from", "to", "cc", "reply_to", "message_id", "in_reply_to", "references", "date", "text", "html",
    "reply_text", "forwarded", "bounce", "auto_submitted", "attachments", "defects",
}  # fmt: skip


def test_the_contract() -> None:
    mail = understand(FILES)
    assert set(mail) >= CONTRACT
    assert json.loads(json.dumps(mail)) == mail
    assert mail["from"] == {"name": "Eva", "address": "eva@example.org"}
    assert mail["in_reply_to"] is None
    assert mail["forwarded"] is None or "from" in mail["forwarded"]
    assert [a["size"] for a in mail["attachments"]] == [3, 14]


@settings(max_examples=150)
@given(st.binary(max_size=500))
def test_any_bytes_are_understood_without_the_guard(raw: bytes) -> None:
    mail = understand(raw)
    assert set(mail) >= CONTRACT
    assert "unreadable" not in mail["defects"]
    json.dumps(mail).encode()


def test_a_fault_of_our_own_becomes_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(raw: bytes) -> ParsedMail:
        raise RecursionError

    monkeypatch.setattr(read, "_read", fail)  # no input is known that reaches the guard
    mail = read_mail(b"x")
    assert mail.defects == ("unreadable",)
    assert len(mail.content_hash) == 64
    assert set(understand(b"x")) >= CONTRACT


def test_attachment_content() -> None:
    assert attachment_content(FILES, 0) == b"\x00\x01\x02"
    assert attachment_content(FILES, 1) == b"Subject: in\n\nx"
    for index in (2, -1):
        with pytest.raises(IndexError):
            attachment_content(FILES, index)


# Content hash

BODY = b"\nGuten Tag\n\nEnde\n"
TRACE = b"Received: from a by b\nDelivered-To: c@example.org\nX-Spam: no\n"
TRACE += b"Authentication-Results: x; spf=pass\nReturn-Path: <d@e>\n"


@pytest.mark.parametrize(
    "other",
    [
        TRACE + HEAD + BODY,
        HEAD + TRACE + BODY,
        (HEAD + BODY).replace(b"\n", b"\r\n"),
        HEAD + BODY + b"\n\n",
        HEAD.replace(b"Subject: Hi", b"Subject:  Hi "),
        HEAD.replace(b"To: a@example.com", b"To:\n a@example.com") + BODY,
    ],
)
def test_the_same_mail_by_another_way_hashes_equally(other: bytes) -> None:
    if not other.rstrip().endswith(b"Ende"):
        other += BODY
    assert read_mail(other).content_hash == read_mail(HEAD + BODY).content_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hi", b"Ho"),
        (b"1@example", b"2@example"),
        (b"Ende", b"ende"),
        (b"eva@", b"otto@"),
        (b"05 Jan", b"06 Jan"),
        (b"Tag\n\n", b"Tag\n"),
    ],
)
def test_another_mail_hashes_otherwise(old: bytes, new: bytes) -> None:
    assert read_mail((HEAD + BODY).replace(old, new)).content_hash != read_mail(HEAD + BODY).content_hash


@settings(max_examples=20)
@given(st.lists(st.sampled_from([b"\r\n", b"x"]), max_size=30), st.integers(0, 12))
def test_the_hash_does_not_depend_on_where_chunks_end(pieces: list[bytes], shift: int) -> None:
    body = b"x" * ((1 << 20) - shift) + b"".join(pieces)
    crlf, lf = (read_mail(b"A: b\r\n\r\n" + one).content_hash for one in (body, body.replace(b"\r\n", b"\n")))
    assert crlf == lf


# Body


@pytest.mark.parametrize(
    ("types", "text", "html_has"),
    [
        (["text/plain:one", "text/plain:two"], "one\ntwo", []),
        (["text/html:<p>one</p>", "text/plain:footer"], "one\nfooter", ["<p>one</p>", "footer"]),
        (["text/plain:note", "text/html:<p>rest</p>"], "note", ["note", "rest"]),
        (["text/plain:same", "text/html:<p>same</p>"], "same", ["<p>same</p>"]),
        (["text/plain: ", "text/html:<p>one</p>"], "one", ["one"]),
        (["text/html:<p>one</p>", "text/html:<p>two</p>"], "one\ntwo", ["one", "two"]),
    ],
)
def test_texts_and_html_side_by_side(types: list[str], text: str, html_has: list[str]) -> None:
    parts = [one.split(":", 1) for one in types]
    body = "".join(f"--b\nContent-Type: {kind}\n\n{content}\n" for kind, content in parts)
    mail = understand(HEAD + f"Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n".encode())
    assert mail["text"] == text
    assert (mail["html"] or "").count("same") <= 1
    assert all(word in mail["html"] for word in html_has)
    assert (mail["html"] is None) == (not html_has)


def test_quotes_marked_by_html_are_folded_where_they_stand() -> None:
    one = "<p>Before</p>"
    two = '<p>Answer</p><div class="gmail_quote"><blockquote>Question</blockquote></div>'
    body = "".join(f"--b\nContent-Type: text/html\n\n{html}\n" for html in (one, two))
    mail = read_mail(
        HEAD
        + b"In-Reply-To: <0@example.org>\n"
        + f"Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n".encode()
    )
    assert "Question" in mail.text
    assert "Question" not in mail.reply_text
    assert [mail.text[fold.start : fold.end].count("Question") for fold in mail.folds] == [1]


def test_a_text_that_is_too_long_is_cut_and_kept_as_a_file() -> None:
    raw = HEAD + b"Content-Type: text/plain\n\n" + b"line of text\n" * (bounds.MAX_TEXT_BYTES // 12)
    mail = read_mail(raw)
    assert "text_too_long" in mail.defects
    assert len(mail.text) <= bounds.MAX_TEXT_BYTES
    assert [a.size for a in mail.attachments] == [len(raw) - len(HEAD) - 26]


def test_a_text_of_too_many_lines_is_not_searched_for_quotes() -> None:
    mail = read_mail(HEAD + b"\n" + b"> x\n" * (bounds.MAX_TEXT_LINES + 5))
    assert "too_many_lines" in mail.defects
    assert mail.folds == ()
    assert mail.reply_text == mail.text


# Command line


def test_the_command_prints_one_object_a_mail(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.eml", "b.eml")]
    for path in paths:
        path.write_bytes(FILES)
    run = subprocess.run(
        [sys.executable, "-m", "chalicelib.mail", *paths], cwd=ROOT, capture_output=True, check=True, env={}
    )
    lines = run.stdout.splitlines()
    assert [json.loads(line) for line in lines] == [understand(FILES)] * 2


def test_the_command_reads_standard_input_and_names_what_it_cannot_open(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILES)))
    assert command.main([]) == 0
    assert command.main(["/nowhere/at/all.eml"]) == 1
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["subject"] == "Hi"
    assert b"/nowhere/at/all.eml: No such file" in err
