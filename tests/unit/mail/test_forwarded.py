"""Forwards: rules of detection, redirects, groups and attachments; every text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.mail.forward_rules import Context
from chalicelib.mail.forwarded import MAX_NESTED, find_forwarded, find_inline
from chalicelib.mail.model import Address, Forwarded
from chalicelib.mail.parse import parse
from chalicelib.mail.subject_prefixes import prefix_of
from tests.unit.mail.test_quotes import texts

KIM = Address("Kim Doe", "kim@example.org")
BLOCK = "From: Kim Doe <kim@example.org>\nSent: 2026-01-05 10:31\nTo: bo@example.net\nSubject: Hello"
GMAIL = f"---------- Forwarded message ---------\n{BLOCK}"
ATTRIBUTION = "On 2026-01-05 10:31, Kim Doe <kim@example.org> wrote:"


def read(raw: str) -> Forwarded | None:
    """The forward in a mail given whole."""
    root = parse(raw.encode())
    part = next((part for part in root.walk() if part.content_type == "text/plain"), None)
    return find_forwarded(root, part.text() if part else "", None, root.headers.get("subject") or "")


@pytest.mark.parametrize(
    ("text", "subject", "is_reply", "expected"),
    [
        (f"{GMAIL}\n\nhi", "Fwd: x", True, True),
        (f"{GMAIL}\n\nhi", "x", True, True),
        (f"note\n\n{GMAIL}\n\nhi", "Re: x", True, True),
        (f"note\n\n{BLOCK}\n\nhi", "Re: x", False, False),
        (f"note\n\n{BLOCK}\n\nhi", "Fwd: x", True, True),
        (f"note\n\n{BLOCK}\n\nhi", "Re: Fwd: x", True, False),
        (f"note\n\n{BLOCK}\n\nhi", "x", False, True),
        (f"note\n\n{BLOCK}\n\nhi", "x", True, False),
        (f"note\n\n{BLOCK}\nMessage-ID: <a@b>\n\nhi", "x", False, False),
        ("From: Kim\nTo: Bo\nSubject: y\n\nhi", "x", False, False),
        (f"-----Original Message-----\n{BLOCK}\n\nhi", "x", False, True),
        (f"-----Original Message-----\n{BLOCK}\n\nhi", "AW: x", False, False),
        (f"{ATTRIBUTION}\n\nhi", "FW: x", False, True),
        (f"{ATTRIBUTION}\n\nhi", "x", False, False),
        (f"{ATTRIBUTION}\n> {GMAIL}\n> hi".replace("\nFrom", "\n> From"), "Re: x", True, False),
        (f"{ATTRIBUTION}\n\n{GMAIL}\n\nhi", "Re: x", True, False),
        ("Fyi:\n\nForwarded message:\n\n" + BLOCK, "x", True, True),
        ("I forwarded this message to you yesterday.", "Fwd: x", False, False),
        ("", "Fwd: x", False, False),
    ],
)
def test_rules(text: str, subject: str, is_reply: bool, expected: bool) -> None:
    assert (find_inline(text, Context.of(subject, is_reply)) is not None) is expected


@pytest.mark.parametrize(
    ("subject", "forward", "reply"),
    [
        ("Fwd: x", True, False),
        ("FW: x", True, False),
        ("WG: x", True, False),
        ("TR : x", True, False),
        ("转发：x", True, False),
        ("İLT: x", True, False),
        ("[Fwd: x]", True, False),
        ("x (fwd)", True, False),
        ("[External] Fwd: x", True, False),
        ("**SPAM** [a] Fwd: x", True, False),
        ("Re: Fwd: x", False, True),
        ("Re[2]: x", False, True),
        ("Re(2): x", False, True),
        ("RE^3: x", False, True),
        ("AW: WG: x", False, True),
        ("  Antw: x", False, True),
        ("VS: x", True, True),
        ("x: y", False, False),
        ("Forwarded", False, False),
        ("", False, False),
        (":", False, False),
        ("[", False, False),
    ],
)
def test_prefix(subject: str, forward: bool, reply: bool) -> None:
    found = prefix_of(subject)
    assert (bool(found.forward), bool(found.reply)) == (forward, reply)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (f"{GMAIL}\n\n\n  indented\nhi\n", "indented\nhi"),
        (f"{GMAIL}\n\n> all\n> quoted", "all\nquoted"),
        (f"{GMAIL}\n\nhi\n> once", "hi\n> once"),
        ("> " + GMAIL.replace("\n", "\n> ") + "\n> \n> hi\n>> inner\n\nmine", "hi\n> inner"),
        (f"{GMAIL}\n\nhi\n\n----- End forwarded message -----\nmine", "hi"),
        (f"{GMAIL}\n\n{GMAIL}\n\nhi", f"{GMAIL}\n\nhi"),
        (f"===== Forwarded message =====\n{BLOCK}\n===== Forwarded message =====\n\nhi", "hi"),
        (f"{GMAIL}\n\nhi\n\n-----------------------------------------", "hi"),
    ],
)
def test_body(text: str, body: str) -> None:
    found = find_inline(text, Context.of("Fwd: x", False))
    assert found is not None
    assert found.text.strip() == body


def test_nested_is_on_offer_and_bounded() -> None:
    found = find_inline(f"{GMAIL}\n\n" * 50 + "hi", Context.of("Fwd: x", False))
    depth = 0
    while found is not None:
        depth, found = depth + 1, found.nested
    assert depth == MAX_NESTED + 1


def test_html_is_read_when_the_text_is_a_stand_in() -> None:
    html = "<p>see</p>" + "<br>".join(GMAIL.replace("<", "&lt;").split("\n")) + "<p>hi</p>" * 20
    found = find_forwarded(parse(b"Subject: Fwd: x\n\n."), "View in HTML", html, "Fwd: x")
    assert found is not None
    assert found.from_ == KIM


HEAD = "From: {}\nTo: desk@example.com\nSubject: {}\n"


@pytest.mark.parametrize(
    ("sender", "more", "expected"),
    [
        (
            "'Kim Doe' via Desk <desk@example.com>",
            "X-Original-From: Kim Doe <kim@example.org>\nList-Id: <d>\n",
            "mailing_list",
        ),
        ("'Kim Doe' via Desk <desk@example.com>", "X-Original-Sender: kim@example.org\nList-Id: <d>\n", "mailing_list"),
        ("Kim Doe via Desk <desk@example.com>", "Reply-To: Kim Doe <kim@example.org>\nList-Id: <d>\n", "mailing_list"),
        ("Kim Doe via Desk <desk@example.com>", "Reply-To: Kim Doe <kim@example.org>\n", None),
        ("Kim Doe via Desk <desk@example.com>", "Reply-To: Desk <d@example.com>\nList-Id: <d>\n", None),
        ("Kim Doe <kim@example.org>", "X-Original-Sender: kim@example.org\nList-Id: <d>\n", None),
        ("Kim Doe <kim@example.org>", "Reply-To: other@example.net\nList-Id: <d>\n", None),
        ("Kim Doe <kim@example.org>", "Resent-From: bo@example.net\n", "redirected"),
        ("Kim Doe <kim@example.org>", "Resent-From: kim@example.org\n", None),
        ("Kim Doe <kim@example.org>", "X-Forwarded-To: desk@example.com\n", None),
        ("Kim Doe <kim@example.org>", "Sender: bo@example.net\n", None),
    ],
)
def test_rewritten(sender: str, more: str, expected: str | None) -> None:
    found = read(HEAD.format(sender, "Hello") + more + "\nhi\n")
    assert (found and found.how) == expected
    if found:
        assert found.from_ is not None
        assert (found.from_.name, found.from_.address) == ("Kim Doe", "kim@example.org")


def attached(subject: str, text: str, more: str = "", count: int = 1, kind: str = "mixed") -> str:
    inner = "--b\nContent-Type: message/rfc822\n\nFrom: Kim Doe <kim@example.org>\nSubject: Hello\n\nhi\n"
    return (
        HEAD.format("bo@example.net", subject) + more + f"Content-Type: multipart/{kind}; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\n{text}\n" + inner * count + "--b--\n"
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (attached("Fwd: Hello", "see"), True),
        (attached("WG: Hello", "see", count=2), True),
        (attached("", "see"), True),
        (attached("Look", ""), True),
        (attached("Look", "", count=2), False),
        (attached("Look", "see"), False),
        (attached("Re: Hello", ""), False),
        (attached("", "", "In-Reply-To: <a@b>\n"), False),
        (attached("Fwd: Hello", "", kind="report"), False),
        (attached("Fwd: Hello", "", kind="digest"), False),
        (attached("Fwd: Hello", "", "Return-Path: <>\n"), False),
        (attached("Fwd: Hello", "").replace("bo@example.net", "MAILER-DAEMON@example.net"), False),
    ],
)
def test_attached(raw: str, expected: bool) -> None:
    found = read(raw)
    assert (found is not None) is expected
    if found:
        assert (found.how, found.from_, found.subject, found.text) == ("attached", KIM, "Hello", "hi")


def test_attached_html_is_read_as_text() -> None:
    raw = attached("Fwd: Hello", "see").replace(
        "Subject: Hello\n\nhi", "Subject: Hello\nContent-Type: text/html\n\n<p>hi</p>"
    )
    found = read(raw)
    assert found is not None
    assert (found.text, found.html) == ("hi", "<p>hi</p>")


@given(texts, st.sampled_from(["", "Fwd: x", "Re: x", "FW: x", "VS: x"]), st.booleans())
@settings(max_examples=300)
def test_a_forward_is_made_of_the_text(text: str, subject: str, is_reply: bool) -> None:
    found = find_inline(text, Context.of(subject, is_reply))
    if found is not None:
        words = "".join(text.replace(">", " ").split())
        assert "".join(found.text.replace(">", " ").split()) in words
        assert found.how == "inline"


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_mail_is_taken(raw: bytes) -> None:
    root = parse(b"Subject: Fwd: x\nList-Id: <d>\n" + raw)
    find_forwarded(root, root.text(), None, "Fwd: x")


def test_no_reading_when_the_caller_has_read() -> None:
    root = parse(b"Subject: Fwd: x\n\nhi")
    assert find_forwarded(root, f"{GMAIL}\n\nhi", None, "Fwd: x", may_be_inline=False) is None
    assert find_forwarded(root, f"{GMAIL}\n\nhi", None, "Fwd: x") is not None
