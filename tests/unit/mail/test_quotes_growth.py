"""Hostile texts: twice the text takes about twice the time, whatever it is made of."""

import time
from collections.abc import Callable

import pytest

from chalicelib.mail.forward_rules import Context
from chalicelib.mail.forwarded import find_inline
from chalicelib.mail.quotes import split_reply

SMALL = 8_000  # characters
TOO_SHORT = 0.02  # seconds: less is not measured reliably, and a quadratic reading of so much text takes longer
MOST = 2.3
HOSTILE = {
    "quote marks": ">",
    "quoted blanks": "> ",
    "quote marks in lines": ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>\n",
    "dashes": "-",
    "rules": "----------\n",
    "rules with words": "----- forwarded message -----\n",
    "rules with words and no end": "----- forwarded message from: ",
    "original messages": "-----Original Message-----\n",
    "blanks": " ",
    "empty lines": "\n",
    "colons": ":",
    "lines of colons": ":\n",
    "from": "From: a@b.c\n",
    "labels": "From: a\nSent: b\nAttachments: c\n",
    "blocks": "From: a@b.c\nSent: 2026-01-05\nTo: b\nSubject: c\n",
    "blocks and text": "From: a@b.c\nSent: 2026-01-05\nTo: b\nSubject: c\n\nhello\n\n",
    "other labels": "Importance: high\n",
    "wrapped labels": "To:\na\nb\nc\n",
    "open brackets": "To: <\n",
    "attributions": "On 2026-01-05 10:00 Kim <a@b.c> wrote:\n",
    "attributions and quotes": "On 2026-01-05 10:00 Kim <a@b.c> wrote:\n> x\n\ntext\n",
    "beginnings of attributions": "On Mon, 5 Jan 2026 at 10:00 Kim Doe\n",
    "ends of attributions": "<a@b.c> wrote:\n",
    "dates": "5 Jan 2026 10:00:\n",
    "wrote": "wrote ",
    "wrote in lines": "wrote:\n",
    "openings in one line": "On On Am Le El ",
    "addresses": "a@b.c ",
    "addresses in lines": "a@b.c:\n",
    "at signs": "@",
    "no address": "aaaaaaaaaaaaaaaaaaaa",
    "sent from": "Sent from my phone\n",
    "signatures": "-- \ntext\n",
    "loose signatures": "--\ntext\n",
    "links": "<http://a",
    "link lines": "<https://example.org/a>\n",
    "one line of labels": "----- Forwarded message ----- From: aTo: bSubject: c",
    "labels in one line": "From: To: Cc: Date: Subject: ",
    "fences": "```\n> x\n",
    "bars": "| ",
    "bars in lines": "| x\n",
    "marks of direction": "\u202b\u200f",
    "mailto": "[mailto:<mailto:",
    "entities": "&gt;&lt;&quot;",
    "Chinese": "于2026年1月5日写道：",
    "Arabic": "في ٥ يناير ٢٠٢٦ كتب:\n",
    "nested forwards": "---------- Forwarded message ---------\nFrom: a@b.c\nTo: d\nSubject: e\n\n",
    "bold labels": "**From:** a@b.c\n**To:** b\n",
    "underscores": "_ _ _ ",
}
HEADS = {
    "": "",
    "after an attribution": "Hi\n\nOn 2026-01-05 10:00 Kim <a@b.c> wrote:\n",
    "in a value": "From: a@b.c\nTo: ",
}


def cost(read: Callable[[str], object], text: str, times: int = 2) -> float:
    """The least seconds of processor time of some readings."""
    found = []
    for _ in range(times):
        start = time.process_time()
        read(text)
        found.append(time.process_time() - start)
    return min(found)


def grows_too_fast(read: Callable[[str], object], build: Callable[[int], str]) -> bool:
    """Whether doubling the text more than doubles the time; measured again on larger texts before it is believed."""
    if cost(read, build(2 * SMALL), times=1) < TOO_SHORT:
        return False
    sizes = (SMALL, 2 * SMALL, 4 * SMALL)
    return all(cost(read, build(2 * size)) > MOST * cost(read, build(size)) for size in sizes)


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_grows_with_the_text(piece: str, head: str) -> None:
    def build(size: int) -> str:
        return head + piece * (size // len(piece))

    context = Context.of("Fwd: x", False)
    assert not grows_too_fast(lambda text: split_reply(text, subject="x"), build)
    assert not grows_too_fast(lambda text: find_inline(text, context), build)


@pytest.mark.parametrize("piece", [" ", "[", "(a", "Re", "[a] ", "^2", "* ", "：", "Fwd "])
def test_time_grows_with_the_subject(piece: str) -> None:
    assert not grows_too_fast(lambda text: Context.of(text, False), lambda size: piece * (size // len(piece)))
