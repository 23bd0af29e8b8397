"""S/MIME in application/pkcs7-mime: the mail inside an opaque signature (RFC 8551 §3.5.2), and whether it is encrypted.

The CMS wrapping (RFC 5652 §5) is BER; of it only the way to the signed content is walked: ContentInfo, SignedData,
EncapsulatedContentInfo, eContent. The signature is not checked, and nothing is decrypted. Never raises.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

#: Content types under which opaque S/MIME is sent.
CONTENT_TYPES: Final = frozenset(["application/pkcs7-mime", "application/x-pkcs7-mime"])
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_ENCRYPTED_DATA: Final = (
    bytes.fromhex("2a864886f70d010703"),  # EnvelopedData, RFC 5652 §6
    bytes.fromhex("2a864886f70d0109100117"),  # AuthEnvelopedData, RFC 5083
)
_MAX_DEPTH: Final = 20
_SEQUENCE, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT_0 = 0x30, 0x04, 0x24, 0xA0


def signed_content(data: bytes) -> bytes | None:
    """The content that the CMS structure `data` signs, or None if there is none to be read."""
    try:
        return _Ber(_without_armour(data)).signed_content()
    except (IndexError, ValueError):
        return None


def is_encrypted(data: bytes) -> bool:
    """Whether the CMS structure `data` can be read only with somebody's key."""
    try:
        return _Ber(_without_armour(data)).content_type() in _ENCRYPTED_DATA
    except (IndexError, ValueError):
        return False


def _without_armour(data: bytes) -> bytes:
    """The BER in PEM, or as it is. Raises ValueError for what is no base64."""
    return binascii.a2b_base64(re.sub(rb"-----[^\n]*", b"", data)) if data.startswith(b"-----BEGIN") else data


class _Ber:
    """A reader over BER elements: tag, length (definite or not), content."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def content_type(self) -> bytes:
        """Step into ContentInfo; the object identifier of what it holds."""
        self.enter(_SEQUENCE)
        start, end = self.skip()
        return self.data[start:end]

    def signed_content(self) -> bytes:
        if self.content_type() != _SIGNED_DATA:
            raise ValueError("not signed data")
        self.enter(_EXPLICIT_0)
        self.enter(_SEQUENCE)
        self.skip()  # version
        self.skip()  # digest algorithms
        self.enter(_SEQUENCE)
        self.skip()  # type of the content
        self.enter(_EXPLICIT_0)
        return b"".join(self.octets(_MAX_DEPTH))

    def enter(self, tag: int) -> int | None:
        """Step into an element of that tag; where its content ends (None: at an end mark)."""
        found, end = self.head()
        if found != tag:
            raise ValueError(f"tag {found:#x} where {tag:#x} belongs")
        return end

    def head(self) -> tuple[int, int | None]:
        tag, length = self.data[self.position], self.data[self.position + 1]
        self.position += 2
        if length == 0x80:
            return tag, None
        if length > 0x80:
            count = length & 0x7F
            length = int.from_bytes(self.data[self.position : self.position + count], "big")
            self.position += count
        if self.position + length > len(self.data):
            raise ValueError("longer than the data")
        return tag, self.position + length

    def skip(self, depth: int = _MAX_DEPTH) -> tuple[int, int]:
        """Step over one element; where its content starts and ends."""
        if depth == 0:
            raise ValueError("nested too deeply")
        _, end = self.head()
        start = self.position
        if end is None:
            while self.data[self.position : self.position + 2] != b"\x00\x00":
                self.skip(depth - 1)
            end = self.position
            self.position += 2
        else:
            self.position = end
        return start, end

    def octets(self, depth: int) -> list[bytes]:
        """An OCTET STRING, whole or in pieces."""
        tag, end = self.head()
        if tag == _OCTETS and end is not None:
            start, self.position = self.position, end
            return [self.data[start:end]]
        if tag != _OCTETS_IN_PIECES or depth == 0:
            raise ValueError(f"tag {tag:#x} where octets belong")
        pieces: list[bytes] = []
        while (end is None and self.data[self.position : self.position + 2] != b"\x00\x00") or (
            end is not None and self.position < end
        ):
            pieces += self.octets(depth - 1)
        self.position += 2 if end is None else 0
        return pieces
