"""What mail programs write in each language around quotes, forwards and signatures: data files, and their index.

One `CODE.json` per language, named by its BCP 47 tag; `README.md` beside them says what each key means, so that
a speaker can add a language without reading code. Everything is compared folded (see `folded`), so case,
accents' encoding and invisible marks do not matter. Loaded once, at first use: all files together are 75 KB,
read in about 3 ms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

# Bidirectional controls, zero-width characters, byte order marks, soft hyphens: never meant by a reader.
INVISIBLE: Final = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD, 0x061C, 0x307]
)
_BLANKS: Final = dict.fromkeys([0xA0, 0x202F, 0x2007, 0x2009, 0x3000, 0x09], " ")
_QUOTES: Final = {0x2019: "'", 0x02BC: "'"}
_TRANSLATE: Final = {**INVISIBLE, **_BLANKS, **_QUOTES}
# Scripts written without blanks between words: there a word may touch its neighbours.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_AROUND_WORD: Final = " :：,;.()<>[]\"'-–—*_"
FIELDS: Final = ("from", "date", "to", "cc", "bcc", "reply_to", "subject", "other")


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of header fields as clients show them above a quoted or forwarded mail."""

    from_: tuple[str, ...] = msgspec.field(name="from")
    date: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: tuple[str, ...]
    other: tuple[str, ...]


class Language(Struct, frozen=True, forbid_unknown_fields=True):
    """One language's file."""

    name: str
    labels: Labels
    wrote: tuple[str, ...]
    opens: tuple[str, ...]
    between: tuple[str, ...]
    forwarded: tuple[str, ...]
    original: tuple[str, ...]
    sent_from: tuple[str, ...]
    forward_prefixes: tuple[str, ...]
    reply_prefixes: tuple[str, ...]
    reply_above: tuple[str, ...] = ()
    vacation: tuple[str, ...] = ()
    i_wrote: tuple[str, ...] = ()


class Vocabulary:
    """All languages in the form that a mail is compared with."""

    def __init__(self, languages: dict[str, Language], devices: tuple[str, ...]) -> None:
        self.languages = languages
        self.devices = devices
        self.labels = _labels(languages)
        self.wrote = _longest_first(word for lang in languages.values() for word in lang.wrote)
        self._wrote_by_word = _by_first_word(word for word in self.wrote if not _UNSPACED.match(word))
        self._wrote_unspaced = tuple(word for word in self.wrote if _UNSPACED.match(word))
        self.last_words = frozenset(word.split()[-1].strip("()") for word in self.wrote)
        self.opens = frozenset(folded(word) for lang in languages.values() for word in lang.opens)
        self.opening_words = frozenset(phrase.split()[0] for phrase in self.opens)
        self.between = frozenset(folded(word) for lang in languages.values() for word in lang.between)
        self.forwarded = _longest_first(word for lang in languages.values() for word in lang.forwarded)
        self.original = frozenset(folded(word) for lang in languages.values() for word in lang.original)
        self._original_starts = tuple(phrase for phrase in self.original if len(phrase) >= 10)
        self.reply_above = _longest_first(word for lang in languages.values() for word in lang.reply_above)
        self.i_wrote = _longest_first(word for lang in languages.values() for word in lang.i_wrote)
        self.forward_prefixes = _by_word(languages, "forward_prefixes")
        self.reply_prefixes = _by_word(languages, "reply_prefixes")
        self.sent_from_whole = frozenset(
            folded(phrase) for lang in languages.values() for phrase in lang.sent_from if "…" not in phrase
        )
        self.sent_from_starts, self.sent_from_ends = _sent_from(languages)
        self.sent_from_tails = tuple({tail for head, tail in self.sent_from_ends if not head})
        self.sent_from_heads = tuple({head for head, _ in self.sent_from_ends if head})

    def wrote_in(self, text: str) -> tuple[int, int] | None:
        """Where a folded text has a word for "wrote", standing by itself: start and end of the last one."""
        best: tuple[int, int] | None = None
        for word in {word.strip(_AROUND_WORD) for word in text.split()} & self._wrote_by_word.keys():
            for phrase in self._wrote_by_word[word]:
                best = _later(best, text, phrase)
        if not text.isascii():
            for phrase in self._wrote_unspaced:
                best = _later(best, text, phrase)
        return best

    def says_forwarded(self, text: str) -> bool:
        """Whether a folded line has a word for "forwarded"."""
        for word in self.forwarded:  # noqa: SIM110, twice as fast as any()
            if word in text and _begins_word(text, word):
                return True
        return False

    def says_reply_above(self, text: str) -> bool:
        """Whether a folded line asks for the answer above it, as ticket systems do."""
        return any(phrase in text for phrase in self.reply_above)

    def says_i_wrote(self, text: str) -> bool:
        """Whether in a folded line somebody speaks of what they wrote themselves."""
        return any(phrase in text and _begins_word(text, phrase) for phrase in self.i_wrote)

    def says_original(self, text: str) -> bool:
        """Whether a folded line is "original message", or such words and little more (a name, a date)."""
        if text in self.original:
            return True
        if not text.startswith(self._original_starts):
            return False
        return any(text.startswith(start) and len(text) < len(start) + 60 for start in self._original_starts)


def _later(best: tuple[int, int] | None, text: str, phrase: str) -> tuple[int, int] | None:
    at = text.rfind(phrase)
    end = at + len(phrase)
    if at < 0 or (best and (end, len(phrase)) <= (best[1], best[1] - best[0])) or not stands_alone(text, at, end):
        return best
    return at, end


def _by_first_word(phrases: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for phrase in phrases:
        found.setdefault(phrase.split()[0].strip(_AROUND_WORD), []).append(phrase)
    return found


def _begins_word(text: str, word: str) -> bool:
    at = text.find(word)
    return at == 0 or not text[at - 1].isalpha() or bool(_UNSPACED.match(word)) or len(word) > 5


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is not the middle of a word, in scripts that put blanks between words."""
    if _UNSPACED.match(text[start]) or _UNSPACED.match(text[end - 1]):
        return True
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def folded(text: str) -> str:
    """`text` as it is compared: composed, without invisible marks, blanks alike, without case."""
    if text.isascii():
        return text.lower().replace("\t", " ")
    return unicodedata.normalize("NFC", text.casefold()).translate(_TRANSLATE)


@cache
def vocabulary() -> Vocabulary:
    """The languages of this package."""
    folder = Path(__file__).parent
    devices = (folder / "devices.txt").read_text(encoding="utf-8").split("\n")
    return Vocabulary(read_languages(folder), tuple(folded(word) for word in devices if word))


def read_languages(folder: Path) -> dict[str, Language]:
    """All `CODE.json` of a folder. Raises msgspec.ValidationError for a file that breaks the rules of README.md."""
    decoder = msgspec.json.Decoder(Language)
    return {path.stem: decoder.decode(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def _labels(languages: dict[str, Language]) -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for code, language in languages.items():
        for name in FIELDS:
            for label in getattr(language.labels, "from_" if name == "from" else name):
                meanings = found.setdefault(folded(label), {})
                meanings[name] = meanings.get(name, frozenset()) | {code}
    return found


def _by_word(languages: dict[str, Language], key: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code, language in languages.items():
        for word in getattr(language, key):
            found[folded(word)] = found.get(folded(word), frozenset()) | {code}
    return found


def _sent_from(languages: dict[str, Language]) -> tuple[dict[str, list[tuple[str, str]]], tuple[tuple[str, str], ...]]:
    """Patterns by their first word, and those that begin with an ellipsis: (start, rest after the ellipsis)."""
    starts: dict[str, list[tuple[str, str]]] = {}
    ends: list[tuple[str, str]] = []
    for language in languages.values():
        for pattern in language.sent_from:
            head, gap, tail = folded(pattern).partition("…")
            if not gap:
                continue
            if not head:
                ends.append(("", tail.strip("… ")))
            elif _UNSPACED.match(head):
                ends.append((head.strip(), tail.strip("… ")))
            else:
                starts.setdefault(head.split()[0], []).append((head, tail.strip("… ")))
    return starts, tuple(ends)


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({folded(word) for word in words}, key=len, reverse=True))
