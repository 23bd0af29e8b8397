"""Say how final a failure is: hard, soft, mailbox_full, blocked, delayed or undetermined.

Source: enhanced status codes (RFC 3463, and the IANA registry of them), SMTP reply codes (RFC 5321 §4.2), and the words
that servers use, which say more than their codes: many answer 550 5.1.1 or 5.0.0 to everything.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

RecipientKind = Literal["hard", "soft", "mailbox_full", "blocked", "undetermined"]

_WORDS_OF: tuple[tuple[RecipientKind, str], ...] = (
    (
        "mailbox_full",
        r"mail ?(?:box|folder|drop)?(?: is|'s)? (?:currently )?(?:full|over)|over ?quota"
        r"|quota (?:is )?(?:exceeded|full)"
        r"|exceed\w* (?:\w+ ){0,3}(?:quota|storage|mailbox|disk)|out of (?:disk )?(?:space|storage)"
        r"|inbox is full"
        r"|not enough (?:storage|space|disk)|insufficient (?:system )?(?:storage|space|disk)|disk (?:quota"
        r"|space|full)"
        r"|account is (?:full|over)|user is over|mailbox size|storage (?:limit|space|quota)"
        r"|メールボックス.{0,20}(?:一杯|いっぱい|容量)"
        r"|postfach.{0,30}voll|boîte.{0,30}pleine|buz[oó]n.{0,30}lleno|переполнен",
    ),
    (
        "blocked",
        r"spam|\bblock(?:ed|list)|black ?list|denylist|\bdnsbl|\brbl\b|spamhaus|spamcop|barracuda"
        r"|reputation|unsolicited"
        r"|polic(?:y|ies) (?:violation|reason|reject)|rejected (?:for|due to|by) polic|\bdmarc\b|\bspf\b"
        r"|\bdkim\b|virus|malware"
        r"|phish|content (?:rejected|filter)|banned|prohibited|not allowed to send|access denied"
        r"|client host rejected"
        r"|abus(?:e|ive)|complaints?\b|relay(?:ing)? (?:access )?(?:denied|not permitted)|unauthenticated"
        r"|reverse dns|\bptr\b",
    ),
    (
        "hard",
        r"user ?(?:is )?(?:unknown|doesn'?t exist|not found|not known)|unknown (?:user|recipient|mailbox"
        r"|address|local|account)"
        r"|no such (?:user|mailbox|recipient|address|person|account|domain|host)|(?:does not"
        r"|doesn'?t) exist"
        r"|(?:invalid|bad) (?:final delivery )?(?:userid|recipient|address|mailbox|user)"
        r"|mailbox (?:is )?(?:unavailable|not found"
        r"|unknown|inactive|disabled)"
        r"|not a (?:valid|known) (?:user|mailbox|address|recipient)|recipient (?:address )?rejected"
        r"|recipient not found"
        r"|(?:account|address|mailbox|user)[^\n]{0,40}(?:disabled|inactive|suspended|deactivated|no longer"
        r"|closed|expired)"
        r"|host (?:unknown|not found|or domain name not found)|domain (?:not found|does not exist)"
        r"|name or service not known"
        r"|couldn'?t be found|could not be found|wasn'?t found|not listed in|undeliverable address"
        r"|nosuchuser|nxdomain"
        r"|no mailbox here|addressee unknown|hop count exceeded|mail loop|null mx|unrouteable|unroutable"
        r"|does not like recipient",
    ),
    (
        "soft",
        r"tim(?:ed|e) ?out|try again|temporar(?:y|ily)|deferred|grey ?list|connection (?:refused|reset"
        r"|lost|closed|failed)"
        r"|(?:message|file|mail) (?:size|too (?:large|big))|exceeds? (?:the )?(?:maximum|size|limit)"
        r"|too (?:many|much|large|big)"
        r"|rate limit|throttl|resources|network (?:is )?unreachable|no route to host|unable to connect"
        r"|system (?:not|error)"
        r"|queue too long|retry time|delayed|service (?:unavailable|not available)",
    ),
)
_WORDS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS_OF)
# Subject and detail of an enhanced status code -> what it means.
_BY_STATUS: dict[str, RecipientKind] = {
    **dict.fromkeys(("1.0", "1.1", "1.2", "1.3", "1.4", "1.6", "1.7", "1.8", "1.10"), "hard"),
    **dict.fromkeys(("2.0", "2.1", "4.3", "4.4", "4.6", "7.27"), "hard"),
    **dict.fromkeys(("2.2", "3.1"), "mailbox_full"),
    **dict.fromkeys(("2.3", "2.4", "3.4", "4.1", "4.2", "4.5", "4.7", "5.3", "6.0"), "soft"),
    **dict.fromkeys(("1.9", "7.0", "7.1", "7.2", "7.7", "7.8", "7.9"), "blocked"),
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26"), "blocked"),
}
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?:^|[^\d.])([45]\d\d)[\s-]")


def find_status(text: str) -> str | None:
    """The first enhanced status code in a diagnostic text (RFC 3463), 2.x.x left out."""
    return next((found for found in _STATUS.findall(text) if found[0] != "2"), None)


@lru_cache(maxsize=256)
def recipient_kind(status: str | None, diagnostic: str | None) -> RecipientKind:
    """How final one recipient's failure is."""
    text = (diagnostic or "")[:4000]
    by_words = next((kind for kind, words in _WORDS if words.search(text)), None)
    reply = _REPLY_CODE.search(text)
    by_code = _BY_STATUS.get(status[2:]) if status else None
    if by_code == "mailbox_full":
        return "mailbox_full"
    if status == "5.1.1" and by_words not in ("mailbox_full", "blocked"):
        return "hard"
    permanent = (status or (reply[1] if reply else "") or " ")[0]
    kind = by_words or by_code
    if kind in ("hard", None) and permanent == "4":
        return "soft"
    if kind is None:
        return "hard" if permanent == "5" and status and status[2:] != "0.0" else "undetermined"
    return kind


_ORDER: tuple[RecipientKind, ...] = ("hard", "mailbox_full", "blocked", "soft", "undetermined")


def worst(kinds: list[RecipientKind]) -> RecipientKind:
    """The kind of a bounce about several recipients: the most final one."""
    return min(kinds, key=_ORDER.index) if kinds else "undetermined"
