"""The conventions of the API under a real race, through the packaged template: one key, one version, at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import urllib3

from tests.cloud.local import LocalCloud

pytestmark = pytest.mark.cloud
AT_ONCE = 6


def ask(local: LocalCloud, method: str, path: str, body: Any, **headers: str) -> urllib3.BaseHTTPResponse:
    sent = {"Authorization": f"Bearer {local.told['token']}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    http = urllib3.PoolManager(retries=False, timeout=60)
    return http.request(method, local.told["api_url"] + path, headers=sent, body=json.dumps(body))


def at_once(job: Callable[[], urllib3.BaseHTTPResponse]) -> list[urllib3.BaseHTTPResponse]:
    ready = Barrier(AT_ONCE)

    def run() -> urllib3.BaseHTTPResponse:
        ready.wait()
        return job()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return [each.result() for each in [threads.submit(run) for _ in range(AT_ONCE)]]


def test_one_key_makes_one_inbox_however_many_ask_at_once(local: LocalCloud) -> None:
    before = {each["id"] for each in local.get("/inboxes?limit=100")["items"]}
    replies = at_once(lambda: ask(local, "POST", "/inboxes", {"name": "Raced"}, idempotency_key="raced-1"))
    # A transaction that meets another one in flight is worth a retry (503); with the same key it is safe.
    assert set(Counter(each.status for each in replies)) <= {201, 503}
    again = ask(local, "POST", "/inboxes", {"name": "Raced"}, idempotency_key="raced-1")
    assert again.status == 201, again.data
    made = {each["id"] for each in local.get("/inboxes?limit=100")["items"]} - before
    assert made == {json.loads(again.data)["id"]}
    assert {json.loads(each.data)["id"] for each in replies if each.status == 201} <= made
    assert len(local.get(f"/inboxes/{made.pop()}/channels")["items"]) == 1
    other = ask(local, "POST", "/inboxes", {"name": "Another"}, idempotency_key="raced-1")
    assert (other.status, json.loads(other.data)["code"]) == (409, "idempotency_key_reused")


def test_of_saves_of_one_setting_at_once_one_wins_and_the_others_are_told(local: LocalCloud) -> None:
    inbox = json.loads(ask(local, "POST", "/inboxes", {"name": "Saved at once"}).data)
    read = urllib3.request(
        "GET",
        f"{local.told['api_url']}/inboxes/{inbox['id']}",
        headers={"Authorization": f"Bearer {local.told['token']}"},
    )
    names = iter([f"Name {number}" for number in range(AT_ONCE)])
    replies = at_once(
        lambda: ask(local, "PATCH", f"/inboxes/{inbox['id']}", {"name": next(names)}, if_match=read.headers["ETag"])
    )
    assert Counter(each.status for each in replies) == {200: 1, 412: AT_ONCE - 1}
    (won,) = [json.loads(each.data)["name"] for each in replies if each.status == 200]
    assert local.get(f"/inboxes/{inbox['id']}")["name"] == won
    noted = local.get(f"/audit?subject_id={inbox['id']}&action=inbox.changed")["items"]
    assert [each["after"]["name"] for each in noted] == [won]
