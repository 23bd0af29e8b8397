"""Name servers of a test, on the loopback interface: each with its own truth, or silent, or failing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Zone = Mapping[tuple[str, str], tuple[str, ...]]  # (name, type) -> records
SILENT: Zone = {("", "SILENT"): ()}
FAILING: Zone = {("", "FAILING"): ()}


@contextmanager
def resolvers(*zones: Zone) -> Iterator[str]:
    """One resolver for each zone; what `DNS_RESOLVERS` is set to."""
    sockets = []
    for zone in zones:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.bind(("127.0.0.1", 0))
        sockets.append(bound)
        threading.Thread(target=_serve, args=(bound, zone), daemon=True).start()
    try:
        yield ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    finally:
        for each in sockets:
            each.close()


def _serve(bound: socket.socket, zone: Zone) -> None:
    while True:
        try:
            asked, peer = bound.recvfrom(4096)
        except OSError:
            return
        if zone is SILENT:
            continue
        query = dns.message.from_wire(asked)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        records = zone.get((name, kind))
        if zone is FAILING:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, list(records)))
        bound.sendto(answer.to_wire(), peer)
