"""Find the addresses that failed in the plain words of a bounce.

What: the text is cut where the returned mail begins; then patterns are tried from the most to the least
telling, and the first that yields an address wins: an address alone on its line, an address that begins a line,
an address after a word such as "recipient", any address that is neither the sender's nor a daemon's.
Limits: one pass a pattern over the notice, which ends after `MAX_NOTICE` characters.
"""

from __future__ import annotations

import re

from chalicelib.mail.bounce_dialects import DAEMON_ADDRESS
from chalicelib.mail.bounce_originals import ORIGINAL
from chalicelib.mail.bounce_reports import ADDRESS

MAX_NOTICE = 20_000
_A = f"({ADDRESS.pattern})"

_LEAD = r"^[ \t>*•・-]{0,12}"
_OPEN, _SHUT = r"[<\[(\"']{0,2}(?:mailto:|smtp:|rfc822;)?", r"[>\])\"']{0,2}"
_EXACT = re.compile(
    rf"(?:member of this mailing list|duplicated message-id in|could not be delivered to:"
    rf"|invalid final delivery userid:) {_OPEN}{_A}",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"{_LEAD}(?:(?:recipient|address|user|e-?mail"
    rf"|rfc822)s?[ \t]?[:;][ \t]{{0,8}})?(?:[^\s<>@]{{0,39}}[^\s<>@:] )?{_OPEN}{_A}{_SHUT}"
    rf"(?:[ \t]*<{ADDRESS.pattern}>)?[ \t]*[:：.,;]?(?:[ \t]*\((?:reason|expanded|generated|ultimately|was"
    rf"|original)[^\n]{{0,200}})?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_BEGINS = re.compile(
    rf"{_LEAD}(?:[45]\d\d[ -](?:#?[45]\.\d{{1,2}}\.\d{{1,3}}[ :]?)?[ \t]?)?(?:{ADDRESS.pattern} <)?{_OPEN}{_A}"
    r"(?=[\s>\])\"':：,;(]|\.[\s.])",
    re.MULTILINE | re.IGNORECASE,
)
_LED_BY = (
    r"\b(?:rcpt to|recipients?|address(?:es|\(es\))?|mailbox|account|user(?:id| ?name)?|group|failed|unknown"
    r"|rejected|reach|for|to|an|für|à|attention de|pour|para|per|aan|voor|do|dla|till|til"
    r"|adresse|empfänger|destinataires?|destinatari[oa]s?|indirizzo|dirección|endereço|adres|odbiorcy|адрес\w{0,3}|получател\w{0,3})"
    r"|地址|邮箱|信箱|收件人|アドレス|宛先|あて先|주소|수신자"
)
_LED = re.compile(
    rf"(?:{_LED_BY})(?:[ \t]+(?:the )?(?:following )?(?:address|recipients?|user|mailbox|account|is))?"
    rf"[ \t]?[:：;]?\s{{0,6}}"
    rf"[<\[(（\"'“「«*]{{0,2}}(?:mailto:|smtp:|rfc822;)?\s?{_A}",
    re.IGNORECASE,
)
_ANY = re.compile(_A)
_RCPT = re.compile(rf"^[> \t]*RCPT TO:[ \t]?<?{_A}", re.MULTILINE | re.IGNORECASE)
_IGNORED = re.compile(
    r"message (?:sent )?(?:by|from)\s{1,8}<[^<>\n]{1,200}>|^[ \t]*(?:from|sender|reply-to|x-[\w-]+|message-id"
    r"|reporting-mta|received-from-mta|return-path|in-reply-to|references|contact"
    r"|please (?:contact|forward|e-?mail|send)|for (?:further )?(?:assistance|help)|if you (?:need|have"
    r"|believe|think)|original message from|for help)\b[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)


def notice(text: str) -> str:
    """The server's own words: the text up to where the returned mail begins."""
    text = text[:MAX_NOTICE]
    for original in ORIGINAL.finditer(text):
        if len(text[: original.start()].strip()) > 10:
            return text[: original.start()]
    return text


def recipients(text: str, sender: frozenset[str], named: list[str]) -> list[str]:
    """The addresses in a notice that failed; `sender`: to whom the bounce went; `named`: those that a header names."""
    text = _IGNORED.sub("", text)
    nobody: frozenset[str] = frozenset()
    attempts = (
        (_EXACT, sender),
        (_ALONE, sender),
        (_BEGINS, sender),
        (None, nobody),
        (_RCPT, sender),
        (_LED, sender),
        (_ALONE, nobody),
        (_ANY, sender),
    )
    for pattern, ignored in attempts:
        found = _clean(pattern.findall(text) if pattern else named, ignored)
        if found:
            return found
    return []


def names_a_recipient(text: str, sender: frozenset[str]) -> bool:
    """Whether an address stands where servers put those that failed."""
    text = _IGNORED.sub("", text)
    return any(_clean(pattern.findall(text), sender) for pattern in (_ALONE, _BEGINS, _RCPT, _LED))


def _clean(addresses: list[str], sender: frozenset[str]) -> list[str]:
    kept: dict[str, str] = {}
    for address in addresses:
        address = address.rstrip(".-'")
        folded = address.lower()
        if folded not in sender and not DAEMON_ADDRESS.match(folded):
            kept.setdefault(folded, address)
    return list(kept.values())
