"""The one sanitiser for HTML: incoming mail, composed mail and signatures.

What: `clean(html)` keeps what mail shows (text, tables, lists, inline styles, `<font face>`, images, links) and drops
what acts or loads: scripts, handlers, forms, frames, SVG and MathML, media, `<style>`, `<meta>`, `<base>`, `<link>`,
`javascript:` and `data:` URLs, CSS that loads, positions or overlays.
Format: an HTML fragment. Images in the mail stay `<img src="cid:...">`, for the reader to resolve. Remote images come
out as `<img data-remote-src="https://...">`: nothing is fetched until the reader moves the address to `src`. Links open
with rel="noopener noreferrer nofollow". Classes stay only where a mail client marks quotes with them. `<table>`,
`<td>` and their kin keep their attributes. `id` and `name` go (DOM clobbering).
Limits: large HTML is first bound in depth (`html_flatten`); what is deeper keeps its text and loses its tags.
`clean(clean(x)) == clean(x)`.
Why: a parser-based allow-list (nh3: ammonia and html5ever), see docs/decisions/021. Shown HTML still belongs into a
sandboxed frame with a content security policy.
"""

from __future__ import annotations

import re
from functools import lru_cache

import nh3

from chalicelib.mail.html_elements import words
from chalicelib.mail.html_flatten import MAX_VALUE, flatten, is_settled
from chalicelib.mail.html_markers import MARKER_CLASSES

TAGS = words(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col"
    " colgroup dd del dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img"
    " ins kbd li main mark ol p pre q s samp section small span strike strong sub sup table tbody td tfoot"
    " th thead tr tt u ul var wbr"
)
_DROPPED_WITH_CONTENT = words(
    "script style title iframe object embed applet frameset noframes noembed template svg math select"
    " option textarea button audio video canvas xml xmp plaintext"
)
_BOX = {"align", "valign", "width", "height", "bgcolor"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "border", "hspace", "vspace", "data-remote-src"},
    "font": {"face", "color", "size"},
    "table": _BOX | {"border", "cellpadding", "cellspacing", "summary", "bordercolor"},
    "td": _BOX | {"colspan", "rowspan", "nowrap", "headers", "scope"},
    "th": _BOX | {"colspan", "rowspan", "nowrap", "headers", "scope"},
    "tr": _BOX,
    "tbody": {"valign"},
    "thead": {"valign"},
    "tfoot": {"valign"},
    "col": {"span", "width", "valign"},
    "colgroup": {"span", "width", "valign"},
    "hr": {"width", "size", "color", "noshade"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value", "type"},
    "blockquote": {"type"},  # type="cite" marks a quote
    "br": {"clear"},
    "del": {"datetime"},
    "ins": {"datetime"},
}
_CLASSES = {tag: set(MARKER_CLASSES) for tag in ("div", "blockquote", "span", "p", "hr", "table")}
_URL_SCHEMES = {"http", "https", "mailto", "tel", "cid"}

# CSS properties that change how a thing looks where it stands: no position, no overlay, no loading.
STYLES = words(
    "background background-color border border-bottom border-bottom-color border-bottom-style"
    " border-bottom-width border-collapse border-color border-left border-left-color border-left-style"
    " border-left-width border-radius border-right border-right-color border-right-style"
    " border-right-width border-spacing border-style border-top border-top-color border-top-style"
    " border-top-width border-width box-sizing caption-side clear color direction display empty-cells"
    " float font font-family font-size font-style font-variant font-weight height letter-spacing"
    " line-height list-style-position list-style-type margin margin-bottom margin-left margin-right"
    " margin-top max-height max-width min-height min-width opacity overflow overflow-wrap padding"
    " padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration"
    " text-decoration-color text-decoration-line text-indent text-transform unicode-bidi vertical-align"
    " visibility white-space width word-break word-spacing word-wrap"
)
_STYLE_VALUE = re.compile(
    r"(?:(?:rgba?|hsla?|calc|min|max|clamp)\([\w\s#%.,+*/-]*+\)|[\w\s#%.,!'\"+/-])++", re.IGNORECASE
)
_NEGATIVE = re.compile(r"-\s*+[\d.]")  # a negative margin lays a thing over another
# Browsers skip these; a filter that does not would look at another URL.
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_REMOTE_IMAGE = re.compile(r'(<img(?: (?!src=)[^\s="]++="[^"]*+")*+) src="(?!cid:)([^"]*+)"')
_PRE = re.compile(r"(<pre(?: [^>]*)?>)(?=\n)")
_LINK = re.compile(r"<a(?=[ >])")
_ROUNDS = 5


def clean(html: str) -> str:
    """Sanitise an HTML document or fragment. Any string is fine; nothing is raised."""
    cleaned = _CLEANER.clean(flatten(html))
    for _ in range(_ROUNDS):
        if is_settled(cleaned):
            break
        cleaned = _CLEANER.clean(flatten(cleaned, always=True))
    return _finished(cleaned)


def _finished(cleaned: str) -> str:
    """Add what the sanitiser leaves open. Only tags match: it escapes `<` and `>` in attribute values."""
    if "<pre" in cleaned:
        # QUIRK: every parser drops the first line end in <pre>, so one is added for it (HTML standard §13.1.2.5).
        cleaned = _PRE.sub(r"\1\n", cleaned)
    if "<a" in cleaned:
        cleaned = _LINK.sub('<a rel="noopener noreferrer nofollow"', cleaned)
    return _REMOTE_IMAGE.sub(r'\1 data-remote-src="\2"', cleaned) if "<img" in cleaned else cleaned


def _attribute(tag: str, name: str, value: str) -> str | None:
    """What nh3 keeps of one allowed attribute."""
    if len(value) > MAX_VALUE:
        return None
    if name == "style":
        return clean_style(value)
    if name in ("src", "data-remote-src"):
        address = _NOT_IN_URL.sub("", value)
        scheme = address.partition(":")[0].lower()
        allowed = ("http", "https", "cid") if name == "src" else ("http", "https")
        return scheme + address[len(scheme) :] if scheme in allowed else None
    if name == "href":
        return value.strip()
    return value


@lru_cache(maxsize=2048)
def clean_style(style: str) -> str | None:
    """The harmless declarations of a style attribute, or None if none is left."""
    kept = []
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or name not in STYLES or not _STYLE_VALUE.fullmatch(value):
            continue
        if name.startswith("margin") and _NEGATIVE.search(value):
            continue
        kept.append(f"{name}:{value}")
    return ";".join(kept) or None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    allowed_classes=_CLASSES,
    url_schemes=_URL_SCHEMES,
    url_relative="deny",
    link_rel=None,
    strip_comments=True,
)
