"""DynamoDB's one table in memory, for many items: moto's calls take as long as its table has items.

It keeps what it is given, evaluates the conditions and updates that PynamoDB writes, has the three indexes, pages by
`Limit` and by the megabyte, and counts requests and units by AWS's rules (`meter.py`). An operation or expression that
it does not know fails: it never answers by guessing.
"""

from __future__ import annotations

import pickle
import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.post.meter import INDEXES, item_size, read_units, write_units

MEGABYTE = 1024 * 1024
_SET = re.compile(r"(#\d+) = (:\d+|#\d+ [+-] :\d+)")
_PAIR = re.compile(r"(#\d+) (:\d+)")
_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD)\b (.*?)(?= (?:SET|REMOVE|ADD)\b|$)")
_TOKEN = re.compile(r"attribute_(?:not_)?exists \(#\d+\)|#\d+ (?:=|<|<=|>|>=) :\d+|AND|OR|[()]")


class BigTable:
    """The table. `calls` by operation; `written` and `read` in units."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], bytes] = {}
        self.lists: dict[str, dict[str, list[tuple[str, str, str]]]] = {name: {} for name in INDEXES}
        self.calls: Counter[str] = Counter()
        self.written = self.read = 0.0

    def take(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """One call."""
        self.calls[operation] += 1
        answer: dict[str, Any] = getattr(self, "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(asked)
        return answer

    def get(self, key: tuple[str, str]) -> dict[str, Any] | None:
        """An item."""
        found = self.items.get(key)
        return pickle.loads(found) if found is not None else None

    def put(self, item: dict[str, Any]) -> None:
        """Keep an item, without counting."""
        self._replace((item["pk"]["S"], item["sk"]["S"]), item)

    # --- Reads

    def _get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self.get(_key(asked["Key"]))
        self.read += read_units(item_size(found or {}), consistent=asked.get("ConsistentRead") is True)
        return {"Item": found} if found is not None else {}

    def _batch_get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        ((name, wanted),) = asked["RequestItems"].items()
        assert len(wanted["Keys"]) <= 100
        found = [self.get(_key(each)) for each in wanted["Keys"]]
        consistent = wanted.get("ConsistentRead") is True
        self.read += sum(read_units(item_size(each or {}), consistent=consistent) for each in found)
        return {"Responses": {name: [each for each in found if each is not None]}, "UnprocessedKeys": {}}

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        _, values = _names(asked)
        conditions = asked["KeyConditionExpression"].strip("()").split(" AND ")
        partition = values[conditions[0].split(" = ")[1].strip("() ")]["S"]
        index = asked.get("IndexName", "").removeprefix("by_")
        entries = self.lists[index].get(partition, []) if index else self._partition(partition)
        low, high = 0, len(entries)
        for each in conditions[1:]:
            less, starts = re.match(r"\(?#\d+ < (:\d+)", each), re.match(r"begins_with \(#\d+, (:\d+)\)?", each)
            assert less or starts, each
            if less:
                high = bisect_left(entries, (values[less[1]]["S"],))
            elif starts:
                low, high = _prefix(entries, values[starts[1]]["S"])
        return self._page(entries[low:high], asked, index)

    def _page(self, entries: list[tuple[str, str, str]], asked: dict[str, Any], index: str) -> dict[str, Any]:
        backwards, start = asked.get("ScanIndexForward") is False, asked.get("ExclusiveStartKey")
        if start:
            after = (start[f"{index}_sk" if index else "sk"]["S"], *_key(start))
            entries = entries[: bisect_left(entries, after)] if backwards else entries[bisect_right(entries, after) :]
        entries = entries[::-1] if backwards else entries
        found: list[dict[str, Any]] = []
        size = 0
        for _, pk, sk in entries:
            if len(found) == asked.get("Limit") or size > MEGABYTE:
                break
            item = self.get((pk, sk))
            assert item is not None
            found.append(item)
            size += item_size(item)
        self.read += read_units(size, consistent=asked.get("ConsistentRead") is True)
        told: dict[str, Any] = {"Items": found, "Count": len(found), "ScannedCount": len(found)}
        if (found and len(found) == asked.get("Limit")) or len(found) < len(entries):
            last = found[-1]
            wanted = ("pk", "sk", *((f"{index}_pk", f"{index}_sk") if index else ()))
            told["LastEvaluatedKey"] = {name: last[name] for name in wanted}
        return told

    def _partition(self, pk: str) -> list[tuple[str, str, str]]:
        return sorted((sk, found, sk) for found, sk in self.items if found == pk)

    # --- Writes

    def _put_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._write([("Put", asked)], in_transaction=False)
        return {}

    def _update_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._write([("Update", asked)], in_transaction=False)
        return {"Attributes": self.get(_key(asked["Key"]))}

    def _transact_write_items(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert len(asked["TransactItems"]) <= 100
        self._write([next(iter(each.items())) for each in asked["TransactItems"]], in_transaction=True)
        return {}

    def _write(self, actions: list[tuple[str, dict[str, Any]]], *, in_transaction: bool) -> None:
        new: list[tuple[tuple[str, str], dict[str, Any] | None, dict[str, Any] | None]] = []
        held = []
        for kind, told in actions:
            key = _key(told.get("Key") or told["Item"])
            before = self.get(key)
            held.append(_holds(told.get("ConditionExpression"), told, before or {}))
            after = told["Item"] if kind == "Put" else _updated(before, told) if kind == "Update" else before
            new.append((key, before, None if kind == "Delete" else after))
        self.written += sum(write_units(before, after, in_transaction=in_transaction) for _, before, after in new)
        if not all(held):
            raise _refused(in_transaction, held)
        assert len({key for key, _, _ in new}) == len(new)
        for (kind, _), (key, _, after) in zip(actions, new, strict=True):
            if kind != "ConditionCheck":
                self._replace(key, after)

    def _replace(self, key: tuple[str, str], item: dict[str, Any] | None) -> None:
        before = self.get(key)
        for index in INDEXES:
            old, new = _place(before, index), _place(item, index)
            if old == new:
                continue
            if old is not None:
                self.lists[index][old[0]].remove((old[1], *key))
            if new is not None:
                insort(self.lists[index].setdefault(new[0], []), (new[1], *key))
        if item is None:
            self.items.pop(key, None)
        else:
            self.items[key] = pickle.dumps(item)


def _key(told: dict[str, Any]) -> tuple[str, str]:
    return told["pk"]["S"], told["sk"]["S"]


def _place(item: dict[str, Any] | None, index: str) -> tuple[str, str] | None:
    if item is None or f"{index}_pk" not in item or f"{index}_sk" not in item:
        return None
    return item[f"{index}_pk"]["S"], item[f"{index}_sk"]["S"]


def _prefix(entries: list[tuple[str, str, str]], prefix: str) -> tuple[int, int]:
    return bisect_left(entries, (prefix,)), bisect_left(entries, (prefix + "\U0010ffff",))


def _names(told: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    return told.get("ExpressionAttributeNames", {}), told.get("ExpressionAttributeValues", {})


def _updated(before: dict[str, Any] | None, told: dict[str, Any]) -> dict[str, Any]:
    names, values = _names(told)
    item = dict(before or told["Key"])
    for clause, body in _CLAUSE.findall(told["UpdateExpression"]):
        if clause == "REMOVE":
            for each in body.split(", "):
                item.pop(names[each], None)
        elif clause == "ADD":
            for name, value in _PAIR.findall(body):
                item[names[name]] = {"N": str(_number(item.get(names[name])) + _number(values[value]))}
        else:
            found = _SET.findall(body)
            assert ", ".join(f"{name} = {value}" for name, value in found) == body, body
            for name, value in found:
                item[names[name]] = values[value]  # arithmetic would be a KeyError: nothing here needs it
    return item


def _number(value: Any) -> int:
    return int(value["N"]) if value else 0


def _holds(expression: str | None, told: dict[str, Any], item: dict[str, Any]) -> bool:
    if not expression:
        return True
    names, values = _names(told)
    python = []
    tokens = _TOKEN.findall(expression)
    assert "".join(tokens).replace(" ", "") == expression.replace(" ", ""), expression
    for token in tokens:
        if token in ("AND", "OR", "(", ")"):
            python.append(token.lower())
        elif token.startswith("attribute"):
            there = names[re.findall(r"#\d+", token)[0]] in item
            python.append(str(there is not token.startswith("attribute_not")))
        else:
            name, how, value = token.split()
            has, wants = item.get(names[name]), values[value]
            python.append(str(has is not None and _compare(has, how, wants)))
    return bool(eval(" ".join(python), {"__builtins__": {}}))  # True, False, and, or, brackets


def _compare(has: Any, how: str, wants: Any) -> bool:
    ((kind, one),), ((_, other),) = has.items(), wants.items()
    first, second = (float(one), float(other)) if kind == "N" else (one, other)
    return bool(
        {"=": first == second, "<": first < second, "<=": first <= second, ">": first > second}.get(
            how, first >= second
        )
    )


def _refused(in_transaction: bool, held: list[bool]) -> ClientError:
    code = "TransactionCanceledException" if in_transaction else "ConditionalCheckFailedException"
    reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in held]
    told: Any = {"Error": {"Code": code, "Message": "refused"}, "CancellationReasons": reasons}
    return ClientError(told, "a write")


@contextmanager
def big_table(made: Any) -> Iterator[None]:
    """Answer DynamoDB's calls with `made.take` meanwhile; other services go where they went before."""
    real = BaseClient._make_api_call

    def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if client.meta.service_model.service_name == "dynamodb":
            return made.take(operation, arguments)
        return real(client, operation, arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield
