"""What an update does to attributes of a row."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.expressions.update import Action


def set_or_remove(attribute: Attribute[Any], value: object) -> Action:
    """Write a value; None is an attribute that is not there, as an index wants it and as rows of before have it."""
    return attribute.remove() if value is None else attribute.set(value)
