"""Mail whose From is not its writer: groups that rewrite it ("Kim via Support"), and people who send mail on as it
was.

A group that rewrites From for DMARC keeps the writer in X-Original-From (Google Groups), or in Reply-To with
the name it put before "via" (Mailman). Services that only carry a notification ("Kim via Forum", Reply-To at
their own domain) are the writers of their mail. Resent-From (RFC 5322 §3.6.6) names who redirected; From is
then the writer already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from . import dates
from .attached_forward import people
from .model import Address, Forwarded

if TYPE_CHECKING:
    from .parse import Part

_VIA: Final = re.compile(r"\s(?:via|über|par|por|através de|tramite|przez|через|prin|přes|经由|透過)\s", re.IGNORECASE)
_LIST_FIELDS: Final = frozenset(
    ["list-id", "mailing-list", "x-google-group-id", "x-mailman-version", "list-post", "list-unsubscribe"]
)


def find_rewritten(root: Part, text: str) -> Forwarded | None:
    """The mail as its writer sent it, or None if From is the writer and nobody sent it on."""
    present = {name for name, _ in root.headers.fields}
    if "resent-from" not in present and present.isdisjoint(_LIST_FIELDS):
        return None
    senders = people(root, "from")
    if not senders:
        return None
    writer = _writer(root, senders[0])
    if writer:
        return _as_written(root, writer, text, "mailing_list", None)
    resent = people(root, "resent-from")
    if resent and resent[0].address.lower() != senders[0].address.lower():
        return _as_written(root, senders[0], text, "redirected", resent[0])
    return None


def _writer(root: Part, sender: Address) -> Address | None:
    """Who wrote a mail whose From a group rewrote."""
    if not any(field in root.headers for field in _LIST_FIELDS):
        return None  # somebody's own "via"
    via = _VIA.search(sender.name or "")
    name = (sender.name or "")[: via.start()].strip(" '\"") if via else ""
    for field in ("x-original-from", "x-original-sender"):
        found = people(root, field)
        if found and (via or field == "x-original-from") and _differs(found[0], sender):
            return Address(found[0].name or name or None, found[0].address)
    reply_to = people(root, "reply-to")
    if not via or len(reply_to) != 1 or not _differs(reply_to[0], sender):
        return None
    same_name = bool(name) and name.lower() == (reply_to[0].name or "").strip(" '\"").lower()
    other_domain = _domain(reply_to[0]) != _domain(sender)
    return Address(reply_to[0].name or name or None, reply_to[0].address) if same_name and other_domain else None


def _differs(one: Address, other: Address) -> bool:
    return one.address.lower() != other.address.lower()


def _domain(address: Address) -> str:
    return address.address.rpartition("@")[2].lower()


def _as_written(root: Part, writer: Address, text: str, how: str, by: Address | None) -> Forwarded:
    date = root.headers.get("date")
    return Forwarded(
        from_=writer,
        to=people(root, "to"),
        cc=people(root, "cc"),
        subject=root.headers.get("subject"),
        date=(dates.read_date(date) or date) if date else None,
        text=text,
        how=how,
        by=by,
    )
