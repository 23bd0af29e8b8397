"""To whom an answer goes: exactly who was named, checked, and never ourselves. Pure.

Nobody is added: the Cc of what is answered stays out unless the caller names it, and our own addresses are refused,
since a mail to ourselves would come back as a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chalicelib.errors import Refused
from chalicelib.mail.compose_fields import ComposeError, ascii_address
from chalicelib.mail.model import Address

MOST = 50  # recipients of one mail, as SES takes it


def checked(
    to: Sequence[Address],
    cc: Sequence[Address],
    bcc: Sequence[Address],
    own_domains: Collection[str],
    own_addresses: Collection[str] = (),
) -> tuple[str, ...]:
    """The envelope's recipients, lower-case and each once. `Refused` points to the first that cannot be written to.

    `own_domains`: mail for these, and for their subdomains, comes to us. `own_addresses`, lower-case: so does theirs,
    such as a team address, which is in a domain of the customer's.
    """
    found: list[str] = []
    for field, addresses in (("to", to), ("cc", cc), ("bcc", bcc)):
        for number, each in enumerate(addresses):
            found.append(_address(each, f"/{field}/{number}", own_domains, own_addresses))
    unique = tuple(dict.fromkeys(found))
    if len(unique) > MOST:
        raise Refused(f"A mail has at most {MOST} recipients, not {len(unique)}.", pointer="/cc", code="too_many")
    return unique


def _address(recipient: Address, pointer: str, own_domains: Collection[str], own_addresses: Collection[str]) -> str:
    try:
        address = ascii_address("To", recipient.address).lower()
    except ComposeError as error:
        raise Refused(
            f"{recipient.address} is no address that mail can be sent to.", pointer=pointer, code="bad_address"
        ) from error
    labels = address.rpartition("@")[2].split(".")
    if len(labels) < 2 or labels[-1] == "invalid":  # RFC 2606: a sender who gave no address
        raise Refused(
            f"{recipient.address} is no address that mail can be sent to.", pointer=pointer, code="bad_address"
        )
    parents = {".".join(labels[start:]) for start in range(len(labels))}
    if parents & set(own_domains) or address in own_addresses:
        raise Refused(
            f"{recipient.address} is an address of this installation: the mail would come back. Leave it out.",
            pointer=pointer,
            code="own_address",
        )
    return address
