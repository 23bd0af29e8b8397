"""Hostile strings made safe to show in one line: subjects, display names, file names.

Control characters (RFC 5322 allows none), NUL, line and paragraph separators and the bidirectional overrides that turn
`exe.pdf` around are taken out; the marks LRM and RLM stay, since honest Arabic and Hebrew texts use them.
"""

from __future__ import annotations

import re

_BLANKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+ *")
_HOSTILE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LINE_ENDS = re.compile("[\x0b\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def clean_line(text: str) -> str:
    """`text` as one line without control characters, bidi overrides and lone surrogates, outer blanks cut."""
    if not (text.isascii() and text.isprintable()):
        text = _HOSTILE.sub("", _BLANKS.sub(" ", text))
    return text.strip()


def clean_text(text: str) -> str:
    r"""A body text with `\n` for every line end and without control characters (tab and form feed stay).

    The vertical tab is Word's and Outlook's line end within a paragraph, and Unicode's separators are line ends too
    (UAX #14, class BK): dropped or left, they would show two lines as one.
    """
    if "\r" in text:
        # Twice, for `\r\r\n`: one line end, of a mail whose line ends were made for the wire once more.
        text = text.replace("\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if _LINE_ENDS.search(text):
        text = _LINE_ENDS.sub("\n", text)
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
    return text
