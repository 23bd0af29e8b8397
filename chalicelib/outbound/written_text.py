"""Plain text that somebody wrote, as HTML that shows the same. Pure."""

from __future__ import annotations

import html
import re

from chalicelib.mail.clean import clean_text

_BLANKS = re.compile(r"^ | (?= )", re.MULTILINE)


def html_of_text(text: str) -> str:
    """Escaped; line ends become `<br>`, and blanks that HTML would swallow stay."""
    escaped = _BLANKS.sub("&nbsp;", html.escape(clean_text(text).expandtabs(8), quote=False))
    return "<br>\n".join(escaped.rstrip("\n").split("\n"))
