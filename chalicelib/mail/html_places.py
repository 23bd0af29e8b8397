"""Places in HTML: each chain of open elements is judged once, since mail repeats its chains a thousand times.

What: `Places.root` stands outside all elements; `enter` leads inside an element that opens there, or says that a parser
would not simply nest it. Whoever closes an element goes to `above`. Source: as `html_nesting`, whose counts this keeps
as sets. Limits: `MOST` places are remembered and the others found anew, so that memory is bound on any input.
"""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.mail.html_elements import SCOPES, VOID
from chalicelib.mail.html_nesting import ITEMS, LISTS

MOST = 5_000
_NOTHING: frozenset[str] = frozenset()


class Place:
    """Inside of one chain of open elements. `inside`: where start tags lead from here, None where they may not be."""

    __slots__ = ("above", "cell", "depth", "inside", "items", "name", "outer")

    def __init__(self, name: str, above: Place | None) -> None:
        self.name = name
        self.above = above
        self.inside: dict[str, Place | None] = {}
        self.depth = 0
        self.cell = self.items = _NOTHING  # names open in the innermost table cell, and items of the innermost list
        self.outer: tuple[frozenset[str], ...] = ()  # names open in the three cells around it, the innermost first
        if above is None:
            return
        self.depth = above.depth + 1
        self.cell, self.items, self.outer = above.cell, above.items, above.outer
        if name in ITEMS:
            self.items |= {name}
            return
        self.cell |= {name}
        if name in SCOPES:
            self.outer = (self.cell, *self.outer[:2])
            self.cell = self.items = _NOTHING
        elif name in LISTS:
            self.items = _NOTHING

    def closes(self, name: str) -> bool:
        """Whether an end tag has an open element in reach (`html_nesting.Nesting.closes`)."""
        if name in ITEMS:
            return name in self.items
        if name not in SCOPES:
            return name in self.cell
        for names in self.outer:
            if name in names:
                return True
            if name != "table" and "table" in names:
                return False
        return False


class Places:
    """The places of one document. `may_open` says of a place and a name whether the element simply nests there."""

    def __init__(self, may_open: Callable[[Place, str], bool]) -> None:
        self.root = Place("", None)
        self._may_open = may_open
        self._left = MOST

    def enter(self, place: Place, name: str) -> Place | None:
        """The place inside an element, the same place for a void one, or None. Asked where `place.inside` is silent."""
        found: Place | None = None
        if self._may_open(place, name):
            found = place if name in VOID else Place(name, place)
        if self._left:
            self._left -= 1
            place.inside[name] = found
        return found
