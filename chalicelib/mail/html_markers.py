"""What mail clients write into their HTML around quoted, forwarded and signature text: one table.

A row is (attribute, value, kind, extent). `kind` is the kind of `text.QuoteSpan`; `extent` says how far it reaches:
"element" (the marked element), "rest" (from it to the end of the mail: the quoted mail follows as siblings) and
"container" (Gmail: its attribution and blockquotes, because answers between them stand in the same container; the whole
element if it holds no blockquote, which is how Gmail forwards).
Why a table: a new client is a new line, and tests walk the lines.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["quote", "attribution", "forward", "signature"]
Extent = Literal["element", "rest", "container"]


class Marker(NamedTuple):
    """What one marker means."""

    kind: Kind
    extent: Extent


_QUOTE: tuple[Kind, Extent] = ("quote", "element")
_REST: tuple[Kind, Extent] = ("quote", "rest")
_SIGNATURE: tuple[Kind, Extent] = ("signature", "element")
_ATTRIBUTION: tuple[Kind, Extent] = ("attribution", "element")
_FORWARD: tuple[Kind, Extent] = ("forward", "element")

# attribute -> value (lower-cased; for class: one of its words) -> what it means
_TABLE: dict[str, dict[str, tuple[Kind, Extent]]] = {
    "class": {
        # Gmail, and the many that imitate it (K-9, Nylas, Superhuman, Mailspring)
        "gmail_quote": ("quote", "container"),
        "gmail_attr": _ATTRIBUTION,
        "gmail_signature": _SIGNATURE,
        "gmail_signature_prefix": _SIGNATURE,
        # Thunderbird
        "moz-cite-prefix": _ATTRIBUTION,
        "moz-signature": _SIGNATURE,
        "moz-forward-container": _FORWARD,
        "moz-email-headers-table": ("forward", "rest"),
        # Postbox
        "__pbconvhr": _REST,
        "__pbconvbody": _QUOTE,
        "__pbconvheaders": _QUOTE,
        # Yahoo, AOL
        "yahoo_quoted": _QUOTE,
        "yahoo_quoted_begin": _REST,
        "yahoo-quoted-begin": _REST,
        "qtdseparatebr": _REST,
        # Outlook, Outlook for Mac, Hotmail
        "outlookmessageheader": _REST,
        "ms-outlook-mobile-reference-message": _QUOTE,
        "ms-outlook-mobile-signature": _SIGNATURE,
        # Apple
        "appleoriginalcontents": _QUOTE,
        # Proton, Tuta
        "protonmail_quote": _QUOTE,
        "protonmail_signature_block": _SIGNATURE,
        "tutanota_quote": _QUOTE,
        # Zoho
        "zmail_extra": _QUOTE,
        "zmail_extra_hr": _REST,
        # Front, Missive, Airmail, Newton, Nylas, Aqua Mail, Mailbird, Edison
        "front-blockquote": _QUOTE,
        "front-signature": _SIGNATURE,
        "missive_quote": _QUOTE,
        "missive_signature": _SIGNATURE,
        "clean_bq": _QUOTE,
        "bloop_original_html": _QUOTE,
        "bloop_sign": _SIGNATURE,
        "cm_quote": _QUOTE,
        "cm_signature": _SIGNATURE,
        "n1-signature": _SIGNATURE,
        "nylas-quote": _QUOTE,
        "aqm-original-body": _QUOTE,
        "aqm-original-before": _ATTRIBUTION,
        "aqm-signature": _SIGNATURE,
        "mb_sig": _SIGNATURE,
        "edo-signature": _SIGNATURE,
        "sh-signature": _SIGNATURE,
        # Evolution, Open-Xchange, GMX and web.de, iNotes, QQ, 163
        "-x-evo-signature": _SIGNATURE,
        "-x-evo-signature-wrapper": _SIGNATURE,
        "-x-evo-attribution": _ATTRIBUTION,
        "io-ox-signature": _SIGNATURE,
        "inoteshistory": _QUOTE,
        "xm_mail_oringinal_describe": _REST,
        "mail-quote-collapse": _QUOTE,
        # Help desks and CRMs
        "freshdesk_quote": _QUOTE,
        "hs_reply": _QUOTE,
        "zd-quote": _QUOTE,
        "helpscout-quote": _QUOTE,
        "history_container": _QUOTE,
        # words that nearly every editor uses for it
        "signature": _SIGNATURE,
        "email-signature": _SIGNATURE,
        "quoted-text": _QUOTE,
        "quoted_text": _QUOTE,
        "email_quote": _QUOTE,
    },
    "id": {
        # Outlook on the web, new Outlook, Outlook mobile, Hotmail, Outlook for Mac
        "appendonsend": _REST,
        "divrplyfwdmsg": _REST,
        "stopspelling": _REST,
        "mail-editor-reference-message-container": _QUOTE,
        "ms-outlook-mobile-signature": _SIGNATURE,
        "ms-outlook-ios-signature": _SIGNATURE,
        "ms-outlook-mobile-body-separator-line": _REST,
        "signature": _SIGNATURE,
        "olk_src_body_section": _QUOTE,
        "mac_outlook_attribution_blockquote": _QUOTE,
        # Apple, Canary, BlackBerry, Samsung
        "appleoriginalcontents": _QUOTE,
        "applemailsignature": _SIGNATURE,
        "linebreakatbeginningofsignature": _SIGNATURE,
        "canaryblockquote": _QUOTE,
        "canarysig": _SIGNATURE,
        "_originalcontent": _QUOTE,
        "_signatureplaceholder": _SIGNATURE,
        "composer_signature": _SIGNATURE,
        # Zimbra, Roundcube, GoDaddy, Fastmail, IncrediMail
        "zwchr": _REST,
        "reply-intro": _ATTRIBUTION,
        "_rc_sig": _SIGNATURE,
        "wmquotewrapper": _QUOTE,
        "replyblockquote": _QUOTE,
        "qt": _QUOTE,
        "incredioriginalmessage": _QUOTE,
        # Mail.ru, 163, Nine
        "mail-app-auto-quote": _QUOTE,
        "mail-app-auto-default-signature": _SIGNATURE,
        "isreplycontent": _QUOTE,
        "isforwardcontent": _FORWARD,
    },
    "name": {
        "quote": _QUOTE,  # GMX, web.de
        "quoted-content": _QUOTE,
        "messagereplysection": _QUOTE,  # Spark
        "messagesignaturesection": _SIGNATURE,
    },
    "type": {"cite": _QUOTE},  # blockquote type=cite: Thunderbird, Apple Mail, Evolution and most others
    "data-marker": {  # Zimbra
        "__quoted_text__": _QUOTE,
        "__divider__": _REST,
        "__headers__": _REST,
        "__sig_pre__": _SIGNATURE,
        "__sig_post__": _SIGNATURE,
    },
    "data-smartmail": {"gmail_signature": _SIGNATURE},  # Gmail on phones
    "data-signature": {"true": _SIGNATURE},  # Zammad
    "data-signature-widget": {"container": _SIGNATURE, "content": _SIGNATURE},  # Mail.ru
}
TABLE: dict[str, dict[str, Marker]] = {
    attribute: {value: Marker(*meaning) for value, meaning in rows.items()} for attribute, rows in _TABLE.items()
}

# Classes that the sanitiser keeps, so that a reader can fold in HTML what is folded in text.
MARKER_CLASSES = frozenset(TABLE["class"])

# Elements that only quoted mail stands in.
ELEMENTS: dict[str, Marker] = {"includetail": Marker("quote", "element")}  # Foxmail, QQ Mail
# Comments that stand before quoted mail.
COMMENTS: dict[str, Marker] = {"originalmessage": Marker("quote", "rest")}  # Samsung Mail

# Outlook on Windows draws a line over the header block of the quoted mail: style="border:none;border-top:solid #E1E1E1
# 1.0pt". A line alone is no quote: the element must hold header lines as well (`text` looks).
DIVIDER = re.compile(
    r"border-top\s*+:\s*+(?!none)[^;]{0,40}?solid|border-width\s*+:\s*+1(?:\.0)?p[tx] medium medium", re.I
)

_HINT = re.compile(r"(?:^|\s)(class|id|name|type|data-[\w-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++))", re.I)
_FOREIGN_PREFIX = re.compile(r"(?:x_|ecx|ydp[0-9a-f]{4,12})+(?=[a-z_-])")  # Outlook on the web, Hotmail, Yahoo
_YAHOO_ID = re.compile(r"yahoo_quoted_\d")
_FASTMAIL_SIGNATURE = re.compile(r"sig\d{4,}")


def find(element: str, raw_attributes: str) -> Marker | None:
    """The marker that a start tag carries, if any: of several the first in the tag's own order."""
    for attribute, double, single, bare in _HINT.findall(raw_attributes):
        attribute = attribute.lower()
        rows = TABLE.get(attribute)
        if rows is None:
            continue
        value = (double or single or bare).strip().lower()
        if attribute == "class":
            for word in value.split():
                marker = rows.get(word) or rows.get(_FOREIGN_PREFIX.sub("", word, count=1))
                if marker is not None:
                    # Gmail's blockquote has the class of its container.
                    contained = element == "blockquote" and marker.extent == "container"
                    return Marker("quote", "element") if contained else marker
            continue
        if attribute == "type" and element != "blockquote":
            continue
        marker = rows.get(value) or rows.get(_FOREIGN_PREFIX.sub("", value, count=1))
        if marker is None and attribute == "id":
            marker = _by_id(value)
        if marker is not None:
            return marker
    return ELEMENTS.get(element)


def _by_id(value: str) -> Marker | None:
    """Ids with a number in them."""
    if _YAHOO_ID.match(value):
        return Marker("quote", "element")
    if _FASTMAIL_SIGNATURE.fullmatch(value):
        return Marker("signature", "element")
    return None
