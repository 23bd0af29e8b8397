"""Senders and domains that an account always takes mail from, or never does, and how one address meets an entry.

An entry is an address (`ann@example.com`), a domain (`example.com`: its addresses, not those of its subdomains) or the
subdomains of one (`*.example.com`: not `example.com` itself). Addresses are taken apart label by label and turned into
the entries that would match them, so that nothing is ever compared by its end: `evil-example.com` and
`example.com.evil` make other entries (Discourse CVE-2026-33393). Lower-case; domains as IDNA's A-labels (RFC 5890).
"""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

MOST_ENTRIES = 1000  # of both lists together
MOST_CHARACTERS = 100_000  # of all entries: the audit log keeps them as they were and as they are
MARK_BYTES = 8
LONGEST = 254  # characters, as of an address (RFC 5321 §4.5.3.1.3, erratum 1690)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


class SenderLists(Struct, frozen=True):
    """Both lists, in the form that `normal_form` gives, sorted."""

    account_id: str
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    version: int = 1


class SenderMarks(Struct, frozen=True):
    """The same as digests, `MARK_BYTES` each: with every mail eight kilobytes are read at most, not the texts."""

    allow: frozenset[bytes] = frozenset()
    deny: frozenset[bytes] = frozenset()


def normal_form(entry: str) -> str | None:
    """An entry as it is compared; None when it is none. Pure."""
    local_part, at, domain = entry.strip().rpartition("@")
    wildcard = domain.startswith("*.") and not at
    ascii_domain = _ascii_domain(domain.removeprefix("*.") if wildcard else domain)
    if ascii_domain is None or len(entry) > LONGEST or ("." not in ascii_domain and not wildcard):
        return None
    if at and (not local_part or re.search(r"[\s<>,;\"]", local_part)):
        return None
    return f"{'*.' if wildcard else ''}{local_part.lower()}{at}{ascii_domain}"


def entries_for(address: str) -> tuple[str, ...]:
    """The entries that match an address, the most specific first; none for what is no address. Pure."""
    local_part, at, domain = address.strip().rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not at or not local_part or ascii_domain is None:
        return ()
    labels = ascii_domain.split(".")
    parents = (f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))
    return (f"{local_part.lower()}@{ascii_domain}", ascii_domain, *parents)


def mark(entry: str) -> bytes:
    """The digest of an entry in its normal form. Pure."""
    return hashlib.sha256(entry.encode("utf-8", "surrogatepass")).digest()[:MARK_BYTES]


def marks_of(lists: SenderLists) -> SenderMarks:
    """The digests of both lists. Pure."""
    return SenderMarks(frozenset(map(mark, lists.allow)), frozenset(map(mark, lists.deny)))


def _ascii_domain(domain: str) -> str | None:
    """A domain in A-labels, lower-case, without the root's dot; None when it is none."""
    domain = domain.strip().rstrip(".")
    try:
        ascii_domain = domain.lower() if domain.isascii() else domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if len(ascii_domain) > 253 or not all(_LABEL.fullmatch(each) for each in ascii_domain.split(".")):
        return None
    return ascii_domain
