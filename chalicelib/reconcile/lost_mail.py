"""Raw mail without a row: what SES stored but no notification brought here, put on the queue again.

Pure but for nothing: which objects to look at, and what envelope the headers on top tell. SES itself wrote those, above
all that the sender sent: `Received: … by inbound-smtp.<region>.amazonaws.com … for <recipient>; …` (RFC 5321 §4.4),
`X-SES-Spam-Verdict`, `X-SES-Virus-Verdict`, `Authentication-Results`. Only in this recovery are they read, and only
the topmost of each.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from chalicelib.clock import stamp
from chalicelib.model.conversation import Authentication
from chalicelib.model.delivery import Arrival, Source

TOO_YOUNG = timedelta(minutes=15)  # the queue may still be at it
TOO_OLD = timedelta(days=14)  # as long as dead letters are kept
MAX_REQUEUES = 3  # then the mail is an operator's: it would only come back as a dead letter
SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"  # written by SES when a receipt rule is created
MAX_HEAD = 64 * 1024

_FOR = re.compile(r"\bfor\s+((?:<[^<>\s]{1,320}>[\s,]*)+|[^\s;<>]{1,320}@[^\s;<>]{1,255})")
_RESULT = re.compile(r"\b(spf|dkim|dmarc)=([a-z]+)")


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
    headers = _top_headers(head[:MAX_HEAD])
    received = next((value for name, value in headers if name == "received"), "")
    trace = received.rpartition(";")[0]
    if " by inbound-smtp." not in f" {trace}":
        return None
    found = _FOR.search(trace)
    recipients = (
        tuple(dict.fromkeys(each.lower() for each in re.findall(r"[^\s<>,]+@[^\s<>,]+", found[1]))) if found else ()
    )
    if not recipients:
        return None
    results = dict(_RESULT.findall(_first(headers, "authentication-results").lower())[::-1])
    return Arrival(
        raw_id=raw_id_of(key),
        raw_key=key,
        received_at=stamp(stored_at),
        recipients=recipients,
        mail_from=_first(headers, "return-path").strip().strip("<>") or None,
        spam=_first(headers, "x-ses-spam-verdict").strip().lower() or "none",
        virus=_first(headers, "x-ses-virus-verdict").strip().lower() or "none",
        authentication=Authentication(
            **{name: results.get(name, "none") for name in ("spf", "dkim", "dmarc")},
        ),
        source=Source.SWEEP,
    )


def _first(headers: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name == wanted), "")


def _top_headers(head: bytes) -> list[tuple[str, str]]:
    """Names (lower-case) and unfolded values (RFC 5322 §2.2.3) of the header section, as far as it was read."""
    section = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0].decode("latin-1")
    unfolded = re.sub(r"\r?\n[ \t]+", " ", section)
    pairs = (line.partition(":") for line in unfolded.splitlines())
    return [(name.strip().lower(), value) for name, colon, value in pairs if colon]
