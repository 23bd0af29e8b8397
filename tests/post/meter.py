"""What calls to AWS cost: requests by operation, and DynamoDB's request units computed from the items themselves.

Emulators do not charge as AWS does, so units follow AWS's published rules ("Read and write operations" and "Managing
complex workflows with DynamoDB transactions" in the DynamoDB developer guide):
- a write costs a unit for each KB begun of the larger of the item before and after, twice that in a transaction;
- each index that holds the item costs a unit for each KB begun, two writes (a deletion and an insertion) when its keys
  change, none when nothing it projects changes; indexes follow a transaction, so they are not charged twice;
- a read costs half a unit for each 4 KB begun, a whole one if consistent; what is absent counts as the smallest item; a
  query counts the sum of its items.
An item's size is the sum of its names and values ("DynamoDB item sizes and formats").
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import pytest
from botocore.client import BaseClient

Item = Mapping[str, Mapping[str, Any]]
INDEXES = ("list", "person", "contact")  # each by `<name>_pk`, `<name>_sk`, projecting everything
WRITES = ("TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem")
DYNAMODB = {*WRITES, "BatchGetItem", "GetItem", "Query"}


@dataclass
class Bill:
    """What was called, and the units it took."""

    calls: Counter[str] = field(default_factory=Counter)
    written: float = 0.0
    read: float = 0.0

    @property
    def dynamodb(self) -> int:
        """Requests to DynamoDB."""
        return sum(count for operation, count in self.calls.items() if operation in DYNAMODB)

    @property
    def s3_gets(self) -> int:
        """Objects fetched from S3."""
        return self.calls["GetObject"]

    @property
    def s3_puts(self) -> int:
        """Objects stored in S3."""
        return self.calls["PutObject"]


def value_size(value: Mapping[str, Any]) -> int:
    """Bytes of one value, in DynamoDB's JSON."""
    ((kind, told),) = value.items()
    if kind == "S":
        return len(told.encode())
    if kind == "B":
        return len(told)
    if kind == "N":
        return ceil(len(told.strip("-").replace(".", "").strip("0") or "0") / 2) + 1 + bool(told.startswith("-"))
    if kind == "SS":
        return sum(len(each.encode()) for each in told)
    if kind in ("BOOL", "NULL"):
        return 1
    raise ValueError(f"no item of Postfach holds a {kind}")


def item_size(item: Item) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def write_units(before: Item | None, after: Item | None, *, in_transaction: bool) -> int:
    """Units of one write to the table, and of what follows in its indexes."""
    kilobytes = ceil(max(item_size(before or {}), item_size(after or {}), 1) / 1024)
    units = kilobytes * (2 if in_transaction else 1)
    for index in INDEXES:
        keys = [f"{index}_pk", f"{index}_sk"]
        was = [before[key] for key in keys] if before and all(key in before for key in keys) else None
        now = [after[key] for key in keys] if after and all(key in after for key in keys) else None
        if was is not None and was != now and before is not None:
            units += ceil(item_size(before) / 1024)
        if now is not None and after is not None and (was != now or before != after):
            units += ceil(item_size(after) / 1024)
    return units


def read_units(size: int, *, consistent: bool) -> float:
    """Units of reading `size` bytes at once."""
    return max(ceil(size / 4096), 1) * (1.0 if consistent else 0.5)


@contextmanager
def metered() -> Iterator[Bill]:
    """Count what is called meanwhile. The meter's own reads are not counted."""
    bill, real = Bill(), BaseClient._make_api_call

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if client.meta.service_model.service_name != "dynamodb":
            bill.calls[operation] += 1
            return real(client, operation, arguments)
        keys = _written_keys(operation, arguments)
        before = [_look(client, real, key) for key in keys]
        bill.calls[operation] += 1
        try:
            answer = real(client, operation, arguments)
        finally:  # a write whose condition fails is charged, too
            for key, old in zip(keys, before, strict=True):
                new = _look(client, real, key)
                bill.written += write_units(old, new, in_transaction=operation == "TransactWriteItems")
        bill.read += _reading(operation, arguments, answer)
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield bill


def _look(client: BaseClient, real: Any, key: Item) -> Item | None:
    found: Item | None = real(
        client, "GetItem", {"TableName": os.environ["TABLE_NAME"], "Key": key, "ConsistentRead": True}
    ).get("Item")
    return found


def _written_keys(operation: str, arguments: Mapping[str, Any]) -> list[Item]:
    if operation not in WRITES:
        return []
    actions = arguments.get("TransactItems") or [{operation: arguments}]
    keys: list[Item] = []
    for action in actions:
        ((_, told),) = action.items()
        place = told.get("Key") or told["Item"]
        keys.append({name: place[name] for name in ("pk", "sk")})
    return keys


def _reading(operation: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    if operation == "BatchGetItem":
        ((table, asked),) = arguments["RequestItems"].items()
        found = answer["Responses"].get(table, [])
        consistent = asked.get("ConsistentRead") is True
        absent = len(asked["Keys"]) - len(found)
        sizes = [item_size(item) for item in found] + [0] * absent
        return sum(read_units(size, consistent=consistent) for size in sizes)
    if operation == "GetItem":
        return read_units(item_size(answer.get("Item", {})), consistent=arguments.get("ConsistentRead") is True)
    if operation == "Query":
        size = sum(item_size(item) for item in answer["Items"])
        return read_units(size, consistent=arguments.get("ConsistentRead") is True)
    return 0.0
