"""What a settings document says, in the form that is stored: HTML cleaned, addresses with A-labels, lists sorted.

So a document that was written by hand is put again without a change, and a trial says what would really be saved. What
cannot be brought into its form stays as it was told, for the function of its own address to refuse. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from chalicelib.errors import Refused
from chalicelib.mail.compose_fields import ComposeError, ascii_address
from chalicelib.outbound.sent_html import sendable
from chalicelib.settings import acknowledgements, signatures
from chalicelib.settings.lists import normal_entries


def cleaned(document: Mapping[str, Any], sections: Collection[str]) -> dict[str, Any]:
    """The document with these sections of it in the form in which they are stored."""
    told = dict(document)
    if "lists" in sections:
        told["lists"] = _each(told["lists"], dict.fromkeys(("allow", "deny"), _entries))
    if "channels" in sections:
        told["channels"] = {key: _channel(each, key) for key, each in told["channels"].items()}
    return told


def _channel(told: Any, address: str) -> Any:
    def sender(part: Any) -> Any:
        return _each(part, {"from_address": lambda each: _from_address(each, address)})

    def acknowledgement(part: Any) -> Any:
        return _each(part, {"html": _html(2 * acknowledgements.LONGEST), "subject": _line})

    parts = {"signature": _html(2 * signatures.LONGEST), "sender": sender, "acknowledgement": acknowledgement}
    return _each(told, parts)


def _each(told: Any, forms: Mapping[str, Callable[[Any], Any]]) -> Any:
    if not isinstance(told, dict):
        return told
    return told | {name: form(told[name]) for name, form in forms.items() if name in told}


def _html(longest: int) -> Callable[[Any], Any]:
    """What is longer is refused as it is, unread."""
    return lambda told: sendable(told).strip() if isinstance(told, str) and len(told) <= longest else told


def _line(told: Any) -> Any:
    return told.strip() if isinstance(told, str) else told


def _from_address(told: Any, own: str) -> Any:
    if not isinstance(told, str):
        return told
    if told.lower() == own.lower():
        return None
    try:
        return ascii_address("From", told)
    except ComposeError:
        return told


def _entries(told: Any) -> Any:
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        return told
    try:
        return list(normal_entries(told, ""))
    except Refused:
        return told
