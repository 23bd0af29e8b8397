"""Pages of lists: full, without gaps and repeats, bounded in requests; cursors hold for their own list alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pynamodb.connection.base import Connection

from chalicelib.errors import InvalidInput
from chalicelib.model.page import Page
from chalicelib.storage import table
from chalicelib.storage.table import BY_LIST, MAX_REQUESTS, TABLE, WIDE_PAGE, page
from chalicelib.storage.tables import ClaimRow, Row
from tests.conftest import running_cloud

SIZES = {"2026": 7, "2025": 0, "2024": 5, "2023": 1}

LONG = 260  # rows: more than a wide page
MANY = [f"many{number:02d}" for number in range(50)]  # lists of two rows each


@pytest.fixture(scope="module")
def filled() -> Iterator[None]:
    """Lists of some years, one long list, each row in the table and in an index."""
    with running_cloud():
        with ClaimRow.batch_write() as batch:
            for partition, size in {**SIZES, "long": LONG, **dict.fromkeys(MANY, 2)}.items():
                for number in range(size):
                    key = f"{number:05d}"
                    batch.save(ClaimRow(partition, key, list_pk=f"L{partition}", list_sk=key, delivery_id="dlv_a"))
        yield


def walk(
    order: table.Index, partitions: list[str], limit: int, newest_first: bool, shown: Callable[[Row], bool]
) -> tuple[list[str], list[int]]:
    """All items of a list, page by page, and the sizes of the pages."""
    found: list[str] = []
    sizes: list[int] = []
    cursor = None
    while True:
        one: Page[str] = page(
            order,
            partitions,
            limit=limit,
            cursor=cursor,
            newest_first=newest_first,
            read=lambda row: f"{row.pk}/{row.sk}" if shown(row) else None,
        )
        found += one.items
        sizes.append(len(one.items))
        if one.next is None:
            return found, sizes
        cursor = one.next


@pytest.mark.parametrize("order", [TABLE, BY_LIST], ids=["table", "index"])
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 12, 13, 100])
def test_pages_are_full_and_lists_are_whole(filled: None, order: table.Index, newest_first: bool, limit: int) -> None:
    names = list(SIZES) if newest_first else list(SIZES)[::-1]
    expected = [f"{name}/{number:05d}" for name in names for number in sorted(range(SIZES[name]), reverse=newest_first)]
    partitions = names if order is TABLE else [f"L{name}" for name in names]
    found, sizes = walk(order, partitions, limit, newest_first, lambda row: True)
    assert found == expected
    assert all(size == limit for size in sizes[:-1])
    assert len(sizes) == -(-len(expected) // limit)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_hidden_is_left_out_and_nothing_else(filled: None, seed: int) -> None:
    chance = random.Random(seed)
    visible = {f"{number:05d}" for number in range(LONG) if chance.random() < chance.choice((0.02, 0.3, 0.9))}
    limit = chance.choice((9, 25, 60))
    found, sizes = walk(TABLE, ["long"], limit, True, lambda row: row.sk in visible)
    assert found == [f"long/{each}" for each in sorted(visible, reverse=True)]
    assert all(size == limit for size in sizes[:-1])


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The limits of the queries that are made from now on."""
    limits: list[int] = []
    query = Connection.query

    def counting(self: Connection, *args: Any, **options: Any) -> object:
        limits.append(options["limit"])
        return query(self, *args, **options)

    monkeypatch.setattr(Connection, "query", counting)
    return limits


def test_a_page_is_one_request_of_one_row_more_than_it_shows(filled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = counted(monkeypatch)
    first = page(BY_LIST, ["Llong"], limit=25, cursor=None, read=lambda row: row.sk)
    page(BY_LIST, ["Llong"], limit=25, cursor=first.next, read=lambda row: row.sk)
    assert limits == [26, 26]


def test_a_list_that_is_hidden_does_not_hold_a_request_for_ever(filled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = counted(monkeypatch)
    found: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        one: Page[str] = page(
            TABLE,
            MANY,
            limit=5,
            cursor=cursor,
            newest_first=False,
            read=lambda row: row.pk if row.key == (MANY[-1], "00001") else None,
        )
        found, cursor, pages = [*found, *one.items], one.next, pages + 1
    assert found == [MANY[-1]]
    assert pages == -(-len(MANY) // MAX_REQUESTS)
    assert max(limits) == WIDE_PAGE


@pytest.mark.parametrize("cursor", ["", "x", "bm9uZQ", "W10", "WyJhIix7fV0", "ä", "=" * 9])
def test_any_other_cursor_is_refused(filled: None, cursor: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        page(BY_LIST, ["Llong"], limit=5, cursor=cursor, read=lambda row: row.sk)
    assert raised.value.pointer == "/cursor"


def test_a_cursor_of_another_list_or_order_is_refused(filled: None) -> None:
    cursor = page(BY_LIST, ["Llong"], limit=5, cursor=None, read=lambda row: row.sk).next
    for order, partition in ((BY_LIST, "L2026"), (TABLE, "long"), (TABLE, "Llong")):
        with pytest.raises(InvalidInput):
            page(order, [partition], limit=5, cursor=cursor, read=lambda row: row.sk)
