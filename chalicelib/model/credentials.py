"""Texts that nobody can make or guess: what signs them, and what is kept of them. Pure.

What is signed is out in the world, in addresses and mails: nothing here may change but for a new version.
"""

from __future__ import annotations

import hashlib
import hmac

from chalicelib.model import base32


def mac_of(key: bytes, purpose: str, version: str, *texts: str, octets: int = hashlib.sha256().digest_size) -> str:
    """The message authentication code of texts: HMAC-SHA256 (RFC 2104) over purpose, version and texts, joined with
    NUL, cut to so many octets, in lower-case base 32.

    The purpose keeps what is signed for one thing from holding for another. Ids and addresses contain no NUL, so that
    no two rows of texts are joined to the same.
    """
    told = "\x00".join((purpose, version, *texts)).encode("utf-8", "surrogatepass")
    return base32.encode(hmac.new(key, told, hashlib.sha256).digest()[:octets])


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
