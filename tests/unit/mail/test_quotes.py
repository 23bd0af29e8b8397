"""What is newly written and what is folded: cases the corpus does not spell out, and what holds for every text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.mail.html_markers import Kind
from chalicelib.mail.html_spans import QuoteSpan
from chalicelib.mail.quotes import Reply, split_reply

ATTRIBUTION = "On Mon, 5 Jan 2026 at 10:31, Kim Doe <kim@example.org> wrote:"
BLOCK = "From: Kim Doe <kim@example.org>\nSent: Monday\nTo: desk@example.com\nSubject: Hello"
PIECES = [
    "Hello there,",
    "thanks a lot.",
    "",
    "> quoted",
    ">> twice",
    ">",
    "| bar",
    "-- ",
    "--",
    "____________",
    "Sent from my iPhone",
    "```",
    ATTRIBUTION,
    "> " + ATTRIBUTION,
    "Am 5.1.2026 um 10:31 schrieb Kim:",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    *BLOCK.split("\n"),
    "*From:* Kim",
    "\u202bמאת: Kim",
    "kim@example.org wrote:",
    "Regards, Kim:",
    "\r",
]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("\n".join) | st.text(max_size=200)
prose = st.lists(st.sampled_from(["Hello there,", "", "thanks a lot.", "It is fine: yes", "a -- b"]), max_size=12).map(
    "\n".join
)
subjects = st.sampled_from(["", "Re: x", "Fwd: x", "VS: x", "x"])


def left(text: str, reply: Reply) -> str:
    """The text without its folds, without white space."""
    position, pieces = 0, []
    for fold in reply.folds:
        pieces.append(text[position : fold.start])
        position = fold.end
    return "".join("".join([*pieces, text[position:]]).split())


@given(texts, subjects, st.booleans())
@settings(max_examples=300)
def test_folds_are_in_bounds_in_order_and_apart(text: str, subject: str, is_reply: bool) -> None:
    reply = split_reply(text, subject=subject, is_reply=is_reply)
    position = 0
    for fold in reply.folds:
        assert position <= fold.start < fold.end <= len(text)
        position = fold.end
    assert left(text, reply) == "".join(reply.text.split())


@given(texts, st.booleans())
@settings(max_examples=300)
def test_reply_is_made_of_lines_of_the_text(text: str, is_reply: bool) -> None:
    lines = {line.strip() for line in text.split("\n")}
    for line in split_reply(text, is_reply=is_reply).text.split("\n"):
        assert line.strip() in lines or any(whole.startswith(line.strip()) for whole in lines)


@given(texts, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=4))
@settings(max_examples=200)
def test_spans_of_any_kind_are_taken(text: str, pairs: list[tuple[int, int]]) -> None:
    kinds: tuple[Kind, ...] = ("quote", "attribution", "forward", "signature")
    spans = [QuoteSpan(start, start + size, kinds[i % 4]) for i, (start, size) in enumerate(pairs)]
    reply = split_reply(text, spans)
    assert left(text, reply) == "".join(reply.text.split())


@given(prose)
def test_prose_is_never_folded(text: str) -> None:
    assert split_reply(text).folds == ()


@given(prose)
def test_a_quote_below_prose_is_all_that_is_folded(text: str) -> None:
    text = f"Hello\n{text}".rstrip()
    reply = split_reply(f"{text}\n\n{ATTRIBUTION}\n> quoted\n> more")
    assert reply.text == text
    assert [fold.kind for fold in reply.folds] == ["quote"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n\n", ""),
        ("Hi", "Hi"),
        (f"Hi\n{ATTRIBUTION}\n", "Hi"),
        (f"{ATTRIBUTION}\n> Hi", ""),
        (f"{ATTRIBUTION}\n\nHi", "Hi"),
        (f"{BLOCK}\n\nHi", "Hi"),
        (f"Yes\n\n{BLOCK}\n\nHi", "Yes"),
        (f"Yes\n\n{BLOCK.replace(chr(10), chr(10) * 2)}\n\nHi", "Yes"),
        (f"Yes\n\n  {BLOCK.replace(chr(10), chr(10) + '  ')}\n\nHi", "Yes"),
        ("Yes\n\n-----Original Message-----\nHi", "Yes"),
        ("Yes\n\n> Hi", "Yes"),
        ("> Hi\n\nYes", "> Hi\n\nYes"),
        (f"Yes\n\n{ATTRIBUTION}\n| Hi\n| there\n\nBo", "Yes\n\nBo"),
        (
            f"Yes\n\n{ATTRIBUTION}\n> Hi, this is a line that was long enough to be wrapped by some\nprogram\n> there",
            "Yes",
        ),
        ("Yes\n\n--\nBo", "Yes"),
        ("Yes\n\n" + "--\n" + "text\n" * 13, "Yes\n\n--\n" + "text\n" * 12 + "text"),
        ("Yes\n\nSent from my iPhone\n\nPS: and milk", "Yes\n\nPS: and milk"),
        ("Yes\n***\n", "Yes"),
        ("Yes\n\n##- Please type your reply above this line -##\n\nHi", "Yes"),
        ("Ja\n\n--- Bitte antworten Sie oberhalb dieser Zeile ---\n\nHi", "Ja"),
        (f"Yes\n\n*{ATTRIBUTION}*\n\nHi", "Yes"),
        (f"Yes\n\n {ATTRIBUTION}   Hi there", "Yes"),
        (
            "On January 5, 2026 we will ship.\nOn Monday I wrote:\nso be it",
            "On January 5, 2026 we will ship.\nOn Monday I wrote:\nso be it",
        ),
        ("Yes\n\nEnvoyé de mon iPhone", "Yes"),
        ("Yes\n\niPhoneから送信", "Yes"),
        ("Yes\n\niPhone'umdan gönderildi", "Yes"),
        ("Yes\n\n发自我的iPhone", "Yes"),
        ("Rapor dün size gönderildi", "Rapor dün size gönderildi"),
        ("Von meinem Standpunkt aus ist das gut.", "Von meinem Standpunkt aus ist das gut."),
        ("Visit us\n>>> >>> http://example.org <<<\nnow", "Visit us\n>>> >>> http://example.org <<<\nnow"),
    ],
)
def test_reply(text: str, expected: str) -> None:
    assert split_reply(text, subject="Re: x", is_reply=True).text == expected


def test_folds_say_what_they_are() -> None:
    text = f"Yes\n\n-- \nBo\n\n{ATTRIBUTION}\n> Hi"
    reply = split_reply(text)
    assert [(fold.kind, text[fold.start : fold.end].split("\n")[0]) for fold in reply.folds] == [
        ("signature", "-- "),
        ("quote", ATTRIBUTION),
    ]


def test_html_marks_count_as_quotes_and_signatures() -> None:
    text = "Yes\n\nKim said so:\nHi there\n\nBo Berg\nExample Ltd.\n"
    at = text.index
    spans = [
        QuoteSpan(at("Kim"), at("Hi"), "attribution"),
        QuoteSpan(at("Hi"), at("Bo"), "quote"),
        QuoteSpan(at("Bo"), len(text), "signature"),
    ]
    reply = split_reply(text, spans)
    assert reply.text == "Yes"
    assert [fold.kind for fold in reply.folds] == ["quote", "signature"]


def test_mail_that_is_all_signature_to_its_html_is_shown() -> None:
    text = "Dear all,\nwe meet at ten.\n"
    assert split_reply(text, [QuoteSpan(0, len(text), "signature")]).text == text.strip()
