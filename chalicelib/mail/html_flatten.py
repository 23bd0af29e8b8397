"""Bound how deep and how badly HTML nests, before a tree is built of it.

Why: tree builders are quadratic. Each `<div>` looks through all open elements, an unclosed `<font>` is re-opened in
every later paragraph (23 kB of that become 17 MB), each attribute is compared with those before it, and a text of
many character references is slow to write. Here, in one linear pass, tags become well nested and at most `MAX_DEPTH`
deep, a tag keeps at most `MAX_ATTRIBUTES`; text is kept whatever happens to its tags. Small mails, and mails that nest
well already, are passed on as they are.
"""

from __future__ import annotations

import html as entities
import re

from chalicelib.mail import html_tokens
from chalicelib.mail.html_elements import IMPLIED_END, MARGINS, VOID
from chalicelib.mail.html_nesting import Nesting
from chalicelib.mail.html_places import Place, Places

MAX_DEPTH = 100
MAX_ATTRIBUTES = 64
MAX_VALUE = 8_000  # characters of one attribute
_FEW_TAGS = 500  # so few cannot grow into more than a megabyte and some milliseconds
_FEW_ESCAPES = 1000
# The serialiser is quadratic in the escaped characters of one text; a comment cuts a text in two, and is dropped.
_ESCAPES = re.compile(rf"(?:[&\xa0][^&\xa0]*+){{{_FEW_ESCAPES}}}")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What a start tag ends: blocks end paragraphs, headings end headings, and what `IMPLIED_END` says.
_ENDED_BY = (
    dict.fromkeys((*MARGINS, "hr"), ("p",))
    | dict.fromkeys(_HEADINGS, ("p", *_HEADINGS))
    | {name: (*ended, "p") if name in MARGINS and name != "p" else ended for name, ended in IMPLIED_END.items()}
)
_LONG_TAG = re.compile(r"<[^>]{4000}")
# A tag, a comment or a doctype as every tokenizer reads it: well quoted, without `<` and `>` inside.
_PLAIN_MARKUP = re.compile(
    r"<(?:(/?)([a-zA-Z][a-zA-Z0-9]*+)"
    r"((?:[ \t\r\n\f]++[a-zA-Z_:][\w:.-]*+"
    r"(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>=`]++))?+)*+)[ \t\r\n\f]*+/?+>"
    r"|!--(?!>|->)[^<>-]*+-->|![dD][oO][cC][^<>]*+>)"
)
_FOREIGN = frozenset(
    ["textarea", "plaintext", "svg", "math", "select", "frameset", "noscript"]
)  # with rules of their own
_ONCE = frozenset({"a", "nobr", "button", "form", "option"})  # one in another ends it


def is_settled(cleaned: str) -> bool:
    """Whether a parser builds the same tree of well-formed HTML again: nothing in it ends something by itself.

    Removing an element can bring together what may not stand in each other, such as a heading in a heading.
    """
    places = Places(_nests)
    place: Place | None = places.root
    for closing, name in _TAG.findall(cleaned):
        if place is None:
            return False
        if closing:
            place = place.above
        elif name in place.inside:
            place = place.inside[name]
        else:
            place = places.enter(place, name)
    return place is not None


def _nests(place: Place, name: str) -> bool:
    """Whether an element opens at a place without ending another one, and not too deep."""
    if any(place.closes(ended) for ended in _ENDED_BY.get(name, ())):
        return False
    return place.depth < MAX_DEPTH or name in VOID


def _nests_plainly(place: Place, name: str) -> bool:
    """The same in HTML as it came, where every tokenizer has to read the element alike, too."""
    if name in _FOREIGN or place.name in html_tokens.RAW_TEXT_NAMES:
        return False
    if name in _ONCE:
        around: Place | None = place
        while around is not None:
            if around.name == name:
                return False
            around = around.above
    return _nests(place, name)


def flatten(html: str, *, always: bool = False) -> str:
    """HTML of the same content that is cheap to parse; what is small or plain already, only `always`."""
    if not always and (_is_small(html) or _is_plain(html)):
        return html
    pieces: list[str] = []
    nesting, open_names = Nesting(), list[str]()

    def close(name: str) -> None:
        while True:
            last = open_names.pop()
            nesting.pop(last)
            pieces.append(f"</{last}>")
            if last == name:
                return

    for kind, value, raw in html_tokens.tokens(html):
        if kind == html_tokens.TEXT:
            pieces.append(_ESCAPES.sub(r"\g<0><!---->", value.replace("<", "&lt;")))
        elif kind == html_tokens.START:
            for name in _ENDED_BY.get(value, ()):
                if nesting.closes(name):
                    close(name)
            if value in VOID:
                pieces.append(f"<{value}{_attributes(raw)}>")
            elif len(open_names) < MAX_DEPTH:
                pieces.append(f"<{value}{_attributes(raw)}>")
                nesting.push(value)
                open_names.append(value)
        elif kind == html_tokens.END and nesting.closes(value):
            close(value)
    return "".join(pieces)


def _is_small(html: str) -> bool:
    return html.count("<") <= _FEW_TAGS and _escapes(html) <= _FEW_ESCAPES and _LONG_TAG.search(html) is None


def _is_plain(html: str) -> bool:
    """Whether nothing is to be flattened, told at a third of the price: most mail is well nested and simply written.

    Every `<` must begin a tag that all tokenizers read alike, every end tag must close the last open element, and no
    start tag may end another element; so no parser can see more depth here than is counted.
    """
    found = _PLAIN_MARKUP.findall(html)
    if len(found) != html.count("<") or _escapes(html) > _FEW_ESCAPES:
        return False
    places = Places(_nests_plainly)
    place = places.root
    for closing, written, attributes in found:
        name = written.lower()
        if closing:
            if place.name != name or place.above is None:
                return False
            place = place.above
        elif name:
            inside = place.inside[name] if name in place.inside else places.enter(place, name)
            if inside is None or len(attributes) > 1000:
                return False
            place = inside
    return place is places.root


def _escapes(html: str) -> int:
    return html.count("&") + html.count("\xa0")


def _attributes(raw: str) -> str:
    if len(raw) <= 1000:
        return raw
    kept = list(html_tokens.attributes(raw).items())[:MAX_ATTRIBUTES]
    return "".join(f' {name}="{entities.escape(value)}"' for name, value in kept if len(value) <= MAX_VALUE)
