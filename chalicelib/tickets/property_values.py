"""Whether values fit the properties that an account gives its tickets (S66). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import msgspec

from chalicelib.errors import Refused
from chalicelib.mail.clean import clean_text
from chalicelib.model.ticket_property import PropertyType, PropertyValue, TicketProperty

LONGEST_TEXT = 1000  # characters
MOST_BYTES = 50_000  # of all values: they stand in a ticket's row, and twice in its history
LARGEST_NUMBER = 10**15  # every whole number up to here is the same to all who read JSON
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

EXPECTED = {
    PropertyType.TEXT: f"a text of at most {LONGEST_TEXT} characters",
    PropertyType.NUMBER: "a number",
    PropertyType.DATE: "a date such as 2026-03-02",
    PropertyType.BOOLEAN: "true or false",
    PropertyType.ONE_OF: "one of the choices: {choices}",
    PropertyType.SEVERAL_OF: "a list of some of the choices: {choices}",
}


def merged(
    before: Mapping[str, PropertyValue],
    wanted: Mapping[str, PropertyValue | None],
    known: Mapping[str, TicketProperty],
    pointer: str,
) -> dict[str, PropertyValue]:
    """Values after some were set and some taken away (None). `Refused` below `pointer`, where one does not fit, and at
    it when all together are too long.

    What is not to change is not looked at: a ticket keeps the value of a choice that is none any more.
    """
    after = dict(before)
    for property_id, value in wanted.items():
        if value is None:
            after.pop(property_id, None)
        elif before.get(property_id) != value or type(before[property_id]) is not type(value):
            require_fits(property_id, value, known, pointer)
            after[property_id] = clean_text(value) if isinstance(value, str) else value
    if len(msgspec.json.encode(after)) > max(MOST_BYTES, len(msgspec.json.encode(before))):
        raise Refused(
            f"The values of a ticket have {MOST_BYTES} bytes at most, all together. Shorten some, or use comments.",
            pointer=pointer,
            code="values_too_long",
        )
    return after


def require_fits(property_id: str, value: PropertyValue, known: Mapping[str, TicketProperty], pointer: str) -> None:
    """Raise `Refused` unless there is such a property, and the value is of its type."""
    found = known.get(property_id)
    where = f"{pointer}/{property_id}"
    if found is None:
        raise Refused(f"Tickets have no property {property_id}.", pointer=where, code="no_such_property")
    if not fits(found, value):
        choices = ", ".join(found.choices[:20]) + (", …" if len(found.choices) > 20 else "")
        expected = EXPECTED[found.type].format(choices=choices or "there are none yet")
        raise Refused(f"{found.name} takes {expected}.", pointer=where, code="value_does_not_fit")


def fits(found: TicketProperty, value: PropertyValue) -> bool:
    """Whether a value is of a property's type. True and false are no numbers."""
    match found.type:
        case PropertyType.TEXT:
            return isinstance(value, str) and len(value) <= LONGEST_TEXT
        case PropertyType.NUMBER:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return -LARGEST_NUMBER <= value <= LARGEST_NUMBER  # which holds for no NaN
        case PropertyType.DATE:
            return isinstance(value, str) and _is_date(value)
        case PropertyType.BOOLEAN:
            return isinstance(value, bool)
        case PropertyType.ONE_OF:
            return isinstance(value, str) and value in found.choices
        case PropertyType.SEVERAL_OF:
            return isinstance(value, tuple) and len(set(value)) == len(value) and set(value) <= set(found.choices)


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
