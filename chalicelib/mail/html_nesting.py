"""Count open HTML elements, so that an end tag is judged in constant time instead of by walking a stack.

What: which elements a start tag ends by itself (`<td>` after `<td>`, `<li>` after `<li>`), and whether an end
tag has an element to close that it may reach: not out of a table cell. Source: HTML standard §13.1.2.4 and
§13.2.4.2, simplified.
"""

from __future__ import annotations

from chalicelib.mail.html_elements import IMPLIED_END, SCOPES

LISTS = ("ul", "ol", "dl")
ITEMS = ("li", "dt", "dd")


class Nesting:
    """The open elements by name; whoever pushes must pop in reverse order."""

    __slots__ = ("_cells", "_lists")

    def __init__(self) -> None:
        self._cells: list[dict[str, int]] = [{}]  # a dictionary for each table and cell that is open
        self._lists: list[dict[str, int]] = [{}]  # items alone, a dictionary for each list

    def push(self, name: str) -> None:
        """An element opens."""
        counts = self._lists[-1] if name in ITEMS else self._cells[-1]
        counts[name] = counts.get(name, 0) + 1
        if name in SCOPES:
            self._cells.append({})
            self._lists.append({})
        elif name in LISTS:
            self._lists.append({})

    def pop(self, name: str) -> None:
        """The innermost element closes."""
        if name in SCOPES:
            self._cells.pop()
            self._lists.pop()
        elif name in LISTS:
            self._lists.pop()
        counts = self._lists[-1] if name in ITEMS else self._cells[-1]
        counts[name] -= 1

    def ended_by(self, name: str) -> tuple[str, ...]:
        """Names of elements that a start tag ends, in this order, as far as they are open."""
        return IMPLIED_END.get(name, ())

    def closes(self, name: str) -> bool:
        """Whether an end tag has an open element in reach: items within their list, all else within their cell."""
        if name in ITEMS:
            return bool(self._lists[-1].get(name))
        if name not in SCOPES:
            return bool(self._cells[-1].get(name))
        # A cell stands in a table, a table in a cell: three dictionaries up is far enough.
        for counts in self._cells[-2:-5:-1]:
            if counts.get(name):
                return True
            if name != "table" and counts.get("table"):
                return False
        return False
