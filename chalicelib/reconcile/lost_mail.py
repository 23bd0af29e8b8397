"""Raw mail without a row: what SES stored but no notification brought here, put on the queue again.

Pure: which objects to look at, and what envelope the headers on top tell. SES itself wrote those, above all that the
sender sent, in this order: `Return-Path`, `Received: … by inbound-smtp.<region>.amazonaws.com … for <recipient>; …`
(RFC 5321 §4.4), `X-SES-Spam-Verdict`, `X-SES-Virus-Verdict`, `Received-SPF`, `Authentication-Results` (RFC 8601).
Only in this recovery are they read, and nothing below them: a sender can write headers of the same names. What cannot
be told for sure counts as not found ("none").
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from chalicelib.clock import stamp
from chalicelib.model.conversation import Authentication
from chalicelib.model.delivery import Arrival, Source

TOO_YOUNG = timedelta(minutes=15)  # the queue may still be at it
TOO_OLD = timedelta(days=14)  # as long as dead letters are kept
MAX_REQUEUES = 3  # then the mail is noted as a dead letter, and its account's admins have it handled again
SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"  # written by SES when a receipt rule is created
MAX_HEAD = 64 * 1024

_BY_SES = " by inbound-smtp."
_LAST_OF_SES = "authentication-results"
_OF_SES = frozenset(
    {"return-path", "received", "x-ses-spam-verdict", "x-ses-virus-verdict", "received-spf", _LAST_OF_SES}
)
_ADDRESS = re.compile(r"[^\s<>,]+@[^\s<>,]+")
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)=([a-z]+)\b")


def is_due(key: str, stored_at: datetime, now: datetime, *, everything: bool) -> bool:
    """Whether an object under `raw/` should have its row by now. `everything` takes young ones too: after a restart."""
    if key.endswith(("/" + SETUP_OBJECT, "/")):
        return False
    age = now - stored_at
    return age < TOO_OLD and (everything or age > TOO_YOUNG)


def raw_id_of(key: str) -> str:
    """SES's message id: the last part of the object's key."""
    return key.rpartition("/")[2]


def recover_arrival(key: str, head: bytes, stored_at: datetime) -> Arrival | None:
    """The arrival that the headers on top of a raw mail tell; None when they name no recipient."""
    headers = _written_by_ses(head[:MAX_HEAD])
    # The last one is SES's own words: what stands before it is the name that the sender's server gave itself.
    _, by_ses, trace = f" {headers.get('received', '').rpartition(';')[0]}".rpartition(_BY_SES)
    recipients = tuple(dict.fromkeys(each.lower() for each in _ADDRESS.findall(trace.partition(" for ")[2])))
    if not by_ses or not recipients:
        return None
    return Arrival(
        raw_id=raw_id_of(key),
        raw_key=key,
        received_at=stamp(stored_at),
        recipients=recipients,
        mail_from=headers.get("return-path", "").strip().strip("<>") or None,
        spam=headers.get("x-ses-spam-verdict", "").strip().lower() or "none",
        virus=headers.get("x-ses-virus-verdict", "").strip().lower() or "none",
        authentication=_read_results(headers.get(_LAST_OF_SES, "").lower()),
        source=Source.SWEEP,
    )


def _read_results(value: str) -> Authentication:
    """The results of RFC 8601 §2.2, one after each semicolon.

    Words of the sender stand between them (`envelope-from=dmarc=pass@…`), so two results that differ are none; but a
    mail may have several DKIM signatures, of which one that holds is enough (RFC 6376 §6.1).
    """
    found: dict[str, set[str]] = {}
    authority, *parts = value.split(";")
    for part in parts if authority.strip() == "amazonses.com" else ():
        result = _RESULT.match(part)
        if result is not None:
            found.setdefault(result[1], set()).add(result[2])

    def only(method: str) -> str:
        results = found.get(method, set())
        return next(iter(results)) if len(results) == 1 else "none"

    return Authentication(
        spf=only("spf"), dkim="pass" if "pass" in found.get("dkim", ()) else only("dkim"), dmarc=only("dmarc")
    )


def _written_by_ses(head: bytes) -> dict[str, str]:
    """Names (lower-case) and unfolded values (RFC 5322 §2.2.3) of SES's headers: they end where another's begins."""
    section = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0].decode("latin-1")
    found: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", section).split("\n"):
        name, _, value = line.rstrip("\r").partition(":")
        name = name.strip().lower()
        if name not in _OF_SES or name in found:
            break
        found[name] = value
        if name == _LAST_OF_SES:
            break
    return found
