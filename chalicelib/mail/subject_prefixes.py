"""Whether a subject says reply or forward: "Re:", "AW:", "Fwd:", "WG:", "TR :", "转发：", in all languages.

The first prefix counts: "Re: Fwd: x" is a reply, "Fwd: Re: x" a forward. Tags before it are skipped ("[External] Fwd: x").
Old mail programs write "[Fwd: x]" and "x (fwd)".
QUIRK: some words are both ("VS:" is a reply in Finnish and a forward in Danish): then both sets of languages are given.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from .languages import folded, vocabulary

_TAG: Final = re.compile(r"\s*(?:\[[^\[\]]{1,60}\]|\([^()]{1,60}\)|\*{1,3}[^*]{1,40}\*{1,3})\s*")
_PREFIX: Final = re.compile(r"\s*([^\s:：\[(][^:：\[(]{0,25}?)\s*\.?(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?\s*[:：]")
_BRACKETED: Final = re.compile(r"\s*\[(fwd?)\s*:", re.IGNORECASE)  # [Fwd: x]


class Prefix(Struct, frozen=True):
    """Languages in which the subject's first prefix means forward, and in which it means reply; empty: no prefix."""

    forward: frozenset[str] = frozenset()
    reply: frozenset[str] = frozenset()
    end: int = 0  # where the subject goes on after the prefix


def prefix_of(subject: str) -> Prefix:
    """What the first prefix of a subject says."""
    start = 0
    for _ in range(4):
        tag = _TAG.match(subject, start)
        if not tag:
            break
        start = tag.end()
    found = _PREFIX.match(subject, start) or _BRACKETED.match(subject)
    if not found:
        return Prefix(forward=frozenset(["en"])) if subject.rstrip().lower().endswith("(fwd)") else Prefix()
    word = folded(found[1]).strip().rstrip(".")
    words = vocabulary()
    forward, reply = words.forward_prefixes.get(word), words.reply_prefixes.get(word)
    if not forward and not reply:
        return Prefix()
    return Prefix(forward or frozenset(), reply or frozenset(), found.end())
