"""The body of a mail put together from its slots: the text to read, the HTML to show, and the quotes the HTML marks.

The text is all plain texts in their order; HTML is turned into text where no plain text came before it. The HTML is all
HTML parts in their order, and between them the plain texts that do not say the same (a note before, a list's footer).
"""

from __future__ import annotations

from html import escape

from msgspec import Struct

from . import text
from .attachments import Slot
from .bounds import MAX_TEXT_LINES
from .text import QuoteSpan

_SAMPLE = 300  # characters that tell whether two texts say the same


class Content(Struct, frozen=True):
    """The body of a mail. `spans` are the stretches of `text` that the client's HTML marks as quotes."""

    text: str
    html: str | None  # as sent, not yet clean; None without
    spans: tuple[QuoteSpan, ...]
    readable: str  # the text as far as replies and forwards are looked for in it

    @property
    def is_too_long(self) -> bool:
        """Whether the text has more lines than anybody reads, so that `readable` is only its beginning."""
        return self.readable is not self.text


def put_together(slots: list[Slot]) -> Content:
    """The content of a body."""
    texts: list[str] = []
    spans: list[QuoteSpan] = []
    has_plain, length = False, 0
    for slot in slots:
        if slot.text is not None and slot.text.strip():
            has_plain = True
            piece = slot.text.rstrip()
        elif slot.html is not None and not has_plain:
            made = text.from_html(slot.html)
            spans += [QuoteSpan(s.start + length, s.end + length, s.kind) for s in made.quotes]
            piece = made.text.rstrip()
        else:
            continue
        texts.append(piece)
        length += len(piece) + 1
    joined = "\n".join(texts)
    is_long = joined.count("\n") > MAX_TEXT_LINES
    readable = "\n".join(joined.split("\n", MAX_TEXT_LINES)[:MAX_TEXT_LINES]) if is_long else joined
    return Content(joined, _html(slots), tuple(spans), readable)


def _html(slots: list[Slot]) -> str | None:
    htmls = [slot.html for slot in slots if slot.html is not None]
    if not htmls:
        return None
    lone = [slot for slot in slots if slot.html is None and slot.text and slot.text.strip()]
    if not lone:
        return "\n".join(htmls)
    said = _folded(text.from_html("\n".join(htmls)).text)
    pieces: list[str] = []
    for slot in slots:
        if slot.html is not None:
            pieces.append(slot.html)
        elif slot.text and _folded(slot.text)[:_SAMPLE] not in said:
            pieces.append(f'<div style="white-space: pre-wrap">{escape(slot.text.strip(), quote=False)}</div>')
    return "\n".join(pieces)


def _folded(words: str) -> str:
    return " ".join(words.split())
