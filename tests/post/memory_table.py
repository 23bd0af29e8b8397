"""DynamoDB in memory, as far as sending needs it: for thousands of answers, where moto copies the table for each write.

Items are as DynamoDB's JSON. Conditions and updates are those that PynamoDB writes: comparisons, `attribute_exists`,
`attribute_not_exists`, `begins_with`, BETWEEN, AND, OR, NOT; SET (also a sum), REMOVE, ADD of a number. Anything else
raises, so that nothing passes by not being understood. Not for threads that run at once.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, dict[str, Any]]
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TOKEN = re.compile(r"\s*(#\w+|:\w+|\w+|<>|<=|>=|[=<>(),+-])")


class MemoryTable:
    """One table. `call` answers an operation as botocore does."""

    def __init__(self, items: Mapping[tuple[str, str], Item]) -> None:
        self.partitions: dict[str, dict[str, Item]] = {}
        for (pk, sk), item in items.items():
            self.partitions.setdefault(pk, {})[sk] = {**item, "pk": {"S": pk}, "sk": {"S": sk}}

    def items(self) -> list[Item]:
        """Every item."""
        return [item for partition in self.partitions.values() for item in partition.values()]

    def call(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """One operation."""
        match operation:
            case "GetItem":
                found = self._get(asked["Key"])
                return {"Item": found} if found else {}
            case "BatchGetItem":
                ((table, told),) = asked["RequestItems"].items()
                rows = [found for key in told["Keys"] if (found := self._get(key))]
                return {"Responses": {table: rows}, "UnprocessedKeys": {}}
            case "Query":
                return self._query(asked)
            case "UpdateItem":
                return {"Attributes": self._write({"Update": asked})}
            case "TransactWriteItems":
                return self._transact(asked["TransactItems"])
        raise NotImplementedError(operation)

    def _get(self, key: Mapping[str, Any]) -> Item | None:
        return self.partitions.get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def _query(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        assert "IndexName" not in asked, "only the table's own order"
        names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
        (of,) = re.findall(r"(#\w+) = (:\w+)", asked["KeyConditionExpression"])
        assert names[of[0]] == "pk"
        partition = self.partitions.get(values[of[1]]["S"], {})
        rows = [
            partition[sk]
            for sk in sorted(partition, reverse=asked.get("ScanIndexForward") is False)
            if holds(asked["KeyConditionExpression"], names, values, partition[sk])
        ]
        taken = rows[: asked.get("Limit", len(rows))]
        more = {"LastEvaluatedKey": {k: taken[-1][k] for k in ("pk", "sk")}} if len(taken) < len(rows) else {}
        wanted = asked.get("FilterExpression")  # what is left out counts for the limit, as in DynamoDB
        kept = [each for each in taken if wanted is None or holds(wanted, names, values, each)]
        return {"Items": kept, "Count": len(kept), "ScannedCount": len(taken), **more}

    def _transact(self, actions: list[dict[str, Any]]) -> dict[str, Any]:
        met = [self._condition_holds(action) for action in actions]
        if not all(met):
            reasons = [{"Code": "None" if each else "ConditionalCheckFailed", "Message": ""} for each in met]
            said = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
            raise ClientError(said, "TransactWriteItems")
        for action in actions:
            if "ConditionCheck" not in action:
                self._write(action)
        return {}

    def _condition_holds(self, action: Mapping[str, Any]) -> bool:
        ((_, told),) = action.items()
        item = self._get(told.get("Key") or told["Item"]) or {}
        condition = told.get("ConditionExpression")
        names, values = told.get("ExpressionAttributeNames", {}), told.get("ExpressionAttributeValues", {})
        return condition is None or holds(condition, names, values, item)

    def _write(self, action: Mapping[str, Any]) -> Item:
        ((kind, told),) = action.items()
        if not self._condition_holds(action):
            said = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
            raise ClientError(said, "UpdateItem")
        key = told.get("Key") or told["Item"]
        partition = self.partitions.setdefault(key["pk"]["S"], {})
        if kind == "Put":
            after = dict(told["Item"])
        else:
            assert kind == "Update", kind
            before = self._get(key) or {name: key[name] for name in ("pk", "sk")}
            names, values = told["ExpressionAttributeNames"], told.get("ExpressionAttributeValues", {})
            after = updated(told["UpdateExpression"], names, values, before)
        partition[key["sk"]["S"]] = after
        return after


def holds(text: str, names: Mapping[str, str], values: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether a condition holds for an item."""
    return _Condition(text, names, values, item).read()


def updated(text: str, names: Mapping[str, str], values: Mapping[str, Any], item: Mapping[str, Any]) -> Item:
    """The item after an update expression."""
    after = dict(item)
    parts = re.split(r"\b(SET|REMOVE|ADD|DELETE)\b", text)[1:]
    for kind, clause in zip(parts[::2], parts[1::2], strict=True):
        for each in clause.split(","):
            tokens = TOKEN.findall(each)
            name = names[tokens[0]]
            if kind == "REMOVE" and len(tokens) == 1:
                after.pop(name, None)
            elif kind == "SET" and len(tokens) == 3:
                after[name] = values[tokens[2]]
            elif kind == "SET" and len(tokens) == 5 and tokens[3] == "+":
                after[name] = _sum(item[names[tokens[2]]], values[tokens[4]])
            elif kind == "ADD" and len(tokens) == 2:
                after[name] = _sum(item.get(name, {"N": "0"}), values[tokens[1]])
            else:
                raise NotImplementedError(text)
    return after


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, str]:
    return {"N": str(Decimal(one["N"]) + Decimal(other["N"]))}


class _Condition:
    """A reader of one condition, by recursive descent."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any], item: Mapping[str, Any]) -> None:
        self._tokens = TOKEN.findall(text)
        self._names, self._values, self._item, self._at = names, values, item, 0

    def read(self) -> bool:
        found = self._or()
        if self._at != len(self._tokens):
            raise NotImplementedError(" ".join(self._tokens))
        return found

    def _next(self) -> str:
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _sees(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == word:
            self._at += 1
            return True
        return False

    def _or(self) -> bool:
        found = self._and()
        while self._sees("OR"):
            found = self._and() or found
        return found

    def _and(self) -> bool:
        found = self._single()
        while self._sees("AND"):
            found = self._single() and found
        return found

    def _single(self) -> bool:
        if self._sees("NOT"):
            return not self._single()
        if self._sees("("):
            found = self._or()
            assert self._sees(")")
            return found
        word = self._next()
        if word in ("attribute_exists", "attribute_not_exists", "begins_with"):
            return self._function(word)
        left, how = self._operand(word), self._next()
        if how == "IN":
            return left is not None and left in self._list()
        if how == "BETWEEN":
            low, _, high = self._operand(self._next()), self._next(), self._operand(self._next())
            return left is not None and low <= left <= high
        right = self._operand(self._next())
        return left is not None and right is not None and COMPARED[how](left, right)

    def _list(self) -> list[Any]:
        assert self._sees("(")
        found = [self._operand(self._next())]
        while self._sees(","):
            found.append(self._operand(self._next()))
        assert self._sees(")")
        return found

    def _function(self, word: str) -> bool:
        assert self._sees("(")
        left = self._operand(self._next())
        if word == "begins_with":
            assert self._sees(",")
            found = left is not None and str(left).startswith(str(self._operand(self._next())))
        else:
            found = (left is not None) == (word == "attribute_exists")
        assert self._sees(")")
        return found

    def _operand(self, token: str) -> Any:
        told = self._values[token] if token.startswith(":") else self._item.get(self._names[token])
        if told is None:
            return None
        ((kind, value),) = told.items()
        return Decimal(value) if kind == "N" else value
