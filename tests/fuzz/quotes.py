"""Fuzz target: any text split into the newly written and the quoted."""

from __future__ import annotations

import sys

from chalicelib.mail.html_spans import QuoteSpan
from chalicelib.mail.quotes import split_reply
from tests.fuzz import runner

TOKENS = [
    b"> ",
    b">> ",
    b"\n\n",
    b"-- \n",
    b"--\n",
    b"________________________________\n",
    b"-----Original Message-----\n",
    b"---------- Forwarded message ---------\n",
    b"Begin forwarded message:\n",
    b"On Mon, 5 Jan 2026 at 10:31, Kim Doe <kim@example.org> wrote:\n",
    b"Am Mo., 5. Jan. 2026 um 10:31 Uhr schrieb Kim Doe <\nkim@example.org>:\n",
    "Le lun. 5 janv. 2026 à 10:31, Kim <kim@example.org> a écrit :\n".encode(),
    "Kim <kim@example.org> 于2026年1月5日周一 10:31写道：\n".encode(),
    b"From: Kim Doe <kim@example.org>\nSent: Monday\nTo: desk@example.com\nSubject: Hello\n",
    "De : Kim\nEnvoyé : lundi\nÀ : Bo\nObjet : x\n".encode(),
    b"*From:* Kim\n*To:* Bo\n*Subject:* x\n",
    b"Sent from my iPhone\n",
    b"Von meinem iPhone gesendet\n",
    b"```\n",
    b"| ",
    b": ",
    b"wrote:",
    "\u202b".encode(),
    "\u00a0".encode(),
    "：".encode(),
]


def target(data: bytes) -> None:
    """Folds are in bounds, in order and apart; the reply is what they leave; the reply of a reply is not longer."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    third = len(text) // 3
    spans = (QuoteSpan(third, 2 * third, "quote"), QuoteSpan(2 * third, 2 * third + third // 2, "signature"))
    for given in ((), spans):
        for subject, is_reply in (("Re: x", True), ("Fwd: x", False)):
            reply = split_reply(text, given, subject=subject, is_reply=is_reply)
            position, left = 0, []
            for fold in reply.folds:
                assert position <= fold.start < fold.end <= len(text)
                left.append(text[position : fold.start])
                position = fold.end
            left.append(text[position:])
            assert "".join("".join(left).split()) == "".join(reply.text.split())


if __name__ == "__main__":
    sys.exit(runner.main("quotes", target, TOKENS))
