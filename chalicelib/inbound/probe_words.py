"""What a probe says, how it is recognised when it comes back, and what was changed on its way. Pure.

Its token `pp1.<channel><probe>.<mac>` stands in subject and text, and is the local part of the address it comes from,
so that it survives being redirected, forwarded by hand, and answered. The MAC is HMAC-SHA256 over purpose, version,
account, channel and probe, cut to 80 bits, compared in constant time. A token tells of one probe alone, and of nothing
once a newer one was sent; nothing else of a mail makes it a probe.
"""

from __future__ import annotations

import hmac
import re

from msgspec import Struct

from chalicelib.mail.model import ParsedMail
from chalicelib.model.credentials import mac_of

VERSION = "pp1"
_ID = 16  # letters of an id behind its prefix
_TOKEN = re.compile(r"(?<![a-z0-9.])pp1\.[a-z2-7]{32}\.[a-z2-7]{16}(?![a-z0-9])")
LOOKED_AT = 4000  # characters of the text
SUBJECTS = {"de": "Postfach prüft die Weiterleitung", "en": "Postfach tests the forwarding"}
TEXTS = {
    "de": "Diese automatische E-Mail prüft, ob E-Mails an {address} bei Postfach ankommen. Es ist nichts zu tun.",
    "en": "This automatic mail tests whether mail to {address} reaches Postfach. There is nothing to do.",
}


class ProbeToken(Struct, frozen=True):
    """What a token says, once its MAC has been checked."""

    channel_id: str
    probe_id: str


def make_token(key: bytes, account_id: str, channel_id: str, probe_id: str) -> str:
    """The token of a probe: the same for the same ids."""
    ids = channel_id.partition("_")[2] + probe_id.partition("_")[2]
    return f"{VERSION}.{ids}.{_mac(key, account_id, ids)}"


def read_token(key: bytes, token: str, account_id: str) -> ProbeToken | None:
    """What a token says, or None when it is forged, of another account, or malformed."""
    if not _TOKEN.fullmatch(token):
        return None
    _, ids, mac = token.split(".")
    if not hmac.compare_digest(mac, _mac(key, account_id, ids)):
        return None
    return ProbeToken(f"chn_{ids[:_ID]}", f"prb_{ids[_ID:]}")


def is_probe_address(recipient: str) -> bool:
    """Whether a recipient claims to be the address that a probe came from: cheap, and no proof."""
    return _TOKEN.fullmatch(recipient.partition("@")[0]) is not None


def token_in(mail: ParsedMail) -> str | None:
    """The first thing in subject or text that looks like a token."""
    found = _TOKEN.search(mail.subject.lower()) or _TOKEN.search(mail.text[:LOOKED_AT].lower())
    return found[0] if found else None


def subject_of(token: str, locale: str) -> str:
    """A probe's subject."""
    return f"{SUBJECTS.get(locale, SUBJECTS['en'])} ({token})"


def text_of(token: str, address: str, locale: str) -> str:
    """A probe's text."""
    return f"{TEXTS.get(locale, TEXTS['en']).format(address=address)}\n\n{token}\n"


def changed_parts(mail: ParsedMail, token: str, address: str) -> tuple[str, ...]:
    """Which parts of a probe to `address` are not as they were sent: `sender`, `subject`, `text`."""
    sender = mail.from_.address.lower().partition("@")[0] if mail.from_ else ""
    words = " ".join(mail.text.split())
    parts = {
        "sender": sender == token,
        "subject": mail.subject in {subject_of(token, locale) for locale in SUBJECTS},
        "text": words in {" ".join(text_of(token, address, locale).split()) for locale in TEXTS},
    }
    return tuple(name for name, same in parts.items() if not same)


def _mac(key: bytes, account_id: str, ids: str) -> str:
    return mac_of(key, "probe", VERSION, account_id, ids, octets=10)
