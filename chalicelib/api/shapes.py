"""Shapes that several resources answer with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from chalicelib.model.page import Page

Item = TypeVar("Item")
Value = TypeVar("Value")


class Listing(Struct, Generic[Item], frozen=True):
    """A page of a list. `next` is the cursor of the page after it, null at the end."""

    items: tuple[Item, ...]
    next: str | None


class Person(Struct, frozen=True):
    """A mailbox of a mail: the display name as written, cleaned, and the address."""

    name: str | None
    address: str


def listing(page: Page[Value], shape: Callable[[Value], Item]) -> Listing[Item]:
    """A page in the shape of the API."""
    return Listing(tuple(map(shape, page.items)), page.next)
