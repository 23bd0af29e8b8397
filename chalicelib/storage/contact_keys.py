"""Keys and lists of what becomes of contacts: merged or erased, and the certificates of that."""

from __future__ import annotations

from chalicelib.storage.keys import Key, digest


def unfinished_contacts() -> str:
    """`by_list`: the contacts, of all accounts, that are being merged or erased."""
    return "CONTACTS-UNFINISHED"


def certificate(account_id: str, certificate_id: str) -> Key:
    """What was erased of a contact."""
    return Key(f"{account_id}#CERTIFICATE#{certificate_id}", "CERTIFICATE")


def certified(account_id: str, certificate_id: str, what: str) -> Key:
    """What was erased at one stroke, for the certificate's counts."""
    return Key(f"{account_id}#CERTIFICATE#{certificate_id}", f"CERTIFIED#{digest(what)}")


def list_of_certificates(account_id: str) -> str:
    """`by_list`: the certificates of an account."""
    return f"{account_id}#CERTIFICATES"
