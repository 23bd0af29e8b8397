"""Properties of tickets that an account adds to the built-in ones, each with a type (S66)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

# A value as stored and as JSON has it. Of a date: ISO 8601, `YYYY-MM-DD`; of several of a list: the choices chosen.
PropertyValue = str | int | float | bool | tuple[str, ...]


class PropertyType(StrEnum):
    """What values of a property look like."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ONE_OF = "one_of"
    SEVERAL_OF = "several_of"

    @property
    def has_choices(self) -> bool:
        """Whether values come from a list that admins keep."""
        return self in (PropertyType.ONE_OF, PropertyType.SEVERAL_OF)


class TicketProperty(Struct, frozen=True):
    """One property. Its type never changes, since tickets have values of it; `choices` are only of list types."""

    account_id: str
    id: str
    name: str
    type: PropertyType
    choices: tuple[str, ...]
    created_at: str
    version: int = 1
