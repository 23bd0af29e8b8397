"""People as clients write them in the header lines of a quoted mail: looser than RFC 5322, so read on its own
terms.

Forms: `Name <a@b>`, `Name [mailto:a@b]`, `Name [SMTP:a@b]`, `a@b <mailto:a@b>`, `"a@b" <a@b>`, `Name (a@b)`,
`[a@b](mailto:a@b)`, a name alone, an address alone; several parted by `;` or `,`. A comma before an address belongs
to the name ("Doe, John <a@b>"). An address that is not told is the empty string.
"""

from __future__ import annotations

import re
from typing import Final

from .attribution import ADDRESS
from .languages import INVISIBLE
from .model import Address

MAX_CHARS: Final = 60_000
MAX_PEOPLE: Final = 2_000
_LINK: Final = re.compile(r"\[([^\[\]]{1,300})\]\((?:mailto:)?[^()\s]{1,300}\)")
_MAILTO: Final = re.compile(r"[<\[(]\s?(?:mailto|smtp):\s?([^<>\[\]()]{1,300}?)\s?[>\])]", re.IGNORECASE)
_ENTITY: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&", "&#39;": "'"}
_NOBODY: Final = ("undisclosed", "unlisted-recipients")  # RFC 5322 §A.1.3, an empty group
_AROUND: Final = " \t<>[]()\"“”„«»‟‹›'‘’`,;:，；、*|"
_NAME_AROUND: Final = " \t<\"“”„«»‟‹›'‘’`*|[("


def read_people(value: str) -> tuple[Address, ...]:
    """Everybody named in a header line's value, in order."""
    text = _plain(value[:MAX_CHARS])
    found: list[Address] = []
    position = 0
    for match in ADDRESS.finditer(text):
        before = text[position : match.start()]
        *alone, name = re.split("[;；]", before)
        found += _names(alone)
        found.append(_person(name, match[0]))
        position = match.end()
        if len(found) >= MAX_PEOPLE:
            break
    rest = text[position:]
    if any(char.isalnum() for char in rest):
        found += _names(re.split("[;；]", rest)) if not found else _names(re.split("[;；]", rest)[1:])
    return _unrepeated(found)


def _plain(value: str) -> str:
    value = value.translate(INVISIBLE).replace("\xa0", " ")
    if "&" in value:
        for entity, char in _ENTITY.items():
            value = value.replace(entity, char)
    value = _LINK.sub(r"\1", value) if "](" in value else value
    low = value.lower()
    return _MAILTO.sub(r"<\1>", value) if "mailto:" in low or "smtp:" in low else value


def _person(name: str, address: str) -> Address:
    local, _, domain = address.strip(".'’").rpartition("@")
    address = f"{local}@{domain.lower()}"
    return Address(_name(name, address), address)


def _name(name: str, address: str) -> str | None:
    name = " ".join(name.lstrip(",，、 >)]").rstrip(_NAME_AROUND).lstrip(_AROUND).split())
    name = name.replace('\\"', '"').replace('"', "") if '"' in name else name
    return None if not name or name.lower() == address.lower() else name


def _names(pieces: list[str]) -> list[Address]:
    """People without an address. QUIRK: with a single comma and no blank in a piece, "Doe, John" is one person."""
    found: list[Address] = []
    for piece in pieces:
        parts = re.split("[,，、]", piece)
        if len(parts) > 1 and not all(" " in part.strip() for part in parts if part.strip()):
            parts = [piece]
        for part in parts:
            name = " ".join(part.strip(_AROUND).split())
            if name and not name.lower().startswith(_NOBODY) and any(char.isalpha() for char in name):
                found.append(Address(name, ""))
    return found


def _unrepeated(people: list[Address]) -> tuple[Address, ...]:
    """`a@b <a@b>` reads as the same address twice: the later one is dropped, and takes the earlier one's place
    without a name.
    """
    kept: list[Address] = []
    for person in people:
        if kept and kept[-1].address.lower() == person.address.lower() and person.address:
            kept[-1] = Address(kept[-1].name or person.name, kept[-1].address)
        else:
            kept.append(person)
    return tuple(kept)
