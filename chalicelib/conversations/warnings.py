"""What a user should know before an answer leaves: that mail to an address came back, or was complained about.

A warning forbids nothing: people may know better. Automatic mail leaves these addresses alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.storage import suppressions


class Warned(Struct, frozen=True):
    """One warning about one address; `code` is the reason that it is suppressed for."""

    address: str
    code: str
    text: str


def warnings_about(account_id: str, addresses: Iterable[str]) -> tuple[Warned, ...]:
    """The warnings about up to 100 addresses, in their order; one request."""
    lower = list(dict.fromkeys(each.lower() for each in addresses))
    found = suppressions.among(account_id, lower)
    return tuple(Warned(each, found[each].because.code, found[each].because.text) for each in lower if each in found)
