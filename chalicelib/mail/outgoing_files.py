"""Files that are sent: names, types and sizes as a mail can carry them. Pure.

Sources: the list of file extensions that SES refuses ("Amazon SES unsupported attachment types", SES developer guide),
and its limit of 40 MB for a mail of the API's version 2, counted after encoding ("Service quotas in Amazon SES").
Other kinds that may be harmful (HTML, SVG, archives) are sent: who gets them was named by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from . import content_types
from .bounds import MAX_FILENAME_CHARS
from .clean import clean_line

LARGEST_MAIL: Final = 40_000_000  # bytes of a composed mail
ROOM_FOR_WORDS: Final = 2_000_000  # of them, for headers, text, HTML, signature and quote
_LINE, _ENCODED_LINE = 57, 78  # bytes of a line of base64 (RFC 2045 §6.8), and with it CRLF
_PART_HEADER: Final = 2000  # bytes, at most: a long file name in RFC 2231 pieces
_PATH: Final = re.compile(r"[/\\]+")
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
SHOWN: Final = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})  # that HTML may show
PLAIN: Final = SHOWN | {"application/pdf"}  # known by their first bytes
UNTYPED: Final = "application/octet-stream"
_REFUSED: Final = """
ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk mad
maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi msp mst ops
pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs vps vsmacros vss vst
vsw vxd ws wsc wsf wsh xnk
"""
REFUSED: Final = frozenset(_REFUSED.split())


def clean_filename(told: str | None) -> str:
    """A file name as it is shown and sent: one line, no path, no direction overrides; never empty."""
    name = _PATH.sub("_", clean_line(told or "")).strip(" .")
    return _cut(name) or "attachment"


def refused_extension(filename: str) -> str | None:
    """The ending for which SES refuses a mail with this file, or None."""
    ending = filename.rpartition(".")[2].strip().lower()
    return ending if "." in filename and ending in REFUSED else None


def type_of(label: str, filename: str, head: bytes) -> str:
    """The content type that a file is sent with: what its first bytes say, else its label, else its name.

    What is no type, or a type that only whole mails have, is `application/octet-stream`.
    """
    told = label.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(told) or told.startswith(("multipart/", "message/")):
        told = UNTYPED
    if told == UNTYPED:
        told = content_types.by_content(UNTYPED, filename, head)
    by_bytes = content_types.by_content(UNTYPED, None, head)
    if head and by_bytes != told and by_bytes in PLAIN:
        told = by_bytes  # it is plainly something, whatever the label or the name says
    elif head and by_bytes != told and told in PLAIN:
        told = UNTYPED  # it is said to be something that it plainly is not
    return UNTYPED if told.startswith("message/") else told


def encoded_size(sizes: Iterable[int]) -> int:
    """Bytes that files of these sizes take in a mail, at most."""
    return sum(-(-size // _LINE) * _ENCODED_LINE + _PART_HEADER for size in sizes)


def fits(sizes: Iterable[int]) -> bool:
    """Whether SES takes a mail with files of these sizes."""
    return encoded_size(sizes) <= LARGEST_MAIL - ROOM_FOR_WORDS


def _cut(name: str) -> str:
    """At most `MAX_FILENAME_CHARS` characters, with the ending."""
    if len(name) <= MAX_FILENAME_CHARS:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20:
        return name[:MAX_FILENAME_CHARS]
    return stem[: MAX_FILENAME_CHARS - len(ending) - 1] + dot + ending
