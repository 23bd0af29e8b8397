"""Fuzz target: HTML of any kind is cleaned and rendered; what comes out holds nothing that acts."""

from __future__ import annotations

import sys

from chalicelib.mail.html import clean
from chalicelib.mail.text import from_html
from tests.fuzz import runner
from tests.unit.mail.test_html import dangers

TOKENS = [
    b"<script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b'<a href="javascript:alert(1)">',
    b'<p style="background:url(javascript:x);position:fixed">',
    b"<svg><style><img src=x onerror=alert(1)>",
    b"<math><mtext><table><mglyph><style><!--</style>",
    b"<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    b"<template><style></template>",
    b"<!--[if mso]>",
    b"<![endif]-->",
    b"<!--",
    b"-->",
    b"<title>",
    b"<textarea>",
    b"<table><tr><td>",
    b"</td></table>",
    b"<blockquote type=cite>",
    b"</blockquote>",
    b'<div class="gmail_quote">',
    b"<div id=appendonsend></div>",
    b'<div style="border-top:solid #E1E1E1 1.0pt">From: a<br>To: b</div>',
    b'<div style="display:none">',
    b"<ul><li>",
    b"</ul>",
    b"<pre>",
    b"<a href=https://x.example>",
    b'<img src="cid:a@b" alt="',
    b"<font face=Arial>",
    b"&#0;&#x110000;&nbsp;&lt;script&gt;",
    b"\xe2\x80\x8b\xc2\xa0",
    b"<",
    b">",
    b'"',
    b"'",
    b"=",
    b"\x00",
]


def target(data: bytes) -> None:
    """The sanitiser and the renderer on one input."""
    html = data.decode("utf-8", "replace")
    cleaned = clean(html)
    assert dangers(cleaned) == [], dangers(cleaned)
    assert clean(cleaned) == cleaned
    rendered = from_html(html)
    end = 0
    for span in rendered.quotes:
        assert end <= span.start < span.end <= len(rendered.text)
        end = span.end
    from_html(cleaned)


if __name__ == "__main__":
    sys.exit(runner.main("html", target, TOKENS))
