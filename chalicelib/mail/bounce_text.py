"""Find the addresses that failed in the plain words of a bounce.

What: the text is cut where the returned mail begins; then patterns are tried from the most to the least telling, and the
first that yields an address wins: an address alone on its line, an address that begins a line, an address after a word
such as "recipient", any address that is neither the sender's nor a daemon's.
Limits: one pass a pattern over the notice, which ends after `MAX_NOTICE` characters.
"""

from __future__ import annotations

import re

from chalicelib.mail.bounce_dialects import DAEMON, ORIGINAL
from chalicelib.mail.bounce_reports import ADDRESS

MAX_NOTICE = 20_000
_A = f"({ADDRESS.pattern})"

_ALONE = re.compile(
    rf"^[ \t>*•・-]{{0,12}}(?:(?:to|recipient|address|user|e-?mail|rfc822)s?[ \t]?[:;][ \t]{{0,8}})?(?:[^\s<>@]{{1,40}} )?[<\[(\"']{{0,2}}(?:mailto:|smtp:|rfc822;)?{_A}[>\])\"']{{0,2}}"
    rf"(?:[ \t]*<{ADDRESS.pattern}>)?[ \t]*[:：.,;]?(?:[ \t]*\((?:reason|expanded|generated|ultimately|was|original)[^\n]{{0,200}})?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_BEGINS = re.compile(
    rf"^[ \t>*•・-]{{0,12}}(?:[45]\d\d[ -](?:#?[45]\.\d{{1,2}}\.\d{{1,3}}[ :]?)?[ \t]?)?[<\[\"']{{0,2}}(?:mailto:|smtp:)?{_A}[>\]\"']{{0,2}}[ \t]*"
    r"(?:[:：,;]|\.{2,3}|\(|on \d|-{1,2} |(?:is|was|has|does|could|cannot|not|user|mailbox|unknown|failed|rejected|said|at|because)\b|[45]\d\d )",
    re.MULTILINE | re.IGNORECASE,
)
_LED = re.compile(
    r"(?:rcpt to|recipients?|deliver(?:ed|y)? (?:your |the )?(?:message|mail|e-?mail|this message)?[ ]?to|could not be (?:sent|delivered) to|delivered to|message to"
    r"|mail to|e-?mail to|sent to|address(?:es|\(es\))?|mailbox|account|user(?:id| ?name)?|failed|unknown|for|to|was not delivered to|group|rejected|reach)"
    rf"(?:[ \t]+(?:the )?(?:following )?(?:address|recipient|user|recipients|mailbox|account|is))?[ \t]?[:：;]?\s{{0,6}}[<\[(\"'“「*]{{0,2}}(?:mailto:|smtp:|rfc822;)?\s?{_A}",
    re.IGNORECASE,
)
_ANY = re.compile(_A)
_RCPT = re.compile(rf"^[> \t]*RCPT TO:[ \t]?<?{_A}", re.MULTILINE | re.IGNORECASE)
_IGNORED_LINE = re.compile(
    r"^[ \t]*(?:from|sender|reply-to|x-[\w-]+|message-id|reporting-mta|received-from-mta|return-path|in-reply-to|references|contact"
    r"|please (?:contact|forward|e-?mail|send)|for (?:further )?(?:assistance|help)|if you (?:need|have|believe|think)|original message from|for help)\b[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)


def notice(text: str) -> str:
    """The server's own words: the text up to where the returned mail begins."""
    text = text[:MAX_NOTICE]
    for original in ORIGINAL.finditer(text):
        if len(text[: original.start()].strip()) > 10:
            return text[: original.start()]
    return text


def recipients(text: str, sender: frozenset[str]) -> list[str]:
    """The addresses in a notice that failed, lower-cased duplicates dropped; `sender`: addresses that did not fail."""
    text = _IGNORED_LINE.sub("", text)
    for pattern in (_ALONE, _BEGINS, _RCPT, _LED, _ANY):
        found = _clean(pattern.findall(text), sender)
        if found:
            return found
    return []


def _clean(addresses: list[str], sender: frozenset[str]) -> list[str]:
    kept: dict[str, str] = {}
    for address in addresses:
        address = address.rstrip(".-'")
        folded = address.lower()
        if folded not in sender and not DAEMON.search(folded):
            kept.setdefault(folded, address)
    return list(kept.values())
