"""Outgoing mail: what compose writes, understand and the standard library read back; nothing can be injected."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.mail import attachment_content, read_mail, understand
from chalicelib.mail.clean import clean_line, clean_text
from chalicelib.mail.compose import ComposeError, Draft, OutgoingFile, compose
from chalicelib.mail.model import Address

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=timezone(timedelta(hours=1)))
DRAFT = Draft(
    from_=Address("Support", "support@example.com"),
    to=(Address("Eva Muster", "eva@example.org"),),
    subject="Answer",
    message_id="1@example.com",
    date=NOW,
    text="Hello",
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
LINE = TEXT.map(clean_line)
NAME = LINE.map(lambda name: " ".join(name.strip("'\" ,;<>").split())).filter(lambda name: name and "=?" not in name)
LOCAL = st.from_regex(r"[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)?", fullmatch=True).map(lambda local: local[:60])
ADDRESS = st.builds(lambda name, local: Address(name, f"{local}@example.org"), st.none() | NAME, LOCAL)
ID = st.from_regex(r"[a-zA-Z0-9.+-]{1,80}@[a-z0-9-]{1,20}\.example", fullmatch=True)
FILE = st.builds(
    OutgoingFile,
    filename=NAME.map(lambda name: name.replace("/", "-").replace("\\", "-").lstrip(".")[:100].strip() or "x"),
    content_type=st.sampled_from(["image/png", "text/csv", "application/x-thing"]),
    content=st.binary(max_size=300),
)
DRAFTS = st.builds(
    Draft,
    from_=ADDRESS,
    to=st.lists(ADDRESS, max_size=4).map(tuple),
    cc=st.lists(ADDRESS, max_size=3).map(tuple),
    reply_to=st.lists(ADDRESS, max_size=2).map(tuple),
    subject=TEXT,
    message_id=ID,
    date=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    in_reply_to=st.none() | ID,
    references=st.lists(ID, max_size=30, unique=True).map(tuple),
    text=TEXT,
    html=st.none() | TEXT.map(lambda text: "<p>" + text.replace("<", "").replace("&", "") + "</p>"),
    attachments=st.lists(FILE, max_size=3).map(tuple),
    auto_submitted=st.none() | st.sampled_from(["auto-replied", "auto-generated"]),
)


@settings(max_examples=60)
@given(DRAFTS)
def test_what_is_composed_is_understood(draft: Draft) -> None:
    raw = compose(draft)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = read_mail(raw)
    assert mail.defects == ()
    assert mail.subject == clean_line(draft.subject)
    assert mail.from_ == draft.from_
    assert (mail.to, mail.cc, mail.reply_to) == (draft.to, draft.cc, draft.reply_to)
    assert mail.message_id == draft.message_id
    assert mail.in_reply_to == ((draft.in_reply_to,) if draft.in_reply_to else ())
    kept = draft.references if len(draft.references) <= 20 else (draft.references[0], *draft.references[-19:])
    assert mail.references == kept
    assert datetime.fromisoformat(mail.date or "") == draft.date.replace(microsecond=0)
    written = clean_text((draft.text or "").replace("\r\n", "\n").replace("\r", "\n")).rstrip()
    if written.strip():  # else the text is made of the HTML
        assert mail.text == written
    assert (mail.html is not None) == (draft.html is not None)
    assert [(a.filename, a.size) for a in mail.attachments] == [(f.filename, len(f.content)) for f in draft.attachments]
    assert [attachment_content(raw, a.index) for a in mail.attachments] == [f.content for f in draft.attachments]
    assert (
        (mail.automatic is not None and mail.automatic.kind == draft.auto_submitted.replace("-", "_"))
        if draft.auto_submitted
        else True
    )


@settings(max_examples=30)
@given(DRAFTS)
def test_the_standard_library_reads_the_same(draft: Draft) -> None:
    message = email.message_from_bytes(compose(draft), policy=email.policy.default)
    assert message["Message-ID"] == f"<{draft.message_id}>"
    assert [a.addr_spec for a in message["From"].addresses] == [draft.from_.address]
    assert [a.addr_spec for a in message["To"].addresses] == [box.address for box in draft.to]
    assert len(list(message.iter_attachments())) == len(draft.attachments)


def test_it_is_deterministic() -> None:
    assert compose(DRAFT) == compose(DRAFT)


def test_shape_with_everything() -> None:
    image = OutgoingFile(filename="logo.png", content_type="image/png", content=b"PNG", content_id="logo@example.com")
    plan = OutgoingFile(filename="Größe.pdf", content_type="application/pdf", content=b"%PDF-")
    draft = msgspec.structs.replace(
        DRAFT, html='<p><img src="cid:logo@example.com"></p>', inline=(image,), attachments=(plan,)
    )
    raw = compose(draft)
    shape = [part.get_content_type() for part in email.message_from_bytes(raw).walk()]
    assert shape == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    mail = understand(raw)
    assert [(a["filename"], a["inline"], a["content_id"]) for a in mail["attachments"]] == [
        ("logo.png", True, "logo@example.com"),
        ("Größe.pdf", False, None),
    ]


def test_without_a_text_the_html_gives_one() -> None:
    draft = msgspec.structs.replace(DRAFT, text=None, html="<p>Hello <b>Eva</b></p>")
    assert understand(compose(draft))["text"] == "Hello Eva"


@pytest.mark.parametrize(
    "text",
    [
        "From here",
        "a\nFrom there",
        ".",
        "a\n.\nb",
        "trailing ",
        "-- \nSig",
        "=_",
        "x" * 3000,
        "ä" * 2000,
        "a\x00b",
        "日本語" * 50,
        "",
        "\n\n",
    ],
)
def test_texts_that_transports_spoil(text: str) -> None:
    raw = compose(msgspec.structs.replace(DRAFT, text=text))
    body = raw.split(b"\r\n\r\n", 1)[1]
    assert not any(line.startswith((b"From ", b".")) or line.endswith((b" ", b"\t")) for line in body.split(b"\r\n"))
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert read_mail(raw).text == text.replace("\x00", "").rstrip()


INJECTION = "x\r\nBcc: victim@example.org"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": (Address(None, f"{INJECTION}@example.org"),)}, "bad_address"),
        ({"to": (Address(None, "a@b\r\nBcc: x"),)}, "bad_address"),
        ({"to": (Address(None, "a b@example.org"),)}, "bad_address"),
        ({"to": (Address(None, "a@example.org, b@example.org"),)}, "bad_address"),
        ({"to": (Address(None, ""),)}, "bad_address"),
        ({"to": (Address(None, "a"),)}, "bad_address"),
        ({"to": (Address(None, "ä@example.org"),)}, "non_ascii_local_part"),
        ({"to": (Address(None, "a@" + "ä" * 100 + ".example"),)}, "bad_address"),
        ({"message_id": "a>\r\nBcc: x@y"}, "bad_message_id"),
        ({"message_id": "no at sign"}, "bad_message_id"),
        ({"auto_submitted": "auto-replied\r\nBcc: x"}, "bad_token"),
        ({"headers": (("X-A", INJECTION),)}, "line_end_in_field"),
        ({"headers": (("X-A: b\r\nBcc", "x"),)}, "bad_field_name"),
        ({"headers": (("Bcc", "x@example.org"),)}, "reserved_field"),
        ({"headers": (("subject", "x"),)}, "reserved_field"),
        ({"date": datetime(2026, 1, 1)}, "date_without_zone"),
        ({"attachments": (OutgoingFile(filename="a", content_type="a/b\r\nX: y", content=b""),)}, "bad_content_type"),
        (
            {"attachments": (OutgoingFile(filename="a", content_type="a/b", content=b"", content_id="x>\r\n"),)},
            "bad_content_id",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(ComposeError) as refused:
        compose(msgspec.structs.replace(DRAFT, **change))
    assert refused.value.code == code
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize("text", [INJECTION, "x\nBcc: y", "x\rBcc: y", "x\x0bBcc: y", "x\u2028Bcc: y", "x\x00y"])
def test_free_text_is_cleaned(text: str) -> None:
    named = OutgoingFile(filename=text, content_type="image/png", content=b"x")
    draft = msgspec.structs.replace(DRAFT, subject=text, from_=Address(text, "a@example.org"), attachments=(named,))
    message = email.message_from_bytes(compose(draft), policy=email.policy.default)
    assert "bcc" not in message
    assert message["Subject"] == clean_line(text)
    assert next(message.iter_attachments()).get_filename() == clean_line(text)


def test_ids_of_others_that_cannot_be_sent_are_left_out() -> None:
    draft = msgspec.structs.replace(DRAFT, in_reply_to="broken id", references=("ok@example.org", "a>\r\nX: y", "ä@b"))
    mail = understand(compose(draft))
    assert mail["in_reply_to"] is None
    assert mail["references"] == ["ok@example.org"]


def test_umlaut_domains_are_sent_as_a_labels() -> None:
    draft = msgspec.structs.replace(DRAFT, to=(Address("Eva", "Eva@BÜCHER.example"),))
    assert b"<Eva@xn--bcher-kva.example>" in compose(draft)


def test_nobody_in_to() -> None:
    assert b"To: undisclosed-recipients:;\r\n" in compose(msgspec.structs.replace(DRAFT, to=()))
