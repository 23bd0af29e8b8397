"""A page of a list: what every list, wherever it lies, is read by."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

Item = TypeVar("Item")


class Page(Struct, Generic[Item], frozen=True):
    """A full page of a list; `next` is the cursor of the page after it, None at the end."""

    items: tuple[Item, ...]
    next: str | None = None
