"""Whether a subject says reply or forward: "Re:", "AW:", "Fwd:", "WG:", "TR :", "转发：", in all languages.

The first prefix counts: "Re: Fwd: x" is a reply, "Fwd: Re: x" a forward. Tags before it are skipped
("[External] Fwd: x"). Old mail programs write "[Fwd: x]" and "x (fwd)", mutt and Rmail "[kim@example.org: x]".
QUIRK: some words are both ("VS:" is a reply in Finnish and a forward in Danish): then both sets of languages are given.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from .languages import folded, vocabulary

_TAG: Final = re.compile(r"(?:\[[^\[\]]{1,60}\]|\([^()]{1,60}\)|\*{1,3}[^*]{1,40}\*{1,3})")
_COUNT: Final = re.compile(r"(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})$")  # Re[2]:
_OLD: Final = re.compile(r"\[(?:fwd?\s{0,3}|[^\s@:\[\]]{1,64}@[^\s@:\[\]]{1,255}):", re.IGNORECASE)  # [Fwd: x]
_COLON: Final = re.compile("[:：]")
MAX_TAGS: Final = 4
MAX_PREFIX: Final = 40


class Prefix(Struct, frozen=True):
    """Languages in which the subject's first prefix means forward, and in which it means reply; empty: no prefix."""

    forward: frozenset[str] = frozenset()
    reply: frozenset[str] = frozenset()
    end: int = 0  # where the subject goes on after the prefix


def prefix_of(subject: str) -> Prefix:
    """What the first prefix of a subject says."""
    start = _after_tags(subject)
    old = _OLD.match(subject.lstrip())
    if old or subject.rstrip().lower().endswith("(fwd)"):
        return Prefix(forward=frozenset(["en"]), end=subject.index(":") + 1 if old else 0)
    colon = _COLON.search(subject, start, start + MAX_PREFIX)
    if not colon:
        return Prefix()
    word = folded(_COUNT.sub("", subject[start : colon.start()].strip())).strip(" .")
    words = vocabulary()
    forward, reply = words.forward_prefixes.get(word), words.reply_prefixes.get(word)
    if not forward and not reply:
        return Prefix()
    return Prefix(forward or frozenset(), reply or frozenset(), colon.end())


def _after_tags(subject: str) -> int:
    """Where a subject begins behind its tags."""
    start = len(subject) - len(subject.lstrip())
    for _ in range(MAX_TAGS):
        tag = _TAG.match(subject, start)
        if not tag:
            break
        start = len(subject) - len(subject[tag.end() :].lstrip())
    return start
