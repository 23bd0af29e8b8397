"""The original mail inside a forward (S48-S51)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.mail.model import Forwarded

if TYPE_CHECKING:
    from chalicelib.mail.parse import Part


def find_forwarded(root: Part, text: str, html: str | None, subject: str) -> Forwarded | None:
    """The mail that this one forwards, or None. First version: knows no forward yet."""
    return None
