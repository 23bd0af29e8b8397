"""Cut HTML into tokens, in one pass and in time linear in its length, whatever the input.

What: start tags, end tags and text between them, by the tokenizer of the HTML standard (§13.2.5) as far as mail needs
it: comments, conditional comments, bogus comments, raw text elements (script, style, ...), quoted attribute values.
Limits: no tree. A tree builder (html5ever, lexbor) re-opens and re-checks elements and is quadratic on deep or badly
nested input; here a broken tag costs at most one look to the end of the document. A tag that is never closed by `>`
swallows the rest of the document, as in browsers.
Why own code: the text of a mail needs neither tree nor CSS; numbers in docs/decisions/020.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

START, END, TEXT, COMMENT = 1, 2, 3, 4

# Blanks are HTML's five: \s has more, and a no-break space belongs to the name or value it touches.
# Possessive quantifiers (`++`, `*+`) forbid going back: every character is looked at once.
_MARKUP = re.compile(
    r"<(?:(?P<end>/)?(?P<name>[a-zA-Z][^ \t\r\n\f/>]*+)"
    r"(?P<attributes>(?:[^>=]++|=[ \t\r\n\f]*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)(?:>|\Z)"
    r"|!--(?P<comment>(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z)))"
    r"|[!?/][^>]*+(?:>|\Z))"
)
_ATTRIBUTE = re.compile(
    r"([^ \t\r\n\f\"'>/=]++)(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^ \t\r\n\f>]*+)))?"
)
RAW_TEXT_NAMES = ("script", "style", "title", "xmp", "iframe", "noembed", "noframes", "template")
_RAW_TEXT = {name: re.compile(rf"</{name}(?=[ \t\r\n\f/>])[^>]*+(?:>|\Z)", re.IGNORECASE) for name in RAW_TEXT_NAMES}
_LONG_NUMBER = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")

Token = tuple[int, str, str]


def tokens(source: str) -> Iterator[Token]:
    """Yield (START, lower-cased name, raw attributes), (END, name, ""), (TEXT, raw text, ""), (COMMENT, text, "").

    The content of script, style and the like is left out; entities in text are not yet decoded (`unescape`).
    """
    at, size = 0, len(source)
    unclosed: set[str] = set()
    match_markup = _MARKUP.match
    while at < size:
        opening = source.find("<", at)
        if opening < 0:
            yield TEXT, source[at:], ""
            return
        markup = match_markup(source, opening)
        if markup is None:  # a lone `<` is text
            yield TEXT, source[at : opening + 1], ""
            at = opening + 1
            continue
        if opening > at:
            yield TEXT, source[at:opening], ""
        at = markup.end()
        ending, name, attributes, comment = markup.groups()
        if name is None:
            if comment:
                yield COMMENT, comment, ""
            continue
        name = name.lower()
        if ending:
            yield END, name, ""
            continue
        yield START, name, attributes
        raw_text = _RAW_TEXT.get(name)
        if raw_text is not None:
            closing = None if name in unclosed else raw_text.search(source, at)
            if closing is not None:
                at = closing.end()
            else:
                unclosed.add(name)  # so that nobody looks to the end of the document twice
                # QUIRK: `<title/>` of an XHTML mail is taken as empty, where a browser hides the rest of the mail.
                at = at if attributes.endswith("/") else size
            yield END, name, ""


def attributes(raw: str) -> dict[str, str]:
    """Read the raw attributes of a start tag: names lower-cased, values decoded, the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(raw):
        name, double, single, bare = match.groups()
        found.setdefault(name.lower(), unescape(double or single or bare or ""))
    return found


def unescape(text: str) -> str:
    """Decode character references; one beyond Unicode becomes U+FFFD."""
    if "&" not in text:
        return text
    # QUIRK: html.unescape raises ValueError on a number of more than 4,300 digits.
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text))
