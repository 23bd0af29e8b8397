"""The structured fields of a mail's header (RFC 5322 §3.6) as values, and what is wrong with them."""

from __future__ import annotations

from typing import Final

from . import addresses, dates, threading_ids
from .bounds import MAX_ADDRESSES, MAX_DOUBLED_FIELDS, MAX_SUBJECT_CHARS
from .headers import Headers
from .model import Address

#: Fields that a mail may carry once.
_ONCE: Final = ("from", "sender", "reply-to", "to", "cc", "message-id", "in-reply-to", "references", "subject", "date")
_NEEDED: Final = ("from", "date", "message-id")


class Heads:
    """Reads fields of one header block; the defects it meets gather in `defects`."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.defects: list[str] = []

    def subject(self) -> str:
        """The first Subject that is not empty."""
        subject = self.headers.get("subject") or ""
        if len(subject) > MAX_SUBJECT_CHARS:
            self.defects.append("subject_too_long")
        return subject[:MAX_SUBJECT_CHARS]

    def boxes(self, name: str) -> tuple[Address, ...]:
        """The mailboxes of all fields of that name."""
        found: list[Address] = []
        for value in self.headers.unfolded_all(name)[:MAX_DOUBLED_FIELDS]:
            boxes, defects = addresses.read(value)
            found += boxes
            self.defects += defects
            if len(found) >= MAX_ADDRESSES:
                break
        return tuple(found[:MAX_ADDRESSES])

    def addressed(self, name: str) -> tuple[Address, ...]:
        """The mailboxes of all fields of that name that have an address."""
        return tuple(box for box in self.boxes(name) if box.address)

    def ids(self, name: str) -> tuple[str, ...]:
        """The message ids of all fields of that name."""
        ids, defects = threading_ids.read_ids(" ".join(self.headers.unfolded_all(name)[:MAX_DOUBLED_FIELDS]))
        self.defects += defects
        return ids

    def date(self) -> str | None:
        """The moment of the Date field, ISO 8601."""
        written = self.headers.get("date")
        date = dates.read_date(written) if written else None
        if written and date is None:
            self.defects.append("broken_date")
        return date

    def missing(self) -> list[str]:
        """`missing_<field>` for needed fields that are not there or empty, `doubled_<field>` for those there twice."""
        found = [f"missing_{_code(name)}" for name in _NEEDED if not self.headers.get(name)]
        return found + [f"doubled_{_code(name)}" for name in _ONCE if len(self.headers.raw_all(name)) > 1]


def _code(name: str) -> str:
    return name.replace("-", "_")
