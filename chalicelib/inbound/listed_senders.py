"""Whether an account has its sender on one of its lists. Pure.

The From address decides, the most specific entry first; an allowed one counts only when DMARC proves it, since anybody
can write a From. The envelope's sender can deny what From leaves open, and never allow anything.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from chalicelib.mail.model import ParsedMail
from chalicelib.model.delivery import Arrival
from chalicelib.model.sender_lists import SenderMarks, entries_for, mark


class ListName(StrEnum):
    """Which list."""

    ALLOW = "allow"
    DENY = "deny"


class Listed(Struct, frozen=True):
    """The list that decides, and the entry by which it does."""

    list: ListName
    entry: str


def listed_as(mail: ParsedMail, arrival: Arrival, marks: SenderMarks | None) -> Listed | None:
    """What the lists say of a mail; None: nothing."""
    if marks is None:
        return None
    by_from = _found(mail.from_.address, marks) if mail.from_ else None
    if by_from is not None and by_from.list is ListName.ALLOW and not arrival.authentication.is_proven:
        by_from = None
    if by_from is not None or arrival.mail_from is None:
        return by_from
    by_envelope = _found(arrival.mail_from, marks)
    return by_envelope if by_envelope is not None and by_envelope.list is ListName.DENY else None


def _found(address: str, marks: SenderMarks) -> Listed | None:
    for entry in entries_for(address):
        digest = mark(entry)
        if digest in marks.deny:
            return Listed(ListName.DENY, entry)
        if digest in marks.allow:
            return Listed(ListName.ALLOW, entry)
    return None
