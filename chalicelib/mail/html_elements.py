"""What HTML elements do to the text of a mail: tables and patterns for `html_render`.

Source: the HTML standard, rendering (§15) and implied end tags (§13.1.2.4), cut down to what shows in plain text.
"""

from __future__ import annotations

import re


def words(names: str) -> frozenset[str]:
    """Names written in one string, blanks between them."""
    return frozenset(names.split())


# How many line ends an element wants around itself. Elements not named here are inline.
MARGINS = dict.fromkeys(words("p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl"), 2)
MARGINS |= dict.fromkeys(
    words(
        "table figure fieldset form center div tr li dt dd address article aside footer header main nav section caption"
        " details summary legend option tbody thead tfoot figcaption hgroup body html includetail menu dir"
    ),
    1,
)
CELLS = words("td th")
SCOPES = words("td th table caption")  # an end tag inside does not close what stands outside
VOID = words("area base br col embed hr img input link meta param source track wbr")
UNSHOWN = words("script style title xmp iframe noembed noframes template svg math")
UNTRACKED = words(  # inline, often badly nested, and never a marker
    "b i u em strong small big sub sup tt code s strike del ins abbr cite q kbd samp var mark nobr label o:p font"
    " tbody thead tfoot colgroup col wbr bdo html body"
)
IMPLIED_END: dict[str, tuple[str, ...]] = {  # a start tag ends an open element of the same row or list
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
    "p": ("p",),
    "a": ("a",),
    "option": ("option",),
}

HIDDEN = re.compile(
    r"(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden|mso-hide\s*+:\s*+all|max-height\s*+:\s*+0(?:px)?)(?=\s*+(?:[;!\"']|$))",
    re.I,
)
PREFORMATTED = re.compile(r"white-space\s*+:\s*+(?:pre|break-spaces)", re.I)
# Paragraphs without an empty line between them: Word's and Outlook's, Apple's p1, and those that say so themselves.
NO_MARGIN = re.compile(
    r"Mso(?:Normal|PlainText|ListParagraph|Header|Footer)|margin(?:-top|-bottom)?\s*+:\s*+0|class\s*+=\s*+[\"']?p\d\b",
    re.I,
)
INDENT_ONLY = re.compile(r"border(?:-left)?\s*+:\s*+(?:none|0|medium none)", re.I)  # a blockquote that only indents
BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
INVISIBLE = re.compile(r"[\s\u00ad\u034f\u061c\u115f\u200b-\u200f\u2007\u2060-\u2064\ufeff]*+")
SCHEME = re.compile(r"(?:https?://|mailto:|tel:)", re.I)
# Characters that no text holds, one for one, so that positions stay.
CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029), " ")
RULE = "_" * 32  # a horizontal rule, as Outlook writes it
DEEPEST_INDENT = 10
