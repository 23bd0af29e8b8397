"""HTML as text: what a reader sees, and the stretches that the sending client marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import html_markers, html_tokens
from chalicelib.mail.text import from_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a<br></div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("a <b> b</b>\n\n c", "a b c"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"),
        ("<p style='margin:0'>a</p><p style='margin:0'>b</p>", "a\nb"),
        ("a&nbsp;b &lt;c&gt; &amp;amp; &euro;", "a b <c> &amp; €"),
        ("&#99999999999;&#x110000;&#0;x", "\ufffd\ufffd\ufffdx"),
        ("-- <br>Kim", "-- \nKim"),
        ("--&nbsp;<br>Kim", "-- \nKim"),
        ("<ul><li>a<li>b</ul>", "* a\n* b"),
        ("<ol><li>a</li><li><p>b</p></li></ol>", "1. a\n2. b"),
        ("<ul><li>a<ol><li>b</ol><li>c</ul>", "* a\n  1. b\n* c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        ('<blockquote style="margin:0 0 0 40px;border:none">a</blockquote>', "    a"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d", "a\tb\nc\nd"),
        ("<table><tr><td><p>a</p></td><td>b</td></tr></table>", "a\n\nb"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<h1>a</h1>b<hr>c", "a\n\nb\n________________________________\nc"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="https://x.example/a">here</a>.', "here (https://x.example/a)."),
        ('<a href="https://x.example/a"><img alt="Logo" src=x></a>', "Logo (https://x.example/a)"),
        ('<a href="https://x.example/a"><img src=x></a>b', "b"),
        ('<a href="#top">up</a> <a href="javascript:x">js</a> <a>none</a>', "up js none"),
        ('<a href="https://x.example/a b">t</a>', "t (https://x.example/a%20b)"),
        ('<img alt="A cat" src="cid:1"><img alt="🙂"><img alt="">', "[A cat]🙂"),
        ("<style>p{}</style><script>x</script><title>t</title>a<!-- c -->b", "ab"),
        ("<title/>a", "a"),
        ("<!--[if mso]>m<![endif]--><![if !mso]>a<![endif]>", "a"),
        ('<div style="display:none">h</div>a', "a"),
        ('<div style="display:none"><div>h</div>h</div>a', "a"),
        ('<div style="display:none">h<p>unclosed', ""),
        ('<span style="mso-hide:all">h</span><span style="font-size:0">a</span>', "a"),
        ("a < b and c<d", "a < b and c"),
        ("x\u200b\u200cy", "x\u200b\u200cy"),
        ("<p>a</p><p>\u200c\u00a0\u200c</p><p>b</p>", "a\n\nb"),
        ("<p>a</div></span></td>b", "ab"),
        ("<div>a<table><tr><td>b</div>c</table>d", "a\nbc\nd"),
        ('<a title="x>y" href=https://x.example>l</a>', "l (https://x.example)"),
        ("<p>a<br/>b</p>", "a\nb"),
        ("a\x00b\x07c", "a b c"),
    ],
)
def test_text(html: str, text: str) -> None:
    assert from_html(html).text == text


MARKED = [
    (
        'a<div class="gmail_quote">q<blockquote class="gmail_quote">r</blockquote></div>',
        [("attribution", "q"), ("quote", "> r")],
    ),
    (
        'a<div class="gmail_quote"><div class="gmail_attr">---- Forwarded</div>b</div>',
        [("forward", "---- Forwarded\nb")],
    ),
    (
        'a<blockquote type=cite>q</blockquote>b<blockquote type="cite">r</blockquote>c',
        [("quote", "> q"), ("quote", "> r")],
    ),
    ("a<blockquote>no client's mark</blockquote>", []),
    ('a<div id="appendonsend"></div><hr><p>q</p>', [("quote", "_" * 32 + "\n\nq")]),
    ('a<hr id="stopSpelling">q', [("quote", "_" * 32 + "\nq")]),
    (
        'a<div style="border-top:solid #E1E1E1 1.0pt"><b>From:</b> x<br><b>To:</b> y</div>q',
        [("quote", "From: x\nTo: y\nq")],
    ),
    ('a<div style="border-top:solid #E1E1E1 1.0pt">a box</div>q', []),
    ('a<div class="moz-signature">s</div><blockquote type=cite>q</blockquote>', [("signature", "s"), ("quote", "> q")]),
    ('a<div class="x_gmail_signature">s</div>', [("signature", "s")]),
    ('a<div id="Signature">s<div id="divRplyFwdMsg">q</div></div>r', [("signature", "s"), ("quote", "q\nr")]),
    ("a<!-- originalMessage --><div>q</div>", [("quote", "q")]),
    ("a<includetail><div>q</div></includetail>b", [("quote", "q")]),
    ('<blockquote type=cite><div id="appendonsend"></div>q</blockquote>mine', [("quote", "> q")]),
    ('a<div class="protonmail_quote"></div>b', []),
    ('a<input type="cite"><span type=cite>b</span>', []),
]


@pytest.mark.parametrize(("html", "spans"), MARKED)
def test_marked_stretches(html: str, spans: list[tuple[str, str]]) -> None:
    rendered = from_html(html)
    assert [(span.kind, rendered.text[span.start : span.end].rstrip(" ")) for span in rendered.quotes] == spans


ROWS = [(attribute, value) for attribute, rows in html_markers.TABLE.items() for value in rows]


@pytest.mark.parametrize(("attribute", "value"), ROWS)
def test_every_marker_of_the_table_marks(attribute: str, value: str) -> None:
    marker = html_markers.TABLE[attribute][value]
    rendered = from_html(f'<p>mine</p><blockquote {attribute}="{value.upper()}">theirs</blockquote>')
    assert len(rendered.quotes) == 1
    span = rendered.quotes[0]
    kind = "quote" if marker.extent == "container" else marker.kind
    assert (span.kind, rendered.text[span.start :]) == (kind, "> theirs")


@given(st.text())
def test_any_text_is_rendered(html: str) -> None:
    from_html(html)


_PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "<div>",
                "</div>",
                "<p>",
                "</p>",
                "<td>",
                "</td>",
                "<table>",
                "</table>",
                "<ul>",
                "<li>",
                "</ul>",
                "<pre>",
            ),
            *(
                "</pre>",
                "<br>",
                "<hr>",
                "<b>",
                "</b>",
                "&nbsp;",
                "<",
                "<!--",
                "-->",
                "<style>",
                "</style>",
                "a",
                " ",
                "\n",
            ),
            *(
                "<blockquote type=cite>",
                "</blockquote>",
                "<a href=https://x.example>",
                "</a>",
                "From: x<br>",
                "To: y<br>",
            ),
            *("<div class=gmail_quote>", "<div id=appendonsend>", '<div style="border-top:solid">'),
            '<div style="display:none">',
        ]
    ),
    max_size=40,
)


@given(_PIECES)
def test_the_shape_of_text_and_spans(pieces: list[str]) -> None:
    rendered = from_html("".join(pieces))
    end = 0
    for span in rendered.quotes:
        assert end <= span.start < span.end <= len(rendered.text)
        end = span.end
    if "<pre>" not in pieces:
        assert "\n\n\n" not in rendered.text
        assert not rendered.text.startswith(("\n", " \n"))
        assert "\u00a0" not in rendered.text


@given(_PIECES)
def test_tokens_lose_no_visible_text(pieces: list[str]) -> None:
    html = "".join(piece for piece in pieces if piece not in ("<", "<!--", "-->", "<style>", "</style>"))
    letters = sum(value.count("a") for kind, value, _ in html_tokens.tokens(html) if kind == html_tokens.TEXT)
    assert letters == pieces.count("a")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<A HREF='x'>", [(1, "a", " HREF='x'")]),
        ("</A >x", [(2, "a", ""), (3, "x", "")]),
        ("<a b='>'>", [(1, "a", " b='>'")]),
        ("<a b=c'd>e", [(1, "a", " b=c'd"), (3, "e", "")]),
        ('<a b="unclosed>c', [(1, "a", ' b="unclosed'), (3, "c", "")]),
        ("<a never closed", [(1, "a", " never closed")]),
        ("<script><b></script>x", [(1, "script", ""), (2, "script", ""), (3, "x", "")]),
        ("<!-- a -- > b --!>c", [(4, " a -- > b --!>", ""), (3, "c", "")]),
        ("<!-->a", [(4, ">", ""), (3, "a", "")]),
        ("<?xml x?>a</>b", [(3, "a", ""), (3, "b", "")]),
        ("a<1", [(3, "a<", ""), (3, "1", "")]),
    ],
)
def test_tokens(html: str, expected: list[tuple[int, str, str]]) -> None:
    assert list(html_tokens.tokens(html)) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" a=1 B='2' c=\"3\" d", {"a": "1", "b": "2", "c": "3", "d": ""}),
        (' a="1" a="2"', {"a": "1"}),
        (' href = "x&amp;y"', {"href": "x&y"}),
        ("/", {}),
    ],
)
def test_attributes(raw: str, expected: dict[str, str]) -> None:
    assert html_tokens.attributes(raw) == expected
