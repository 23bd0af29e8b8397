"""An answer as a mail: what stands where in it, and how it is read by whoever gets it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.mail import read_mail
from chalicelib.mail.compose import OutgoingFile, compose
from chalicelib.mail.model import Address
from chalicelib.model.conversation import Reason
from chalicelib.outbound.choose_sender import SenderIdentity
from chalicelib.outbound.compose_answer import MAX_REFERENCES, Answered, AnswerParts, answer_draft, threading_of
from chalicelib.outbound.quote_original import Original
from chalicelib.outbound.written_text import html_of_text

ADA = Address("Ada Lovelace", "ada@customer.example")
BEN = Address(None, "ben@customer.example")
REPLY_TO = (Address("Acme", "r1.x.y.z@acme.in.example"),)
GRACE = SenderIdentity(
    from_=Address("Grace Hopper (Acme)", "support@acme.in.example"),
    because=Reason("own_address", ""),
    channel_id="chn",
    company_name="Acme",
    user_name="Grace Hopper",
    signature="<p><b>{{user.full_name}}</b><br>Acme Inc., Bürostraße 1</p>",
)
PARTS = AnswerParts(
    identity=GRACE,
    to=(ADA,),
    cc=(BEN,),
    reply_to=REPLY_TO,
    subject="AW: Where is my parcel?",
    message_id="ans_1@acme.in.example",
    date=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    text="It left us this morning.\n\n  Yours",
    answers=Answered("first@customer.example", (), ("zero@customer.example",)),
)
SIGNED = "Grace Hopper\nAcme Inc., Bürostraße 1"
PNG = OutgoingFile(filename="logo.png", content_type="image/png", content=b"\x89PNG", content_id="logo")


def sent(**changes: object) -> bytes:
    return compose(answer_draft(replace(PARTS, **changes)))


def test_S3_the_answer_is_addressed_as_told_and_threads() -> None:
    mail = read_mail(sent())
    assert (mail.from_, mail.to, mail.cc) == (GRACE.from_, (ADA,), (BEN,))
    assert mail.reply_to == REPLY_TO
    assert mail.subject == "Re: Where is my parcel?"
    assert mail.in_reply_to == ("first@customer.example",)
    assert mail.references == ("zero@customer.example", "first@customer.example")
    assert mail.automatic is None
    assert mail.defects == ()


def test_S40_S43_S46_the_signature_stands_once_at_the_end_in_both_parts() -> None:
    draft = answer_draft(PARTS)
    assert draft.text == f"It left us this morning.\n\n  Yours\n\n-- \n{SIGNED}\n"
    assert draft.html is not None
    assert draft.html.count("Bürostraße") == 1
    assert draft.html.rstrip().endswith("<p><b>Grace Hopper</b><br>Acme Inc., Bürostraße 1</p></div>")
    mail = read_mail(sent())
    assert mail.reply_text == "It left us this morning.\n\n  Yours"
    assert [fold.kind for fold in mail.folds] == ["signature"]


def test_S40_a_signature_that_was_written_already_is_not_doubled() -> None:
    draft = answer_draft(replace(PARTS, text=f"Hello\n\n{SIGNED}"))
    assert draft.text == f"Hello\n\n{SIGNED}\n"
    assert (draft.html or "").count("Bürostraße") == 1
    named = answer_draft(replace(PARTS, text="Ask for Acme Inc., Bürostraße 1"))
    assert (named.text or "").endswith(SIGNED + "\n")


def test_S43_a_signature_of_an_image_alone_leaves_the_text_as_it_was_written() -> None:
    draft = answer_draft(replace(PARTS, identity=replace(GRACE, signature='<img src="https://acme.example/a.png">')))
    assert draft.text == "It left us this morning.\n\n  Yours\n"
    assert '<img src="https://acme.example/a.png">' in (draft.html or "")


def test_S41_automatic_mail_has_no_signature_and_says_what_it_is() -> None:
    raw = sent(auto_submitted="auto-replied")
    mail = read_mail(raw)
    assert mail.automatic is not None
    assert mail.automatic.auto_submitted
    assert "Bürostraße" not in mail.text
    assert "Bürostraße" not in (mail.html or "")
    assert b"Auto-Submitted: auto-replied\r\n" in raw


@pytest.mark.parametrize("locale", ["en", "de", "xx"])
def test_a_quoted_original_is_told_apart_by_whoever_reads_the_answer(locale: str) -> None:
    original = Original(ADA, datetime(2026, 3, 2, 8, 0, tzinfo=UTC), "Where is\n> older\nmy parcel?\n", None)
    mail = read_mail(sent(quoted=original, locale=locale))
    assert mail.reply_text == "It left us this morning.\n\n  Yours"
    assert [fold.kind for fold in mail.folds] == ["signature", "quote"]
    assert "> Where is\n>> older\n> my parcel?" in mail.text
    assert mail.text.index("Bürostraße") < mail.text.index("> Where is")


def test_a_quoted_original_brings_nothing_hostile_along() -> None:
    evil = "<p>Hi<script>alert(1)</script><img src='https://track.example/1.gif'><img src='cid:x'></p>"
    author = Address('Eve\r\nBcc: <x@evil.example>"', "eve@evil.example")
    original = Original(author, datetime(2026, 3, 2, tzinfo=UTC), "Hi", evil)
    html = answer_draft(replace(PARTS, quoted=original)).html or ""
    assert "<blockquote" in html
    assert "<p>Hi</p>" in html
    assert "track.example" not in html
    assert "&lt;x@evil.example&gt;" in html


def test_html_that_was_written_is_cleaned_and_told_in_the_text() -> None:
    draft = answer_draft(
        replace(
            PARTS, text=None, html='<p onclick="x">Your <b>parcel</b></p><script>x</script><img src="http://x.example">'
        )
    )
    assert (draft.text or "").startswith("Your parcel\n\n-- \n")
    assert "><p>Your <b>parcel</b></p></div>" in (draft.html or "")


def test_with_text_and_html_each_part_is_what_was_written() -> None:
    draft = answer_draft(replace(PARTS, text="plain", html="<p>rich</p>"))
    assert (draft.text or "").startswith("plain\n")
    assert "<p>rich</p>" in (draft.html or "")


def test_an_image_that_is_shown_is_inline_and_another_one_attached() -> None:
    shown = read_mail(sent(text=None, html='<img src="cid:logo">', inline=(PNG,)))
    assert [(each.inline, each.content_id) for each in shown.attachments] == [(True, "logo")]
    unused = read_mail(sent(inline=(PNG,)))
    assert [(each.inline, each.filename) for each in unused.attachments] == [(False, "logo.png")]


def test_a_first_mail_keeps_its_subject_and_cites_nothing() -> None:
    mail = read_mail(sent(is_reply=False, answers=None, subject="Re: your call\r\nBcc: x@evil.example"))
    assert mail.subject == "Re: your call Bcc: x@evil.example"
    assert (mail.in_reply_to, mail.references) == ((), ())


@pytest.mark.parametrize(
    ("answered", "in_reply_to", "references"),
    [
        (None, None, ()),
        (Answered(None), None, ()),
        (Answered("a@x"), "a@x", ("a@x",)),
        (Answered("b@x", ("a@x",)), "b@x", ("a@x", "b@x")),
        (Answered("c@x", ("a@x", "b@x")), "c@x", ("c@x",)),  # RFC 5322 §3.6.4: more than one says nothing
        (Answered("c@x", ("b@x",), ("a@x", "b@x")), "c@x", ("a@x", "b@x", "c@x")),
        (Answered("a@x", (), ("a@x", "b@x", "a@x")), "a@x", ("a@x", "b@x")),
        (Answered(None, (), ("a@x",)), None, ("a@x",)),
    ],
)
def test_what_an_answer_cites(answered: Answered | None, in_reply_to: str | None, references: tuple[str, ...]) -> None:
    assert threading_of(answered) == (in_reply_to, references)


@given(st.lists(st.integers(0, 500).map(lambda number: f"{number}@x.example"), max_size=200))
def test_references_stay_bounded_with_the_first_and_the_newest(ids: list[str]) -> None:
    _, references = threading_of(Answered("newest@x.example", (), tuple(ids)))
    assert len(references) <= MAX_REFERENCES
    assert references[-1] == "newest@x.example"
    assert not ids or references[0] == ids[0]


@given(st.text(max_size=200))
def test_the_same_parts_give_the_same_bytes_and_any_text_is_sent_whole(text: str) -> None:
    raw = sent(text=text)
    assert raw == sent(text=text)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "a<br>\nb"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("  a  b", "&nbsp; a&nbsp; b"),
        ("a\r\n\tb\n", "a<br>\n" + "&nbsp;" * 7 + " b"),
        ("", ""),
    ],
)
def test_text_as_html(text: str, html: str) -> None:
    assert html_of_text(text) == html
