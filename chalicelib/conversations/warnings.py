"""What a user should know before an answer leaves: that mail to an address came back, or was complained about.

A warning forbids nothing: people may know better. Automatic mail leaves these addresses alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.mail.addresses import as_kept
from chalicelib.storage import suppressions


class Warned(Struct, frozen=True):
    """One warning about one address; `code` is the reason that it is suppressed for."""

    address: str
    code: str
    text: str


def warnings_about(account_id: str, addresses: Iterable[str]) -> tuple[Warned, ...]:
    """The warnings about up to 100 addresses, in their order; one request."""
    kept = list(dict.fromkeys(as_kept(each) for each in addresses))
    found = suppressions.among(account_id, kept)
    return tuple(Warned(each, found[each].because.code, found[each].because.text) for each in kept if each in found)
