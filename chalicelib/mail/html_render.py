"""Render HTML tokens as text: the machine behind `text.from_html`.

It keeps a stack of open elements with what their end undoes, and owes line ends, blanks and tabs until text comes.
Every step costs the same whatever came before: end tags look up counts of open elements instead of walking the stack.
"""

from __future__ import annotations

from functools import lru_cache

from chalicelib.mail import html_markers, html_tokens
from chalicelib.mail.html_elements import (
    BLANKS,
    CELLS,
    CONTROLS,
    DEEPEST_INDENT,
    HIDDEN,
    INDENT_ONLY,
    INVISIBLE,
    MARGINS,
    NO_MARGIN,
    PREFORMATTED,
    RULE,
    SCHEME,
    UNSHOWN,
    UNTRACKED,
    VOID,
)
from chalicelib.mail.html_markers import Marker
from chalicelib.mail.html_nesting import Nesting
from chalicelib.mail.html_spans import QuoteSpan, Spans


class _Open:
    """An open element, and what has to happen at its end. The class holds what most elements have."""

    marker: Marker | None = None
    undo = ""  # letters: a link, h hidden, i indented, l list, p preformatted, d line over header fields
    span = -1
    tight = False
    href = ""
    label = 0  # number of pieces written before a link's label
    counter = 0  # items of a list so far

    def __init__(self, name: str) -> None:
        self.name = name


@lru_cache(maxsize=4096)
def _meaning(name: str, raw: str) -> tuple[Marker | None, str]:
    """The marker of a start tag, and the letters of `_Open.undo` that its attributes mean. Mail repeats its tags."""
    marker, letters = html_markers.find(name, raw), ""
    if "style" in raw.lower():
        if marker is None and html_markers.DIVIDER.search(raw):
            marker, letters = Marker("quote", "rest"), "d"
        if HIDDEN.search(raw):
            letters += "h"
        if PREFORMATTED.search(raw):
            letters += "p"
    return marker, letters


class Renderer:
    """What was written so far, what is open, and what is owed."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.line_has_text = False
        self.line_ends = 0  # line ends owed before the next text
        self.blank_owed = False
        self.cell_owed = False
        self.bullet = ""
        self.prefixes: list[str] = []
        self.prefix = ""
        self.last_prefix = ""
        self.open: list[_Open] = []
        self.nesting = Nesting()
        self.lists: list[_Open] = []
        self.hidden = 0
        self.preformatted = 0
        self.spans = Spans()

    def render(self, html: str) -> tuple[str, tuple[QuoteSpan, ...]]:
        """The text of a document, and what of it is marked."""
        for kind, value, raw in html_tokens.tokens(html):
            if kind == html_tokens.TEXT:
                if not self.hidden:
                    self._text(value)
            elif value in UNTRACKED:
                continue
            elif kind == html_tokens.START:
                self._start(value, raw)
            elif kind == html_tokens.END:
                self._end(value)
            else:
                self._comment(value)
        return self._finish()

    def _finish(self) -> tuple[str, tuple[QuoteSpan, ...]]:
        """Close what is open."""
        while self.open:
            self._close()
        text = "".join(self.pieces).translate(CONTROLS)
        return text, self.spans.settle(text) if self.spans.noted else ()

    # -------------------------------------------------------------------------------------------- text
    def _text(self, raw: str) -> None:
        text = html_tokens.unescape(raw)
        if self.preformatted:
            for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
                if number:
                    self._line_break()
                if line:
                    self._put(line)
            return
        folded = BLANKS.sub(" ", text)
        if folded == " ":
            self._blank(text)
            return
        if not folded.isascii() and INVISIBLE.fullmatch(folded):
            return
        body = folded.strip(" ")
        if not body:
            return
        if folded[0] == " ":
            self.blank_owed = self.line_has_text
        self._put(body)
        self.blank_owed = folded[-1] == " "

    def _blank(self, text: str) -> None:
        """White space between tags. A paragraph holding one no-break space is how editors write an empty line."""
        if self.line_has_text and not self.line_ends:
            self.blank_owed = True
        elif "\xa0" in text and not (self.open and self.open[-1].name in CELLS):
            self._line_break()

    def _put(self, text: str) -> None:
        """Append text that holds no line end, after what is owed before it."""
        if self.line_ends:
            if self.pieces:
                empty = min(self.prefix, self.last_prefix, key=len).rstrip()
                self._raw(("\n" + empty) * (self.line_ends - 1) + "\n")
            self.line_ends = 0
            self.line_has_text = False
        if not self.line_has_text:
            text = self.prefix + self.bullet + text
            self.bullet = ""
            self.last_prefix = self.prefix
            self.line_has_text = True
        elif self.cell_owed:
            self._raw("\t")
        elif self.blank_owed:
            self._raw(" ")
        self.cell_owed = self.blank_owed = False
        if self.spans.waiting:
            self.spans.text_at(self.length)
        self._raw(text)

    def _raw(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def _line_break(self) -> None:
        """<br>: end the line, or add an empty one; more than one in a row says nothing more."""
        if self.line_has_text and not self.line_ends:
            self._boundary(1)
        else:
            self.line_ends = min(self.line_ends + 1, 2)

    def _boundary(self, margin: int) -> None:
        """The edge of a block."""
        margin = 1 if self.bullet else margin
        if self.line_has_text and self.line_ends < margin:
            if self.blank_owed and not self.line_ends and self.pieces[-1] == self.last_prefix + "--":
                self._raw(" ")  # the signature's delimiter keeps its blank, RFC 3676 §4.3
            self.line_ends = margin
        self.blank_owed = self.cell_owed = False

    # -------------------------------------------------------------------------------------------- start tags
    def _start(self, name: str, raw: str) -> None:
        if name in VOID:
            if not self.hidden:
                self._void(name, raw)
            return
        for ended in self.nesting.ended_by(name):
            self._end(ended)
        element = _Open(name)
        if raw or name in html_markers.ELEMENTS:
            element.marker, letters = _meaning(name, raw) if len(raw) < 500 else _meaning.__wrapped__(name, raw)
            if letters:
                element.undo = letters
                self.hidden += "h" in letters
                self.preformatted += "p" in letters
        if name in UNSHOWN and "h" not in element.undo:
            element.undo += "h"
            self.hidden += 1
        margin = MARGINS.get(name)
        if margin and not self.hidden:
            if margin > 1:
                element.tight = bool(self.lists) if name in ("ul", "ol") else NO_MARGIN.search(raw) is not None
                margin = 1 if element.tight else 2
            self._boundary(margin)
        special = _SPECIAL.get(name)
        if special is not None:
            special(self, element, raw)
        self.nesting.push(name)
        self.open.append(element)
        if element.marker is not None:
            element.span = self.spans.open(element.marker, needs_headers="d" in element.undo)

    def _link(self, element: _Open, raw: str) -> None:
        if "href" in raw.lower():
            element.href = html_tokens.attributes(raw).get("href", "").strip()
            element.label = len(self.pieces)
            element.undo += "a"

    def _blockquote(self, element: _Open, raw: str) -> None:
        plain = element.marker is None and INDENT_ONLY.search(raw) is not None
        self._indent(element, "    " if plain else "> ")

    def _preformat(self, element: _Open, raw: str) -> None:
        self.preformatted += 1
        element.undo += "p"

    def _list(self, element: _Open, raw: str) -> None:
        self._indent(element, "  " if self.lists else "")
        self.lists.append(element)
        element.undo += "l"

    def _item(self, element: _Open, raw: str) -> None:
        self.bullet = "* "
        if self.lists and self.lists[-1].name == "ol":
            self.lists[-1].counter += 1
            self.bullet = f"{self.lists[-1].counter}. "

    def _definition(self, element: _Open, raw: str) -> None:
        self._indent(element, "  ")

    def _indent(self, element: _Open, prefix: str) -> None:
        element.undo += "i"
        self.prefixes.append(prefix)
        if len(self.prefixes) <= DEEPEST_INDENT:
            self.prefix += prefix

    def _outdent(self) -> None:
        prefix = self.prefixes.pop()
        if len(self.prefixes) < DEEPEST_INDENT and prefix:
            self.prefix = self.prefix[: -len(prefix)]

    def _void(self, name: str, raw: str) -> None:
        if name == "br":
            self._line_break()
        elif name == "img" and "alt" in raw:
            alt = BLANKS.sub(" ", html_tokens.attributes(raw).get("alt", "")).strip()
            if alt:  # a link's label, or an emoji, stands for itself
                bare = (self.open and self.open[-1].name == "a") or not any(map(str.isalnum, alt))
                self._put(alt if bare else f"[{alt}]")
        elif name == "hr":
            self._boundary(1)
            marker = html_markers.find(name, raw) if raw else None
            if marker is not None:
                self.spans.open(marker)
            self._put(RULE)
            self._boundary(1)

    def _comment(self, text: str) -> None:
        marker = html_markers.COMMENTS.get(text.strip(" -<>!").lower()) if len(text) < 40 else None
        if marker is not None:
            self.spans.open(marker)

    # -------------------------------------------------------------------------------------------- end tags
    def _end(self, name: str) -> None:
        """Close the element and what is still open inside it; an end tag without its element is ignored."""
        if name == "br":
            self._line_break()
        elif self.nesting.closes(name):
            while self.open[-1].name != name:
                self._close()
            self._close()

    def _close(self) -> None:
        element = self.open.pop()
        name = element.name
        self.nesting.pop(name)
        for letter in element.undo:
            if letter == "a":
                self._close_link(element)
            elif letter == "h":
                self.hidden -= 1
            elif letter == "p":
                self.preformatted -= 1
            elif letter == "i":
                self._outdent()
            elif letter == "l":
                self.lists.pop()
        if element.span >= 0:
            self.spans.close(element.span, self.length)
        if self.hidden:
            return
        if name in CELLS:
            self.cell_owed = self.line_has_text and not self.line_ends
        elif name in MARGINS:
            self._boundary(1 if element.tight else MARGINS[name])

    def _close_link(self, element: _Open) -> None:
        """Add the address of a link after its label, unless the label says it."""
        scheme = SCHEME.match(element.href)
        if self.hidden or scheme is None or scheme[0].lower() == "tel:" or len(self.pieces) == element.label:
            return
        label = "".join(self.pieces[element.label : element.label + _LABEL_PIECES])
        web = scheme[0][:4].lower() == "http"
        address = element.href if web else element.href[len(scheme[0]) :].partition("?")[0]
        if address and _bare(address) != _bare(label.strip().removeprefix(self.prefix)):
            self.blank_owed = True
            self._put(f"({BLANKS.sub('%20', address)})")


_LABEL_PIECES = 50  # a label of more pieces is no address

_SPECIAL = {
    "a": Renderer._link,
    "blockquote": Renderer._blockquote,
    "pre": Renderer._preformat,
    "ul": Renderer._list,
    "ol": Renderer._list,
    "li": Renderer._item,
    "dd": Renderer._definition,
}


def _bare(address: str) -> str:
    """An address without what labels leave out: scheme, www, final slash."""
    return SCHEME.sub("", address.strip().lower(), count=1).removeprefix("www.").rstrip("/")
