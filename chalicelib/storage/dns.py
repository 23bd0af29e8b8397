"""DNS as the world sees it: several public resolvers are asked, and what none could tell is not known.

A resolver that times out, fails or refuses gives None; one that says there is no such name or no such record gives an
empty tuple. Names below the reserved top-level domains (RFC 6761: `test`, `example`, `invalid`, `localhost`) are not
asked of the world. dnspython is imported at the first question: it takes 70 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from chalicelib.config import config

SECONDS = 2.0  # for one resolver's answer
RESERVED = frozenset({"test", "example", "invalid", "localhost"})

Records = tuple[str, ...]


def ask(name: str, kind: str) -> tuple[Records | None, ...]:
    """The records of a name (`MX`, `TXT`, `CNAME`) as text, by each resolver; nothing for a name nobody can have.

    MX as `10 mail.example.com`, TXT with its strings joined, names lower-case and without the dot at the end.
    """
    resolvers = [each.strip() for each in config().dns_resolvers.split(",") if each.strip() not in ("", "none")]
    if not resolvers or name.rstrip(".").rpartition(".")[2].lower() in RESERVED:
        return ()
    with ThreadPoolExecutor(len(resolvers)) as pool:
        return tuple(pool.map(lambda resolver: _ask_one(resolver, name, kind), resolvers))


def _ask_one(resolver: str, name: str, kind: str) -> Records | None:
    import dns.exception
    import dns.resolver

    address, _, port = resolver.partition(":")
    asking = dns.resolver.Resolver(configure=False)
    asking.nameservers, asking.port = [address], int(port or 53)
    asking.timeout = asking.lifetime = SECONDS
    try:
        answer = asking.resolve(name, kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError, ValueError):
        return None
    return tuple(_text(kind, record) for record in answer)


def _text(kind: str, record: object) -> str:
    if kind == "TXT":
        strings: Sequence[bytes] = record.strings  # type: ignore[attr-defined]
        return b"".join(strings).decode("utf-8", "replace")
    return str(record).lower().rstrip(".")
