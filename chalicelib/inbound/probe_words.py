"""What a probe says, how it is recognised when it comes back, and what was changed on its way. Pure.

Its token `pp1.<channel><probe>.<mac>` stands in subject and text, and is the local part of the address it comes from,
so that it survives being redirected, forwarded by hand, and answered. The MAC is HMAC-SHA256 over purpose, version,
account, channel and probe, cut to 80 bits, compared in constant time. A token tells of one probe alone, and of nothing
once a newer one was sent; nothing else of a mail makes it a probe, and a person who quotes it writes mail (`sighting`).
"""

from __future__ import annotations

import hmac
import re

from msgspec import Struct

from chalicelib.mail.model import ParsedMail
from chalicelib.model.credentials import mac_of
from chalicelib.model.probe import ProbeFate

VERSION = "pp1"
_ID = 16  # letters of an id behind its prefix
_TOKEN = re.compile(r"(?<![a-z0-9.])pp1\.[a-z2-7]{32}\.[a-z2-7]{16}(?![a-z0-9])")
LOOKED_AT = 4000  # characters of the text
_ADDRESS = r"\S{1,330}(?:\s{1,8}[<(\[]\S{1,340})?"  # maybe with a link behind it
SUBJECTS = {"de": "Postfach prüft die Weiterleitung", "en": "Postfach tests the forwarding"}
TEXTS = {
    "de": "Diese automatische E-Mail prüft, ob E-Mails an {address} bei Postfach ankommen. Es ist nichts zu tun.",
    "en": "This automatic mail tests whether mail to {address} reaches Postfach. There is nothing to do.",
}
# The same as patterns, in lower case, however its lines were broken, and with the address as a link.
_SENTENCES = tuple(
    re.compile(r"\s+".join(re.escape(word) for word in each.lower().split()).replace(re.escape("{address}"), _ADDRESS))
    for each in (*TEXTS.values(), *SUBJECTS.values())
)
ANSWERS = frozenset({"auto_replied", "receipt", "calendar"})  # kinds of automatic mail


class Sighting(Struct, frozen=True):
    """What a mail tells of a probe. `changed`: which parts are not as they were sent; `by_person`: it is mail, too."""

    fate: ProbeFate
    changed: tuple[str, ...] = ()
    by_person: bool = False


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


def sighting(mail: ParsedMail, token: str, address: str, *, to_its_address: bool) -> Sighting:
    """What a mail that names a probe to `address` tells of it; `to_its_address`: it came to where the probe is from.

    A machine's mail, and one with nothing in it but the probe, is the probe or what became of it. One in which somebody
    wrote something is mail like any other: a colleague who asks what this is, a customer who quotes it.
    """
    if mail.bounce is not None:
        return Sighting(ProbeFate.BOUNCED)
    changed = changed_parts(mail, token, address)
    automatic = mail.automatic if mail.automatic is not None and mail.automatic.auto_submitted else None
    is_from_it = "sender" not in changed
    by_person = automatic is None and not is_from_it and says_more(mail)
    answers = automatic is not None and automatic.kind in ANSWERS and not is_from_it
    if to_its_address or answers or by_person:
        return Sighting(ProbeFate.ANSWERED, by_person=by_person)
    return Sighting(ProbeFate.ALTERED if changed else ProbeFate.RETURNED, changed)


def says_more(mail: ParsedMail) -> bool:
    """Whether somebody wrote a word in a mail beyond a probe's own, quoted or not."""
    said = mail.reply_text[:LOOKED_AT].lower().replace(">", " ")
    for pattern in (*_SENTENCES, _TOKEN):
        said = pattern.sub(" ", said)
    return any(each.isalnum() for each in said)


def _mac(key: bytes, account_id: str, ids: str) -> str:
    return mac_of(key, "probe", VERSION, account_id, ids, octets=10)
