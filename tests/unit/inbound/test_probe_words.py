"""What a mail with a probe's token tells: the probe itself, what became of it, or mail that somebody wrote."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.inbound.probe_words import TEXTS, Sighting, make_token, says_more, sighting, subject_of, text_of
from chalicelib.mail.model import Address, Automatic, Bounce, ParsedMail
from chalicelib.model.probe import ProbeFate

TOKEN = make_token(b"key", "acc_a", "chn_" + "a" * 16, "prb_" + "b" * 16)
TEAM = "support@shop.example"
TEXT = text_of(TOKEN, TEAM, "en")
PROBE = ParsedMail(
    subject=subject_of(TOKEN, "en"),
    from_=Address("Postfach", f"{TOKEN}@acme.in.postfach.test"),
    text=TEXT,
    reply_text=TEXT,
    automatic=Automatic("auto_generated", ("Auto-Submitted: auto-generated",)),
)
LEA = replace(PROBE, from_=Address("Lea", "lea@shop.example"), automatic=None)
BY_LEA = replace(LEA, text=f"What is this?\n\n{TEXT}", reply_text="What is this?")


def by(kind: Literal["auto_replied", "auto_generated", "bounce", "receipt"], mail: ParsedMail = BY_LEA) -> ParsedMail:
    return replace(mail, automatic=Automatic(kind, ("said so",)))


@pytest.mark.parametrize(
    ("mail", "to_its_address", "seen"),
    [
        (PROBE, False, Sighting(ProbeFate.RETURNED)),
        (replace(PROBE, automatic=None), False, Sighting(ProbeFate.RETURNED)),
        (replace(PROBE, text=f"[EXT] {TEXT}", reply_text="[EXT]"), False, Sighting(ProbeFate.ALTERED, ("text",))),
        (LEA, False, Sighting(ProbeFate.ALTERED, ("sender",))),
        (BY_LEA, False, Sighting(ProbeFate.ANSWERED, by_person=True)),
        (BY_LEA, True, Sighting(ProbeFate.ANSWERED, by_person=True)),
        (LEA, True, Sighting(ProbeFate.ANSWERED)),
        (by("auto_replied"), True, Sighting(ProbeFate.ANSWERED)),
        (by("auto_replied"), False, Sighting(ProbeFate.ANSWERED)),
        (by("receipt"), False, Sighting(ProbeFate.ANSWERED)),
        (by("auto_generated"), False, Sighting(ProbeFate.ALTERED, ("sender", "text"))),
        (replace(BY_LEA, bounce=Bounce((), "hard")), False, Sighting(ProbeFate.BOUNCED)),
        (replace(by("bounce"), bounce=Bounce((), "hard")), True, Sighting(ProbeFate.BOUNCED)),
    ],
)
def test_who_wrote_it_decides(mail: ParsedMail, to_its_address: bool, seen: Sighting) -> None:
    assert sighting(mail, TOKEN, TEAM, to_its_address=to_its_address) == seen


@pytest.mark.parametrize("locale", list(TEXTS))
@pytest.mark.parametrize("address", [TEAM, f"{TEAM} <mailto:{TEAM}>", f"<{TEAM}>"])
@pytest.mark.parametrize("width", [30, 72, 1000])
def test_a_probe_says_nothing_more_however_it_is_wrapped_and_linked(locale: str, address: str, width: int) -> None:
    words = f"{subject_of(TOKEN, locale)} {text_of(TOKEN, address, locale)}".split()
    lines = [""]
    for word in words:
        lines = [*lines, word] if len(lines[-1]) + len(word) > width else [*lines[:-1], f"{lines[-1]} {word}"]
    for mark in ("\n", "\n> "):
        assert not says_more(replace(LEA, reply_text=mark.join(lines)))


@given(st.text(max_size=40), st.sampled_from(["{}\n\n{}", "{1}\n\n{0}"]))
def test_whoever_writes_a_word_is_read(written: str, form: str) -> None:
    said = form.format(written, TEXT)
    assert says_more(replace(LEA, reply_text=said)) == any(each.isalnum() for each in written)
