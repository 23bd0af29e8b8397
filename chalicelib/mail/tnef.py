"""winmail.dat: Outlook's TNEF ([MS-OXTNEF]) unpacked into its text and files."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

#: Content types under which TNEF is sent.
CONTENT_TYPES: Final = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])


class File(Struct, frozen=True):
    """One file out of a winmail.dat."""

    name: str | None
    content: bytes
    content_type: str = "application/octet-stream"
    content_id: str | None = None


class Unpacked(Struct, frozen=True):
    """What a winmail.dat contains."""

    files: tuple[File, ...] = ()
    text: str | None = None
    html: str | None = None
    defects: tuple[str, ...] = ()


def unpack(data: bytes, limit: int) -> Unpacked:
    """The text and files of a TNEF stream, at most `limit` bytes of them."""
    return Unpacked()
