"""Count open HTML elements, so that an end tag is judged in constant time instead of by walking a stack.

What: which elements a start tag ends by itself (`<td>` after `<td>`, `<li>` after `<li>`), and whether an end
tag has an element to close that it may reach: not out of a table cell. Source: HTML standard §13.1.2.4 and
§13.2.4.2, simplified.
"""

from __future__ import annotations

from chalicelib.mail.html_elements import IMPLIED_END, SCOPES

_LISTS = ("ul", "ol")


class Nesting:
    """The open elements by name, one dictionary a scope; whoever pushes must pop in reverse order."""

    __slots__ = ("_counts", "_items")

    def __init__(self) -> None:
        self._counts: list[dict[str, int]] = [{}]
        self._items = [0]  # open <li> per list

    def push(self, name: str) -> None:
        """An element opens."""
        counts = self._counts[-1]
        counts[name] = counts.get(name, 0) + 1
        if name in SCOPES:
            self._counts.append({})
        elif name in _LISTS:
            self._items.append(0)
        elif name == "li":
            self._items[-1] += 1

    def pop(self, name: str) -> None:
        """The innermost element closes."""
        if name in SCOPES:
            self._counts.pop()
        elif name in _LISTS:
            self._items.pop()
        elif name == "li":
            self._items[-1] -= 1
        self._counts[-1][name] -= 1

    def ended_by(self, name: str) -> tuple[str, ...]:
        """Names of elements that a start tag ends, in this order, as far as they are open."""
        if name == "li":
            return ("li",) if self._items[-1] else ()
        return IMPLIED_END.get(name, ())

    def closes(self, name: str) -> bool:
        """Whether an end tag has an open element in reach."""
        if name not in SCOPES:
            return bool(self._counts[-1].get(name))
        # A cell stands in a table, a table in a cell: three dictionaries up is far enough.
        for counts in self._counts[-2:-5:-1]:
            if counts.get(name):
                return True
            if name != "table" and counts.get("table"):
                return False
        return False
