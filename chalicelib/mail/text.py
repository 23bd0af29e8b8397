"""Make readable text from HTML.

What: `from_html` renders block structure, lists, tables, links and quotes as text, and tells which stretches of that
text the client's own markers (`html_markers`) declare quoted, forwarded or signature.
Format: lines end in `\\n`, no blank at line ends (but "-- ", RFC 3676 §4.3), at most one empty line in a row, quotes
prefixed `> `, links as `label (address)` or the bare address, cells of a row separated by a tab.
Limits: linear in the size of the input; quotes and lists are indented up to 10 deep; what CSS rules in <style> hide is
shown. Hidden by attribute or inline style (preheaders, tracking text) is left out, as the reader does not see it.
"""

from __future__ import annotations

from msgspec import Struct

from chalicelib.mail.html_render import Renderer
from chalicelib.mail.html_spans import QuoteSpan

__all__ = ["HtmlText", "QuoteSpan", "from_html"]


class HtmlText(Struct, frozen=True):
    """Readable text of an HTML body; `quotes` are in order and do not overlap (the outermost marker counts)."""

    text: str
    quotes: tuple[QuoteSpan, ...] = ()


def from_html(html: str) -> HtmlText:
    """Render HTML as text. Any string is fine; nothing is raised."""
    return HtmlText(*Renderer().render(html))
