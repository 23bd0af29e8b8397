"""The table's stream as Lambda hands it to `publish_changes`: the rows of a table on moto, before and after."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.storage import aws
from chalicelib.storage.stream import KINDS
from tests.post.office import Office


class Stream:
    """Takes what was written since it was last asked, as one batch."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, Any]] = table()
        self._number = 0

    def take(self) -> list[dict[str, Any]]:
        """The records of all that changed since: one for each row, from what it was to what it is."""
        now, records = table(), []
        for key in sorted({*self._seen, *now}):
            old, new = self._seen.get(key), now.get(key)
            if old != new:
                self._number += 1
                records.append(record(self._number, key, old, new))
        self._seen = now
        return records


def table() -> dict[tuple[str, str], dict[str, Any]]:
    """Every row of the table, as DynamoDB's JSON."""
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=os.environ["TABLE_NAME"])
    return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}


def record(number: int, key: tuple[str, str], old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """One record, as "DynamoDB Streams record" in the AWS Lambda developer guide shows it: bytes in base 64."""
    told: dict[str, Any] = {
        "ApproximateCreationDateTime": 1772438400 + number,
        "Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}},
        "SequenceNumber": f"{number:021d}",
        "SizeBytes": 100,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    for name, image in (("OldImage", old), ("NewImage", new)):
        if image is not None:
            told[name] = {attribute: _as_json(value) for attribute, value in image.items()}
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    return {"eventID": f"event{number}", "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": told}


def _as_json(value: dict[str, Any]) -> dict[str, Any]:
    if "B" in value:
        return {"B": base64.b64encode(value["B"]).decode()}
    return {kind: sorted(told) if kind == "SS" else told for kind, told in value.items()}


def is_wanted(told: dict[str, Any]) -> bool:
    """What the event source's filter lets through."""
    return told["dynamodb"].get("NewImage", {}).get("kind", {}).get("S") in KINDS


def publish(office: Office, records: list[dict[str, Any]]) -> list[str]:
    """The function gets these records as one batch; the positions that it says failed."""
    wanted = [each for each in records if is_wanted(each)]
    if not wanted:
        return []
    answer = office.client.lambda_.invoke("publish_changes", {"Records": wanted}).payload
    return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]


class Listener:
    """Remembers what the bus was given, which moto takes and hands to nobody."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._heard: list[dict[str, Any]] = []
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
            answer = real(client, operation, arguments)
            if operation == "PutEvents":
                assert len(arguments["Entries"]) <= 10
                taken = zip(arguments["Entries"], answer["Entries"], strict=True)
                self._heard += [entry for entry, told in taken if "EventId" in told]
            return answer

        patched.setattr(BaseClient, "_make_api_call", call)

    def take(self) -> list[dict[str, Any]]:
        """What was heard since it was last asked: type and detail, the latter read."""
        heard, self._heard = self._heard, []
        assert all(each["EventBusName"] == os.environ["EVENT_BUS"] for each in heard)
        assert all(each["Source"] == "postfach" for each in heard)
        return [{"type": each["DetailType"], **json.loads(each["Detail"])} for each in heard]
